/** The `balance` keyword's algorithms by name. Not here: the algorithms. */
import type { ProxyPlan } from '../plan.ts';
import { PROXY_TURNS, type SharedState } from '../shared-state.ts';
import type { Balance } from './balance.ts';
import { First } from './first.ts';
import { InStep } from './in-step.ts';
import { LeastConn } from './leastconn.ts';
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
  }
}
