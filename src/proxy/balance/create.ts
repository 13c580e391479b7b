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

function inStep(balance: Balance, backend: ProxyPlan, shared: SharedState, alone: boolean): Balance {
  if (alone) return balance;
  const active = backend.servers.filter((server) => !server.backup);
  const period = active.reduce((sum, { weight }) => sum + weight, 0);
  return new InStep(balance, shared, shared.proxy(backend.index) + PROXY_TURNS, period);
}

/** `alone`: this thread is the only one that moves the gauges of these servers. */
export function createBalance(backend: ProxyPlan, shared: SharedState, alone = false): Balance {
  const roster = new Roster(backend, shared);
  switch (backend.balance) {
    case 'roundrobin':
      return inStep(new RoundRobin(roster), backend, shared, alone);
    case 'static-rr':
      return inStep(new StaticRoundRobin(roster), backend, shared, alone);
    case 'leastconn':
      return new LeastConn(roster, alone);
    case 'first':
      return new First(roster);
  }
}
