/** Programs and libraries that this process has loaded, and where (proc(5), maps). */
import { readFileSync } from 'node:fs';

export interface LoadedFile {
  readonly start: bigint;
  readonly end: bigint;
  readonly path: string;
}

/** Those that have code in memory, in the order in which they were mapped; none where there is no /proc. */
export function loadedFiles(maps = readMaps()): readonly LoadedFile[] {
  const files = new Map<string, LoadedFile>();
  const withCode = new Set<string>();
  for (const line of maps.split('\n')) {
    const [, from, to, rights, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ +(\/.*)$/.exec(line) ?? [];
    if (from === undefined || to === undefined || rights === undefined || path === undefined) continue;
    if (rights.includes('x')) withCode.add(path);
    const end = BigInt(`0x${to}`);
    files.set(path, { start: files.get(path)?.start ?? BigInt(`0x${from}`), end, path });
  }
  return [...files.values()].filter(({ path }) => withCode.has(path));
}

function readMaps(): string {
  try {
    return readFileSync('/proc/self/maps', 'latin1');
  } catch {
    return '';
  }
}
