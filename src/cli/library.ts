/**
 * What other programs import (`import { check } from 'tandem-lb'`): configurations read and judged, as `tandem check` does, but
 * as values. Its types are complete in themselves, so that nothing else of the package is a promise.
 *
 * Not here: running anything. That is what the programs are for.
 */
import type { Model } from '../config/model.ts';
import type { PreflightOutcome } from '../daemon/preflight.ts';
import { loadWhole } from './configuration.ts';

/** Something that is wrong with a configuration, or worth knowing. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'notice';
  /** Stable, for programs: `unknown-keyword`. */
  readonly code: string;
  readonly file: string;
  /** From 1, as are columns; 0: the whole of it. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
}

export interface Verdict {
  /** No error is among the findings. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Names of the proxies that would run: frontends, backends, listeners. */
  readonly proxies: readonly string[];
  /** Names of the virtual routers. */
  readonly instances: readonly string[];
  /** Names of the virtual servers, as keepalived says them: `[192.0.2.1]:tcp:80`. */
  readonly virtualServers: readonly string[];
}

export interface CheckOptions {
  /** Look up users, groups and names of servers on this machine, too, as a start would. Default: no. */
  readonly here?: boolean;
}

/** A configuration that is no file yet. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * Files, or texts, of haproxy.cfg and keepalived.conf, in any mixture: which one is which is told by what is in it. Folders mean
 * their `*.cfg` files. Never rejects because of what is in them.
 */
export async function check(sources: readonly (string | NamedText)[], options: CheckOptions = {}): Promise<Verdict> {
  const paths = sources.filter((source) => typeof source === 'string');
  const texts = sources.filter((source) => typeof source !== 'string');
  const { model, pair, problems } = loadWhole(paths, texts);
  const here = model !== null && options.here ? await lookHere(model) : null;
  const more = here === null || here.ok ? [] : here.problems;
  const message = here === null || here.ok ? null : here.message;
  const findings: Finding[] = [...problems, ...more].map((problem) => ({ ...problem }));
  if (message !== null) findings.push({ severity: 'error', code: 'preflight', file: '', line: 0, column: 0, message });
  return {
    ok: findings.every(({ severity }) => severity !== 'error'),
    findings,
    proxies: model?.proxies.map(({ name }) => name) ?? [],
    instances: pair?.instances.map(({ name }) => name) ?? [],
    virtualServers: pair?.virtualServers.map(({ name }) => name) ?? [],
  };
}

/** Loaded when it is wanted: it is what needs the C library. */
async function lookHere(model: Model): Promise<PreflightOutcome> {
  const { preflight } = await import('../daemon/preflight.ts');
  return preflight(model, false);
}
