/** Programs and libraries that this process has loaded, and where (proc(5), maps). */
import { readFileSync } from 'node:fs';

export interface LoadedFile {
  readonly start: bigint;
  readonly end: bigint;
  readonly path: string;
}

/** Those that have code in memory, in the order in which they are there; none where there is no /proc. */
export function loadedFiles(maps = readMaps()): readonly LoadedFile[] {
  const found: (LoadedFile & { readonly hasCode: boolean })[] = [];
  for (const line of maps.split('\n')) {
    const [, from, to, rights, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ +(\/.*)$/.exec(line) ?? [];
    if (from === undefined || to === undefined || rights === undefined || path === undefined) continue;
    const end = BigInt(`0x${to}`);
    const isCode = rights.includes('x');
    const last = found.at(-1);
    // The parts of a file follow each other.
    if (last?.path === path) found[found.length - 1] = { ...last, end, hasCode: last.hasCode || isCode };
    else found.push({ start: BigInt(`0x${from}`), end, path, hasCode: isCode });
  }
  return found.flatMap(({ hasCode, ...file }) => (hasCode ? [file] : []));
}

function readMaps(): string {
  try {
    return readFileSync('/proc/self/maps', 'latin1');
  } catch {
    return '';
  }
}
