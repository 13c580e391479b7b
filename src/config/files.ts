/**
 * The arguments of `-f`: files as they are, folders as all their files that end in `.cfg`, in the order of their names,
 * as HAProxy does. The one place of the configuration that touches the file system.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../core/problem.ts';

export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

export interface ConfigFiles {
  readonly files: readonly ConfigFile[];
  readonly problems: readonly Problem[];
}

export function readConfigFiles(paths: readonly string[]): ConfigFiles {
  const files: ConfigFile[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      for (const name of filesAt(path)) files.push({ name, text: readFileSync(name, 'utf8') });
    } catch (failure) {
      const message = `cannot read '${path}': ${failure instanceof Error ? failure.message : String(failure)}`;
      problems.push({ severity: 'error', code: 'unreadable-file', file: path, line: 1, column: 1, message });
    }
  }
  return { files, problems };
}

/** For `LoadContext.readFile`. */
export function readFileBytes(path: string): Buffer {
  return readFileSync(path);
}

/** For wildcards in `include` lines. */
export function listFolder(path: string): readonly string[] {
  return readdirSync(path);
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.cfg') && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name))
    .filter((file) => statSync(file).isFile())
    .sort(byBytes);
}

/** Like strcmp: not by the rules of a language. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
