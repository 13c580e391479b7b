import { describe, expect, it } from 'vitest';
import { NO_KEY } from '../../../src/proxy/balance/balance.ts';
import { createBalance } from '../../../src/proxy/balance/create.ts';
import { PROXY_TURNS, SERVER_STATE, STATE_DOWN, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { SeededRandom } from '../../support/random.ts';
import { SimulatedProxy } from '../../support/simulated-proxy.ts';
import { get, ok, PORT, web } from '../../support/web.ts';
import { type Algorithm, backendPlan, TestBackend } from './backend.ts';

const ALGORITHMS: readonly Algorithm[] = ['roundrobin', 'static-rr'];
const WEIGHTS = [
  [1, 1],
  [1, 2, 3],
  [3, 3, 2],
  [10, 20, 30, 7],
  [100, 1],
];

describe.each(ALGORITHMS)('%s in three threads', (algorithm) => {
  it.each(WEIGHTS)('goes through one sequence: weights %i %i …', (...weights) => {
    const servers = weights.map((weight) => ({ weight }));
    const alone = new TestBackend(algorithm, servers, false, true);
    const first = new TestBackend(algorithm, servers);
    const plan = backendPlan(algorithm, servers, false);
    const threads = [first.balance, createBalance(plan, first.shared), createBalance(plan, first.shared)];
    const random = new SeededRandom(weights.length);
    const picked = Array.from({ length: 500 }, () => threads[random.below(3)]?.pick(-1, NO_KEY));
    expect(picked).toEqual(alone.sequence(500));
  });

  it('finds its place again after others have made many turns', () => {
    const servers = [{ weight: 3 }, { weight: 2 }, { weight: 1 }];
    const one = new TestBackend(algorithm, servers);
    const other = createBalance(backendPlan(algorithm, servers, false), one.shared);
    for (let i = 0; i < 6 * 1000 + 3; i++) one.pick();
    const alone = new TestBackend(algorithm, servers, false, true);
    alone.sequence(3);
    expect(Array.from({ length: 6 }, () => other.pick(-1, NO_KEY))).toEqual(alone.sequence(6));
  });

  it('counts on behind the greatest number', () => {
    const one = new TestBackend(algorithm, [{}, {}]);
    one.shared.set(one.shared.proxy(0) + PROXY_TURNS, 0x7fff_ffff);
    const plan = backendPlan(algorithm, [{}, {}], false);
    const [a, b] = [createBalance(plan, one.shared), createBalance(plan, one.shared)];
    const turns = [a, b, b, a, b, a].map((balance) => balance.pick(-1, NO_KEY));
    expect(turns).toEqual([1, 0, 1, 0, 1, 0]);
  });

  it('is one sequence again after servers have gone and come, whenever each thread heard of it', () => {
    const servers = [{ weight: 2 }, {}, {}];
    const one = new TestBackend(algorithm, servers);
    const plan = backendPlan(algorithm, servers, false);
    const threads = [one.balance, createBalance(plan, one.shared), createBalance(plan, one.shared)];
    const random = new SeededRandom(7);
    const turn = (): number => threads[random.below(3)]?.pick(-1, NO_KEY) ?? -1;
    for (let round = 0; round < 20; round++) {
      one.shared.set(one.shared.server(1) + SERVER_STATE, round % 2 === 0 ? STATE_DOWN : STATE_UP);
      // They hear of it one after the other, with traffic in between.
      for (const balance of threads) {
        balance.refresh();
        for (let i = random.below(9); i > 0; i--) turn();
      }
      const length = round % 2 === 0 ? 3 : 4;
      const picked = Array.from({ length: length * 5 }, turn);
      expect(picked.slice(length)).toEqual(picked.slice(0, -length));
      const inOneRound = [...picked.slice(0, length)].sort();
      expect(inOneRound).toEqual(length === 3 ? [0, 0, 2] : [0, 0, 1, 2]);
    }
  });
});

describe('servers that come and go', () => {
  it('leave each thread a round robin', () => {
    const proxy = new SimulatedProxy(web({ servers: 3 }), { threads: 2 });
    proxy.state(1, STATE_DOWN);
    proxy.state(1, STATE_UP);
    for (let i = 0; i < 30; i++) proxy.ask(get(), 0, i % 7 < 3 ? 0 : 1);
    const counts = [0, 1, 2].map((i) => proxy.server(PORT + i).peers.length);
    expect(counts).toEqual([10, 10, 10]);
    for (let i = 0; i < 3; i++) for (const peer of proxy.server(PORT + i).peers) peer.send(ok());
    proxy.settle();
    proxy.expectClean();
  });
});
