/** A run of a target in CI: a fixed number of inputs from a fixed seed, nothing found, and everything seen that should be. */
import { expect } from 'vitest';
import { run } from './engine/campaign.ts';
import { printable } from './engine/printable.ts';
import type { Target } from './engine/target.ts';

const SEED = 20_261_121;

export async function expectSound(target: Target, count: number = target.count): Promise<void> {
  const { found, tally, inputs } = await run(target, { seed: SEED, count });
  const words = found.map(
    ({ kind, detail, seed, at, shrunk }) =>
      `${kind}\n${detail}\ninput: ${printable(shrunk)}\nnpm run fuzz -- --target ${target.name} --seed ${seed} --at ${at}`,
  );
  expect(words).toEqual([]);
  expect(inputs).toBe(count);
  // A fuzz that never gets past the first check tests nothing.
  for (const what of target.expected) expect(tally.of(what), what).toBeGreaterThan(0);
}
