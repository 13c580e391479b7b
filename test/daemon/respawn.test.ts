import { expect, it } from 'vitest';
import { respawnDelayMs } from '../../src/daemon/respawn.ts';

/** The delay after each death, of processes that lived so long. */
function delays(livedMs: readonly number[]): number[] {
  const all: number[] = [];
  let previous: number | null = null;
  for (const lived of livedMs) {
    previous = respawnDelayMs(previous, lived);
    all.push(previous);
  }
  return all;
}

it('the first death is answered at once, further young ones ever slower, up to 5 s', () => {
  expect(delays([5, 5, 5, 5, 5, 5, 5, 5, 5])).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

it('ten seconds of life are a fresh start', () => {
  expect(delays([5, 9_999, 5, 10_000, 5])).toEqual([0, 100, 200, 0, 100]);
});
