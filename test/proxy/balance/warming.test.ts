/** Servers on their way to their whole weight (`slowstart`) get as much as their sixteenths say. */
import { describe, expect, it } from 'vitest';
import { HASH_SDBM, type HashPlan } from '../../../src/proxy/plan.ts';
import { SERVER_WARMTH } from '../../../src/proxy/shared-state.ts';
import { type Algorithm, TestBackend } from './backend.ts';

const CONSISTENT: HashPlan = {
  by: 'nothing',
  name: '',
  lengthBytes: 0,
  depth: 0,
  whole: false,
  pathOnly: false,
  domainOnly: false,
  bodyMs: 0,
  draws: 2,
  consistent: true,
  function: HASH_SDBM,
  avalanche: true,
  balanceFactor: 0,
};

function backend(algorithm: Algorithm, warmth: number, alone = true): TestBackend {
  const hash = algorithm === 'hash' ? CONSISTENT : null;
  const made = new TestBackend(algorithm, [{ weight: 10 }, { weight: 10 }], false, alone, hash);
  made.shared.set(made.shared.server(0) + SERVER_WARMTH, warmth);
  made.balance.refresh();
  return made;
}

/** How often the first server was picked. */
function firsts(picks: readonly number[]): number {
  return picks.filter((picked) => picked === 0).length;
}

describe('a server that is warming up', () => {
  it.each([
    [1, 10],
    [5, 50],
    [15, 150],
  ])('with %i sixteenths has its exact share of a round robin', (warmth, share) => {
    const made = backend('roundrobin', warmth);
    // Where it changes, those that are there have places already.
    made.sequence(2 * (share + 160));
    expect(firsts(made.sequence(share + 160))).toBe(share);
  });

  it('has it also where several threads go in step', () => {
    const made = backend('roundrobin', 5, false);
    made.sequence(420);
    expect(firsts(made.sequence(210))).toBe(50);
  });

  it('has fewer streams with leastconn', () => {
    const made = backend('leastconn', 4);
    for (let streams = 0; streams < 50; streams++) made.take(made.pick());
    expect([made.sessions(0), made.sessions(1)]).toEqual([10, 40]);
  });

  it('has fewer places on the ring', () => {
    const made = backend('hash', 4);
    const picks = Array.from({ length: 2000 }, (_, i) =>
      made.pick(-1, { hashed: true, hash: Math.imul(i, 2_654_435_761) }),
    );
    // A fifth of 200 places, which are spread by a hash.
    expect(firsts(picks) / 2000).toBeGreaterThan(0.1);
    expect(firsts(picks) / 2000).toBeLessThan(0.3);
  });

  it.each(['roundrobin', 'leastconn', 'hash'] as const)('is whole again with %s', (algorithm) => {
    const made = backend(algorithm, 1);
    made.shared.set(made.shared.server(0) + SERVER_WARMTH, 0);
    made.balance.refresh();
    const fresh = backend(algorithm, 0);
    const shareOf = (one: TestBackend): number => {
      one.sequence(40);
      return firsts(one.sequence(400));
    };
    expect(Math.abs(shareOf(made) - shareOf(fresh))).toBeLessThan(5);
  });
});
