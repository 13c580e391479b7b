/** The `balance` keyword's algorithms by name. Not here: the algorithms. */
import type { HashPlan, ProxyPlan } from '../plan.ts';
import { PROXY_TURNS, type SharedState } from '../shared-state.ts';
import type { Balance } from './balance.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { First } from './first.ts';
import { InStep } from './in-step.ts';
import { LeastConn } from './leastconn.ts';
import { MapHash } from './map-hash.ts';
import { RandomBalance } from './random.ts';
import { Roster } from './roster.ts';
import { RoundRobin } from './roundrobin.ts';
import { StaticRoundRobin } from './static-rr.ts';

/** `alone`: this thread is the only one that moves the gauges of these servers. */
export function createBalance(backend: ProxyPlan, shared: SharedState, alone = false): Balance {
  const inStep = (create: () => Balance): Balance => {
    if (alone) return create();
    return new InStep(create, new Roster(backend, shared), shared, shared.proxy(backend.index) + PROXY_TURNS);
  };
  switch (backend.balance) {
    case 'roundrobin':
      return inStep(() => new RoundRobin(new Roster(backend, shared)));
    case 'static-rr':
      return inStep(() => new StaticRoundRobin(new Roster(backend, shared)));
    case 'leastconn':
      return new LeastConn(new Roster(backend, shared), alone);
    case 'first':
      return new First(new Roster(backend, shared));
    case 'random':
      return new RandomBalance(new Roster(backend, shared), idsOf(backend), hashOf(backend));
    case 'hash': {
      const plan = hashOf(backend);
      if (plan.consistent) return new ConsistentHash(new Roster(backend, shared), idsOf(backend), plan);
      const table = new StaticRoundRobin(new Roster(backend, shared));
      return new MapHash(table, alone ? table : inStep(() => new StaticRoundRobin(new Roster(backend, shared))));
    }
  }
}

function hashOf({ name, hash }: ProxyPlan): HashPlan {
  if (hash === null) throw new Error(`${name} has nothing to hash by`);
  return hash;
}

function idsOf({ servers }: ProxyPlan): readonly number[] {
  return servers.map(({ id }) => id);
}
