/** The parts of hashing: functions, the ring, bounded loads, random draws. Which server HAProxy takes: hash-against-haproxy.test.ts. */
import { describe, expect, it } from 'vitest';
import { hashBytes, spread } from '../../../src/proxy/balance/hash.ts';
import { HASH_CRC32, HASH_DJB2, HASH_SDBM, type HashPlan } from '../../../src/proxy/plan.ts';
import { STATE_DOWN, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { SeededRandom } from '../../support/random.ts';
import { SimulatedProxy } from '../../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../../support/web.ts';
import { TestBackend, type TestServer } from './backend.ts';

const PLAN: HashPlan = {
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

const hashed = (hash: number) => ({ hashed: true, hash });

function backendOf(servers: readonly TestServer[], hash: Partial<HashPlan> = {}, balance: 'hash' | 'random' = 'hash') {
  return new TestBackend(balance, servers, false, true, { ...PLAN, ...hash });
}

function of(kind: number, text: string): number {
  const bytes = Buffer.from(text);
  return hashBytes(kind, bytes, 0, bytes.length) >>> 0;
}

describe('hash functions', () => {
  // Values that are known elsewhere.
  it('are the published ones', () => {
    expect(of(HASH_CRC32, '123456789')).toBe(0xcbf43926);
    expect(of(HASH_DJB2, '')).toBe(5381);
    expect(of(HASH_DJB2, 'a')).toBe(177670);
    expect(of(HASH_SDBM, 'a')).toBe(97);
    expect(of(HASH_SDBM, 'ab')).toBe(97 * 65599 + 98);
  });

  it('avalanche gives no two numbers the same', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 100_000; i++) seen.add(spread(i));
    expect(seen.size).toBe(100_000);
  });
});

describe('consistent hashing', () => {
  const servers = Array.from({ length: 8 }, (_, i) => ({ weight: 10 + i }));
  const keys = Array.from({ length: 2000 }, (_, i) => spread(i * 7919));

  it('moves only the keys of a server that goes, and they come back with it', () => {
    const backend = backendOf(servers);
    const before = keys.map((key) => backend.pick(-1, hashed(key)));
    backend.setState(3, STATE_DOWN);
    const without = keys.map((key) => backend.pick(-1, hashed(key)));
    expect(without).not.toContain(3);
    expect(without.filter((server, i) => server !== before[i] && before[i] !== 3)).toEqual([]);
    backend.setState(3, STATE_UP);
    expect(keys.map((key) => backend.pick(-1, hashed(key)))).toEqual(before);
  });

  it('gives shares that follow the weights', () => {
    const backend = backendOf([{ weight: 10 }, { weight: 30 }]);
    const second = keys.filter((key) => backend.pick(-1, hashed(key)) === 1).length;
    expect(second / keys.length).toBeGreaterThan(0.65);
    expect(second / keys.length).toBeLessThan(0.85);
  });

  it('avoids the server that has just failed', () => {
    const backend = backendOf(servers);
    for (const key of keys.slice(0, 200)) {
      const first = backend.pick(-1, hashed(key));
      expect(backend.pick(first, hashed(key))).not.toBe(first);
    }
    const alone = backendOf([{ weight: 1 }]);
    expect(alone.pick(0, hashed(5))).toBe(0);
  });

  it('goes round where there is no hash, past servers that are full', () => {
    const backend = backendOf([{ maxconn: 1 }, { maxconn: 1 }, {}]);
    const taken = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const server = backend.pick();
      expect(taken.has(server) && server !== 2, `server ${server}`).toBe(false);
      taken.add(server);
      backend.take(server);
    }
    expect([...taken].sort()).toEqual([0, 1, 2]);
  });

  it('with hash-balance-factor gives nobody more than the factor times the mean', () => {
    const random = new SeededRandom(4);
    for (const balanceFactor of [110, 150, 200]) {
      const backend = backendOf(
        Array.from({ length: 5 }, () => ({ weight: 1 })),
        { balanceFactor },
      );
      // Two keys alone: without the bound two servers would get everything.
      for (let taken = 1; taken <= 200; taken++) {
        backend.take(backend.pick(-1, hashed(spread(random.below(2)))));
        const most = Math.max(...Array.from({ length: 5 }, (_, i) => backend.sessions(i)));
        expect(most).toBeLessThanOrEqual(Math.ceil((taken * balanceFactor) / 500) + 1);
      }
    }
  });
});

describe('random', () => {
  it('takes the one with less to do of two', () => {
    const backend = backendOf([{}, {}], { draws: 64 }, 'random');
    backend.takeElsewhere(0, 50);
    for (let i = 0; i < 50; i++) expect(backend.pick()).toBe(1);
  });

  it('spreads by weight, and never beyond maxconn', () => {
    const backend = backendOf([{ weight: 1 }, { weight: 9, maxconn: 60 }], {}, 'random');
    for (let i = 0; i < 200; i++) backend.take(backend.pick());
    expect(backend.sessions(1)).toBe(60);
    expect(backend.sessions(0)).toBe(140);
  });
});

describe('a request', () => {
  function reaching(lines: string): SimulatedProxy {
    const proxy = new SimulatedProxy(web({ lines, servers: 3 }));
    for (let i = 0; i < 3; i++) {
      proxy.server(PORT + i).onPeer = (peer) => {
        peer.onReceived = () => peer.send(ok(String(i)));
      };
    }
    return proxy;
  }

  it.each(['balance uri', 'balance url_param id\n  hash-type consistent', 'balance hdr(x-key)'])(
    '%s reaches the same server each time, and different ones reach all',
    (lines) => {
      const proxy = reaching(lines);
      const reached = new Map<string, Set<string>>();
      for (let round = 0; round < 3; round++) {
        for (let key = 0; key < 20; key++) {
          const client = proxy.ask(get(`/${key}?id=${key}`, `X-Key: ${key}\r\n`));
          expect(statuses(client.text)).toEqual([200]);
          const who = client.text.slice(-1);
          reached.set(String(key), (reached.get(String(key)) ?? new Set()).add(who));
        }
      }
      expect([...reached.values()].every((servers) => servers.size === 1)).toBe(true);
      expect(new Set([...reached.values()].flatMap((servers) => [...servers])).size).toBe(3);
      proxy.expectClean();
    },
  );

  it('source ties a client of TCP mode to a server by its address', () => {
    const proxy = new SimulatedProxy(web({ lines: 'balance source', servers: 3 }).replace('mode http', 'mode tcp'));
    const reached = [];
    for (let i = 0; i < 6; i++) {
      proxy.ask('hello');
      reached.push([0, 1, 2].map((server) => proxy.server(PORT + server).peers.length));
    }
    // Simulated clients have addresses one after the other: 10.0.1.1, 10.0.2.1 and so on.
    const expected = Array.from({ length: 6 }, (_, i) => ((10 << 24) | ((i + 1) << 8) | 1) % 3);
    const counts = [0, 0, 0];
    for (const [i, server] of expected.entries()) {
      counts[server] = (counts[server] ?? 0) + 1;
      expect(reached[i]).toEqual(counts);
    }
    proxy.expectClean();
  });
});
