/**
 * What a configuration needs from this machine, beyond being well-formed: its users and groups, the names of its servers,
 * something to listen on. A check asks for it too, so that a file that passes will start.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Model } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';
import type { PrivilegesPlan } from '../proxy/plan.ts';
import { type AccountFiles, readAccountFiles } from './accounts.ts';
import { isFrontend, runningProxies } from './compile.ts';
import { defaultThreads } from './default-threads.ts';
import { ownerOf } from './listeners.ts';
import { type HostAddress, type Lookup, resolveNames, systemLookup } from './resolve.ts';
import { resolvePrivileges } from './run-as.ts';

export interface Preflight {
  readonly accounts: AccountFiles;
  readonly privileges: PrivilegesPlan;
  readonly addresses: ReadonlyMap<string, HostAddress>;
  readonly problems: readonly Problem[];
}

export type PreflightOutcome =
  | { readonly ok: true; readonly preflight: Preflight }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly message: string | null };

/** `tolerateUnknownHosts`: see resolve.ts. */
export async function preflight(
  model: Model,
  tolerateUnknownHosts: boolean,
  lookup: Lookup = systemLookup,
): Promise<PreflightOutcome> {
  const accounts = readAccountFiles();
  const runAs = resolvePrivileges(model.global, accounts);
  if (!runAs.ok) return { ok: false, problems: [], message: runAs.message };
  const { addresses, problems: unknownNames } = await resolveNames(model, lookup, tolerateUnknownHosts);
  const problems = [
    ...[...unknownNames, ...bindsWithoutThread(model, threadsOf(model))],
    ...[...unknownOwners(model, accounts), ...missingFolders(model)],
  ];
  if (problems.some(({ severity }) => severity === 'error')) return { ok: false, problems, message: null };
  return { ok: true, preflight: { accounts, privileges: runAs.privileges, addresses, problems } };
}

/** How many data threads it will have here. */
export function threadsOf(model: Model): number {
  return model.global.nbthread ?? defaultThreads();
}

function bindsWithoutThread(model: Model, threads: number): Problem[] {
  const problems: Problem[] = [];
  for (const { origin, threads: wanted } of runningProxies(model).flatMap((proxy) => proxy.binds)) {
    const first = wanted?.[0] ?? 1;
    if (first <= threads) continue;
    const message = `'thread ${first}': there ${threads === 1 ? 'is 1 thread' : `are ${threads} threads`}`;
    const { file, line } = origin;
    problems.push({ severity: 'error', code: 'no-thread', file, line, column: 1, message, hint: 'see nbthread' });
  }
  return problems;
}

/** Of stats sockets; those of other sockets are looked up when they are opened. */
function unknownOwners(model: Model, accounts: AccountFiles): Problem[] {
  const problems: Problem[] = [];
  for (const { bind } of model.global.stats.sockets) {
    const owner = ownerOf(bind, accounts);
    if (typeof owner !== 'string') continue;
    const { file, line } = bind.origin;
    problems.push({
      severity: 'error',
      code: 'unknown-account',
      file,
      line,
      column: 1,
      message: `stats socket: ${owner}`,
    });
  }
  return problems;
}

/** Of unix sockets. A service manager may make them before the start, so this is no error of the file. */
function missingFolders(model: Model): Problem[] {
  const binds = [
    ...model.global.stats.sockets.map(({ bind }) => bind),
    ...runningProxies(model).flatMap((p) => p.binds),
  ];
  return binds.flatMap(({ origin: { file, line }, addresses }) =>
    addresses.flatMap((address): Problem[] => {
      if (address.family !== 'unix' || address.path.startsWith('@')) return [];
      const folder = dirname(address.path);
      if (existsSync(folder)) return [];
      const message = `there is no folder ${folder} for this socket: it cannot be opened`;
      const hint = `mkdir -p ${folder}; in a unit RuntimeDirectory=`;
      return [{ severity: 'warning', code: 'no-folder', file, line, column: 1, message, hint }];
    }),
  );
}

/** A configuration that listens nowhere is fine to check, but there is nothing to run. */
export function listensAnywhere(model: Model): boolean {
  return runningProxies(model).some((proxy) => isFrontend(proxy) && proxy.binds.length > 0);
}

export const NO_LISTENER = "No enabled listener found (check for 'bind' directives) ! Exiting.";
