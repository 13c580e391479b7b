/** From `-f` to models: reads the files, tells the two syntaxes apart, loads them, keeps every problem. */
import { hostname } from 'node:os';
import { detectSyntax } from '../config/detect.ts';
import { type ConfigFile, listFolder, readConfigFiles, readFileBytes } from '../config/files.ts';
import { loadHaproxyConfig } from '../config/haproxy/load.ts';
import type { Outline } from '../config/haproxy/outline.ts';
import { loadKeepalivedConfig } from '../config/keepalived/load.ts';
import type { Model } from '../config/model.ts';
import type { PairModel } from '../config/pair-model.ts';
import { trackedNameProblems } from '../config/tracked-names.ts';
import type { Problem } from '../core/problem.ts';
import { systemRandom } from '../core/random.ts';
import { environment } from './environment.ts';

export interface Configuration {
  /** null: there is an error among the problems. */
  readonly model: Model | null;
  readonly problems: readonly Problem[];
  /** Of the model's proxies, in its order; none if nobody asked. */
  readonly outlines: readonly Outline[];
}

/** A haproxy.cfg, a keepalived.conf, or both. */
export interface WholeConfiguration extends Configuration {
  /** null: no keepalived.conf was given, or there is an error among the problems. */
  readonly pair: PairModel | null;
  /** A haproxy.cfg was given: without one, `model` has nothing in it. */
  readonly hasProxies: boolean;
}

export interface PairConfiguration {
  /** null: there is an error among the problems. */
  readonly pair: PairModel | null;
  readonly problems: readonly Problem[];
}

/** `-f` of tandem: each file is what it says it is. `texts`: more, which are no files. `explains`: with outlines. */
export function loadWhole(
  paths: readonly string[],
  texts: readonly ConfigFile[] = [],
  explains = false,
): WholeConfiguration {
  const { files: read, problems: unreadable } = readConfigFiles(paths);
  const files = [...read, ...texts];
  const kinds = files.map(({ name, text }) => detectSyntax(name, text));
  const haproxyFiles = files.filter((_, index) => kinds[index] === 'haproxy');
  const keepalivedFiles = files.filter((_, index) => kinds[index] === 'keepalived');
  const proxies = load(haproxyFiles, null, false, explains);
  const pair = keepalivedFiles.length === 0 ? { pair: null, problems: [] } : loadPair(keepalivedFiles, null, false);
  const hasProxies = haproxyFiles.length > 0;
  // What cannot be read cannot be held against anything.
  const comparable = proxies.model !== null || !hasProxies;
  const names =
    comparable && pair.pair !== null ? trackedNameProblems(pair.pair, hasProxies ? proxies.model : null) : [];
  const problems = [...proxies.problems, ...unreadable, ...pair.problems, ...names];
  const failed = hasErrors(problems);
  return {
    model: failed || proxies.model === null ? null : withSockets(proxies.model, pair.pair),
    pair: failed ? null : pair.pair,
    hasProxies,
    problems,
    outlines: proxies.outlines,
  };
}

/** Files of haproxy's alone, as tandem-haproxy takes them. */
export function loadConfiguration(
  paths: readonly string[],
  localPeer: string | null,
  diagnostics = false,
): Configuration {
  const { files, problems } = readConfigFiles(paths);
  const loaded = load(files, localPeer, diagnostics);
  return { ...loaded, model: hasErrors(problems) ? null : loaded.model, problems: [...problems, ...loaded.problems] };
}

/** Files of keepalived's alone. `configId`: what `@id` lines are compared with; null: the host's name. */
export function loadPairConfiguration(
  paths: readonly string[],
  configId: string | null,
  strictIncludes = false,
): PairConfiguration {
  const { files, problems } = readConfigFiles(paths);
  const loaded = loadPair(files, configId, strictIncludes);
  return { pair: hasErrors(problems) ? null : loaded.pair, problems: [...problems, ...loaded.problems] };
}

/** Of a program that runs a pair alone: nothing but its stats sockets. */
export function withoutProxies(pair: PairModel): Model {
  const { model } = load([], null, false);
  if (model === null) throw new Error('an empty configuration has errors');
  return withSockets(model, pair);
}

/** Whichever file names them, they are all the same. */
function withSockets(model: Model, pair: PairModel | null): Model {
  if (pair === null || pair.sockets.length === 0) return model;
  const { stats } = model.global;
  return { ...model, global: { ...model.global, stats: { ...stats, sockets: [...stats.sockets, ...pair.sockets] } } };
}

/** For a configuration that is no file. */
export function loadText(name: string, text: string): Configuration {
  return load([{ name, text }], null, false);
}

function load(
  files: readonly ConfigFile[],
  localPeer: string | null,
  diagnostics: boolean,
  explains = false,
): Configuration {
  return loadHaproxyConfig(files, {
    env: environment,
    readFile: readFileBytes,
    hostname: localPeer ?? hostname(),
    diagnostics,
    explains,
  });
}

function loadPair(files: readonly ConfigFile[], configId: string | null, strictIncludes: boolean): PairConfiguration {
  const { model, problems } = loadKeepalivedConfig(files, {
    env: environment,
    readFile: readFileBytes,
    listFolder,
    hostname: hostname(),
    configId: configId ?? hostname(),
    strictIncludes,
    folder: process.cwd(),
    random: () => systemRandom.next(),
  });
  return { pair: model, problems };
}

function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
