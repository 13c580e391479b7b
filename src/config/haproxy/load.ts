/**
 * The front end for haproxy.cfg: files in, a model out, and everything that is wrong with them.
 *
 *   files ─▶ reader.ts (lines, conditions) ─▶ sections.ts ─▶ keyword families ─▶ drafts ─▶ proxy-checks.ts ─▶ build.ts
 *
 * Pure but for `context.readFile`, which error files are read with. Not here: reading the configuration (../files.ts).
 */
import type { Problem } from '../../core/problem.ts';
import type { Model } from '../model.ts';
import { buildModel } from './build.ts';
import { type Loading, newGlobal } from './drafts.ts';
import { importErrorFiles } from './error-sections.ts';
import { checkExternalCheck } from './external-check.ts';
import { HAPROXY_ENABLED, HAPROXY_FEATURES, HAPROXY_VERSION } from './identity.ts';
import { type Outline, outlineOf } from './outline.ts';
import { checkProxies } from './proxy-checks.ts';
import { readFile, type SourceFile } from './reader.ts';
import { checkSampleNames } from './sample-statement.ts';
import type { Environment } from './tokenizer.ts';
import { checkTracking } from './tracking.ts';
import { checkLogging } from './traffic-logging.ts';

export interface LoadContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For files that the configuration names; throws when it cannot. */
  readonly readFile: (path: string) => Buffer;
  /** What `version_atleast()` compares with. Default: the version that is followed. */
  readonly version?: string;
  /** What `feature()` looks in. */
  readonly features?: string;
  /** `${HAPROXY_LOCALPEER}`; not set when absent. */
  readonly hostname?: string;
  /** Report `.diag` lines too. */
  readonly diagnostics?: boolean;
  /** Say which lines each proxy consists of. */
  readonly explains?: boolean;
}

export interface LoadResult {
  /** null if and only if there is an error among the problems. */
  readonly model: Model | null;
  /** Of the model's proxies, in its order; none if nobody asked. */
  readonly outlines: readonly Outline[];
  /** In the order of the files and their lines. */
  readonly problems: readonly Problem[];
}

export function loadHaproxyConfig(files: readonly SourceFile[], context: LoadContext): LoadResult {
  const problems: Problem[] = [];
  const env = startEnvironment(files, context);
  const loading: Loading = {
    env,
    readFile: context.readFile,
    global: newGlobal(),
    proxies: [],
    defaults: [],
    samples: [],
    errorSections: [],
  };
  const version = context.version ?? HAPROXY_VERSION;
  const features = context.features ?? HAPROXY_FEATURES;
  const facts = { env, version, features, enabled: HAPROXY_ENABLED };
  const options = { facts, diagnostics: context.diagnostics ?? false };
  for (const file of files) readFile(file, loading, options, problems);
  for (const proxy of loading.proxies) importErrorFiles(proxy, loading.errorSections);
  checkProxies(loading.proxies);
  checkTracking(loading.proxies);
  for (const proxy of loading.proxies) if (!proxy.disabled) checkLogging(proxy, loading);
  checkSampleNames(loading.samples, loading.proxies);
  for (const proxy of loading.proxies) {
    if (!proxy.disabled) checkExternalCheck(proxy, loading.global.externalChecks);
  }
  sortProblems(problems, files);
  const failed = problems.some((problem) => problem.severity === 'error');
  const model = failed ? null : buildModel(loading.global, loading.proxies);
  return { model, outlines: context.explains === true ? loading.proxies.map(outlineOf) : [], problems };
}

/** A copy: `setenv` in a configuration must not reach the process. */
function startEnvironment(files: readonly SourceFile[], context: LoadContext): Environment {
  const env: Environment = { ...context.env };
  env['HAPROXY_CFGFILES'] = files.map((file) => file.name).join(';');
  if (context.hostname !== undefined) env['HAPROXY_LOCALPEER'] = context.hostname;
  return env;
}

function sortProblems(problems: Problem[], files: readonly SourceFile[]): void {
  const order = new Map(files.map((file, index) => [file.name, index]));
  const rank = (problem: Problem): number => order.get(problem.file) ?? files.length;
  problems.sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
