/** What every algorithm owes the session, and what each promises by its name. */
import { describe, expect, it } from 'vitest';
import { PICK_FULL, PICK_NONE } from '../../../src/proxy/balance/balance.ts';
import { STATE_DOWN, STATE_DRAIN, STATE_MAINT, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { type Algorithm, Dice, TestBackend } from './backend.ts';

const ALGORITHMS: readonly Algorithm[] = ['roundrobin', 'static-rr', 'leastconn', 'first'];
const STATES = [STATE_DOWN, STATE_MAINT, STATE_DRAIN];

describe.each(ALGORITHMS)('%s', (algorithm) => {
  it('picks nobody from a backend without servers', () => {
    expect(new TestBackend(algorithm, []).pick()).toBe(PICK_NONE);
  });

  it.each(STATES)('picks nobody when all are in state %i, and goes on when one is back', (state) => {
    const backend = new TestBackend(algorithm, [{}, {}]);
    backend.setState(0, state);
    backend.setState(1, state);
    expect(backend.pick()).toBe(PICK_NONE);
    backend.setState(1, STATE_UP);
    expect(backend.sequence(3)).toEqual([1, 1, 1]);
  });

  it('takes a server of weight 0 out', () => {
    const backend = new TestBackend(algorithm, [{}, {}]);
    backend.setWeight(0, 0);
    expect(backend.sequence(3)).toEqual([1, 1, 1]);
    backend.setWeight(0, 1);
    expect(new Set(backend.sequence(4))).toContain(0);
  });

  it('uses backup servers only when no other is left, and only the first of them', () => {
    const backend = new TestBackend(algorithm, [{ backup: true, weight: 3 }, {}, { backup: true, weight: 4 }]);
    expect(backend.sequence(3)).toEqual([1, 1, 1]);
    backend.setState(1, STATE_DOWN);
    expect(backend.sequence(9)).toEqual(Array(9).fill(0));
    backend.setState(0, STATE_DOWN);
    expect(backend.sequence(3)).toEqual([2, 2, 2]);
    backend.setState(0, STATE_UP);
    expect(backend.sequence(3)).toEqual([0, 0, 0]);
    backend.setState(1, STATE_UP);
    expect(backend.sequence(3)).toEqual([1, 1, 1]);
  });

  it('spreads over all backup servers with allbackups', () => {
    const backend = new TestBackend(algorithm, [{ backup: true, maxconn: 1 }, {}, { backup: true, maxconn: 1 }], true);
    backend.setState(1, STATE_DOWN);
    const first = backend.pick();
    backend.take(first);
    const second = backend.pick();
    backend.take(second);
    expect([first, second].sort()).toEqual([0, 2]);
    expect(backend.pick()).toBe(PICK_FULL);
  });

  it('passes a full server over and says when all of them are', () => {
    const backend = new TestBackend(algorithm, [{ maxconn: 1 }, { maxconn: 2 }]);
    for (let i = 0; i < 3; i++) backend.take(backend.pick());
    expect([backend.sessions(0), backend.sessions(1)]).toEqual([1, 2]);
    expect(backend.pick()).toBe(PICK_FULL);
    backend.release(0);
    expect(backend.pick()).toBe(0);
  });

  it('takes a server with waiting requests for full', () => {
    const backend = new TestBackend(algorithm, [{ maxconn: 1 }, { maxconn: 1 }]);
    backend.queue(0, 1);
    expect(backend.sequence(2)).toEqual([1, 1]);
  });

  it('avoids the server that just failed, unless it is the only one', () => {
    const backend = new TestBackend(algorithm, [{}, {}]);
    for (let i = 0; i < 5; i++) expect(backend.pick(0)).toBe(1);
    for (let i = 0; i < 5; i++) expect(backend.pick(1)).toBe(0);
    backend.setState(0, STATE_DOWN);
    expect(backend.pick(1)).toBe(1);
  });

  it('would rather have the server that just failed than wait', () => {
    const backend = new TestBackend(algorithm, [{}, { maxconn: 1 }]);
    backend.take(1);
    expect(backend.pick(0)).toBe(0);
  });

  it('never picks who may not be picked, whatever happens', () => {
    const dice = new Dice(algorithm.length);
    for (let round = 0; round < 40; round++) {
      const servers = Array.from({ length: 1 + dice.roll(6) }, () => ({
        weight: dice.roll(5),
        backup: dice.roll(4) === 0,
        maxconn: dice.roll(3),
      }));
      const allBackups = dice.roll(2) === 0;
      const backend = new TestBackend(algorithm, servers, allBackups);
      const weights = servers.map((server) => server.weight);
      const up = servers.map(() => true);
      for (let step = 0; step < 200; step++) {
        const i = dice.roll(servers.length);
        switch (dice.roll(6)) {
          case 0:
            up[i] = !up[i];
            backend.setState(i, up[i] ? STATE_UP : STATE_DOWN);
            break;
          case 1:
            // A static algorithm knows only the configured weight and none.
            weights[i] = algorithm === 'static-rr' ? dice.roll(2) * (servers[i]?.weight ?? 0) : dice.roll(4);
            backend.setWeight(i, weights[i] ?? 0);
            break;
          case 2:
            if (backend.sessions(i) > 0) backend.release(i);
            break;
          default: {
            const usable = servers.map((_, j) => up[j] === true && (weights[j] ?? 0) > 0);
            const actives = usable.filter((is, j) => is && servers[j]?.backup !== true).length;
            const group = usable.map((is, j) => is && (servers[j]?.backup === true) === (actives === 0));
            const free = group.map((is, j) => {
              const maxconn = servers[j]?.maxconn ?? 0;
              return is && (maxconn === 0 || backend.sessions(j) < maxconn);
            });
            const only = actives === 0 && !allBackups ? usable.indexOf(true) : -1;
            const picked = backend.pick(dice.roll(servers.length + 1) - 1);
            if (only >= 0) {
              // static-rr asks the map, the others stop at the server and queue there.
              expect([only, PICK_FULL]).toContain(picked);
            } else if (free.includes(true)) {
              expect(free[picked]).toBe(true);
            } else {
              expect(picked).toBe(group.includes(true) ? PICK_FULL : PICK_NONE);
            }
            if (picked >= 0) backend.take(picked);
          }
        }
      }
    }
  });
});

describe('roundrobin', () => {
  it('spreads a heavy server evenly between the others', () => {
    expect(new TestBackend('roundrobin', [{ weight: 3 }, {}, {}]).sequence(10)).toEqual([0, 0, 1, 0, 2, 0, 0, 1, 0, 2]);
  });

  it.each([1, 2, 3])('gives each server its exact share of every round (seed %i)', (seed) => {
    const dice = new Dice(seed);
    const weights = Array.from({ length: 2 + dice.roll(7) }, () => 1 + dice.roll(256));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const backend = new TestBackend(
      'roundrobin',
      weights.map((weight) => ({ weight })),
    );
    for (let round = 0; round < 3; round++) {
      const counts = weights.map(() => 0);
      for (const server of backend.sequence(16 * total)) counts[server] = (counts[server] ?? 0) + 1;
      expect(counts).toEqual(weights.map((weight) => 16 * weight));
    }
  });
});

describe('leastconn', () => {
  it('prefers the lowest number of streams for the weight', () => {
    const backend = new TestBackend('leastconn', [{ weight: 1 }, { weight: 4 }]);
    const picks = Array.from({ length: 10 }, () => {
      const server = backend.pick();
      backend.take(server);
      return server;
    });
    expect(picks.filter((server) => server === 1)).toHaveLength(8);
  });

  it('fills the queue of a server whose queue is bounded', () => {
    const backend = new TestBackend('leastconn', [{ maxconn: 1, maxqueue: 2 }]);
    backend.take(backend.pick());
    expect(backend.pick()).toBe(0);
    backend.queue(0, 2);
    expect(backend.pick()).toBe(PICK_FULL);
  });

  it.each([3, 40])('notices what other threads took, among %i servers', (count) => {
    const backend = new TestBackend('leastconn', Array(count).fill({}));
    for (let i = 1; i < count; i++) backend.takeElsewhere(i);
    backend.takeElsewhere(0, 5);
    // Within count / 8 picks every server has been looked at again.
    for (let i = 0; i < 5; i++) backend.pick();
    expect(backend.pick()).not.toBe(0);
    backend.takeElsewhere(2, -1);
    for (let i = 0; i < 5; i++) backend.pick();
    expect(backend.pick()).toBe(2);
  });
});

describe('first', () => {
  it('fills the servers one after the other', () => {
    const backend = new TestBackend('first', [{ maxconn: 2 }, { maxconn: 1 }, {}]);
    const picks = Array.from({ length: 5 }, () => {
      const server = backend.pick();
      backend.take(server);
      return server;
    });
    expect(picks).toEqual([0, 0, 1, 2, 2]);
    backend.release(1);
    expect(backend.pick()).toBe(1);
  });
});

describe('static-rr', () => {
  it('walks the same sequence for weights with a common divisor', () => {
    const small = new TestBackend('static-rr', [{ weight: 2 }, { weight: 1 }]).sequence(9);
    expect(new TestBackend('static-rr', [{ weight: 200 }, { weight: 100 }]).sequence(9)).toEqual(small);
    expect(small.filter((server) => server === 0)).toHaveLength(6);
  });
});
