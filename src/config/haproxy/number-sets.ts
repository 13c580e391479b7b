/**
 * Sets of threads and of CPUs as HAProxy writes them. What is left out behind a dash is the highest there can be.
 *
 *   all  odd  even  3  1-4  2-            threads and groups, from 1 to 64
 *   0  0-3  1-  0,2                       CPUs, from 0 to 1023; several words are one set
 */
const MOST_THREADS = 64;
const LAST_CPU = 1023;

/** In rising order; null: it is none. */
export function threadSet(text: string): readonly number[] | null {
  switch (text) {
    case 'all':
      return numbers(1, MOST_THREADS);
    case 'odd':
      return numbers(1, MOST_THREADS).filter((thread) => thread % 2 === 1);
    case 'even':
      return numbers(1, MOST_THREADS).filter((thread) => thread % 2 === 0);
    default:
      return range(text, 1, MOST_THREADS);
  }
}

/** In rising order, each once; null: some word is none. */
export function cpuSet(words: readonly string[]): readonly number[] | null {
  const cpus = new Set<number>();
  for (const part of words.flatMap((word) => word.split(','))) {
    const some = range(part, 0, LAST_CPU);
    if (some === null) return null;
    for (const cpu of some) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

function range(text: string, least: number, most: number): readonly number[] | null {
  const [, first, dash, last] = /^(\d+)(?:(-)(\d*))?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const from = Number(first);
  const to = dash === undefined ? from : last === '' || last === undefined ? most : Number(last);
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  return low < least || high > most ? null : numbers(low, high);
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
