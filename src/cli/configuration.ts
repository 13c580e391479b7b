/** From `-f` to a model: reads the files, loads them, keeps every problem. */
import { hostname } from 'node:os';
import { type ConfigFile, readConfigFiles, readFileBytes } from '../config/files.ts';
import { loadHaproxyConfig } from '../config/haproxy/load.ts';
import type { Model } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';
import { environment } from './environment.ts';

export interface Configuration {
  /** null: there is an error among the problems. */
  readonly model: Model | null;
  readonly problems: readonly Problem[];
}

export function loadConfiguration(
  paths: readonly string[],
  localPeer: string | null,
  diagnostics = false,
): Configuration {
  const { files, problems } = readConfigFiles(paths);
  const loaded = load(files, localPeer, diagnostics);
  return { model: hasErrors(problems) ? null : loaded.model, problems: [...problems, ...loaded.problems] };
}

/** For a configuration that is no file. */
export function loadText(name: string, text: string): Configuration {
  return load([{ name, text }], null, false);
}

function load(files: readonly ConfigFile[], localPeer: string | null, diagnostics: boolean): Configuration {
  return loadHaproxyConfig(files, {
    env: environment,
    readFile: readFileBytes,
    hostname: localPeer ?? hostname(),
    diagnostics,
  });
}

function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
