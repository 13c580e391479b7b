/** The `balance` keyword's algorithms by name. Not here: the algorithms. */
import type { ProxyPlan } from '../plan.ts';
import type { SharedState } from '../shared-state.ts';
import type { Balance } from './balance.ts';
import { First } from './first.ts';
import { LeastConn } from './leastconn.ts';
import { Roster } from './roster.ts';
import { RoundRobin } from './roundrobin.ts';
import { StaticRoundRobin } from './static-rr.ts';

/** `alone`: this thread is the only one that moves the gauges of these servers. */
export function createBalance(backend: ProxyPlan, shared: SharedState, alone = false): Balance {
  const roster = new Roster(backend, shared);
  switch (backend.balance) {
    case 'roundrobin':
      return new RoundRobin(roster);
    case 'static-rr':
      return new StaticRoundRobin(roster);
    case 'leastconn':
      return new LeastConn(roster, alone);
    case 'first':
      return new First(roster);
  }
}
