/** What there is at one moment of a run, for whoever reads a trace. */
import type { Plan } from '../../src/proxy/plan.ts';
import * as State from '../../src/proxy/shared-state.ts';
import type { Network } from './network.ts';
import type { SimulatedThread } from './simulated-thread.ts';

type Say = (line: string) => void;

export function describeThreads(threads: readonly SimulatedThread[], say: Say): void {
  for (const { mustTurn, wakesAtMs, stalledUntilMs, over, engine } of threads) {
    const { woken, hasWork } = engine;
    say(`thread ${JSON.stringify({ mustTurn, wakesAtMs, stalledUntilMs, over, woken, hasWork })}`);
  }
}

/** Who waits for what, by what the threads have published. */
export function describeQueues({ threads, proxies }: Plan, shared: State.SharedState, say: Say): void {
  const lineAt = (line: number) => Array.from({ length: threads }, (_, thread) => shared.get(line + thread)).join(' ');
  for (const { index, servers } of proxies) {
    const queued = shared.get(shared.proxy(index) + State.PROXY_QUEUED);
    say(`proxy ${index}: ${queued} queued, line ${lineAt(shared.backendLine(index))}`);
    for (const { index: server, maxconn } of servers) {
      const words = [State.SERVER_STATE, State.SERVER_WEIGHT, State.SERVER_SESSIONS, State.SERVER_QUEUED];
      const [state, weight, sessions, waiting] = words.map((word) => shared.get(shared.server(server) + word));
      const facts = { state, weight, sessions, waiting, maxconn, line: lineAt(shared.serverLine(server)) };
      say(`server ${server}: ${JSON.stringify(facts)}`);
    }
  }
}

export function describeConnections(network: Network, say: Say): void {
  network.forEachOpen(({ fd, socket, phase, written, arrived, read, finArrived, closed, farGone }) => {
    const wire = { phase, written, arrived, read, finArrived, closed, farGone };
    if (socket === null) {
      say(`${fd} is open, without a socket: ${JSON.stringify(wire)}`);
      return;
    }
    const { paused, readable, ended, pending, deadlineMs } = socket;
    const state = { paused, readable, ended, pending: pending !== null, deadlineMs };
    const names = `${socket.constructor.name} ${socket.handler.constructor.name}`;
    say(`${fd} is open: ${names} ${JSON.stringify(state)} ${JSON.stringify(wire)}`);
  });
}
