/**
 * Random configurations and traffic beside the real haproxy: the kept worlds, each of which has once shown a difference, and
 * a fixed number of new ones. `npm run differential` does it by the thousand.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { type Compared, Comparison } from './differential/comparison.ts';
import { KEPT } from './differential/kept-worlds.ts';
import { randomWorld } from './differential/random-world.ts';
import type { World } from './differential/world.ts';

const SEED = 20_261_121;
const WORLDS = 120;
const BATCH = 60;
const TIMEOUT_MS = 240_000;

/** A server that says nothing, a queue or a client that leaves cost seconds: those are for long runs. */
const isQuick = (world: World): boolean =>
  !world.backend.includes('timeout server 800ms') &&
  world.clients.every(({ ending }) => ending === 'end') &&
  !world.servers.some(({ kind }) => kind === 'refuse');

function findings(compared: readonly Compared[]): string[] {
  return compared.flatMap(({ world, verdict }) =>
    verdict.kind === 'different' ? [`${verdict.about}\n${verdict.detail}\n${JSON.stringify(world)}`] : [],
  );
}

describeWithPeer('haproxy', 'random configurations beside haproxy', () => {
  let comparison: Comparison;
  beforeAll(async () => {
    comparison = await Comparison.open();
  });
  afterAll(() => comparison.close());

  it(
    'once differed',
    async () => {
      const compared = await comparison.compare(KEPT.map(({ world }) => world));
      expect(findings(compared)).toEqual([]);
      expect(compared.map(({ verdict }) => verdict.kind)).toEqual(KEPT.map(() => 'same'));
    },
    TIMEOUT_MS,
  );

  it(
    'from a seed',
    async () => {
      const worlds: World[] = [];
      for (let at = 0; worlds.length < WORLDS; at++) {
        const world = randomWorld(SEED, at);
        if (isQuick(world)) worlds.push(world);
      }
      let same = 0;
      let lines = 0;
      for (let at = 0; at < WORLDS; at += BATCH) {
        const compared = await comparison.compare(worlds.slice(at, at + BATCH));
        expect(findings(compared)).toEqual([]);
        for (const { verdict } of compared) {
          if (verdict.kind !== 'same') continue;
          same++;
          lines += verdict.lines;
        }
      }
      // A run whose worlds were refused would have compared nothing.
      expect(same).toBeGreaterThan(WORLDS * 0.9);
      expect(lines).toBeGreaterThan(WORLDS * 20);
    },
    TIMEOUT_MS,
  );
});
