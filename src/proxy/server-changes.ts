/**
 * What an operator makes of the servers while they serve: new ones, others than they were, and those that are gone. Each thread
 * hears of it by mail, in order, and says in the shared memory what it has heard (THREAD_SERVERS).
 *
 *   set    known     its address, limit or cookie is another from now on; idle connections to the old place are closed
 *          unknown   it is the last one of its backend, in the state that the shared memory says
 *   gone             nobody may choose it any more; a stream that has it finishes
 *
 * A row of the shared memory is another server's only when all threads know that its last one is gone, and nobody has a part in
 * that any more (src/daemon/live-servers.ts). Not here: states and weights, which the shared memory holds.
 */
import type { ClientConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { ServerChanges as Changes } from './messages.ts';
import type { ServerPlan } from './plan.ts';
import { type ProxyRuntime, ServerRuntime, type ThreadContext } from './runtime.ts';
import type { ServerMarks } from './server-marks.ts';
import type { ServerPool } from './server-pool.ts';
import { THREAD_SERVERS } from './shared-state.ts';

export interface Affected {
  readonly dispatcher: Dispatcher;
  readonly pool: ServerPool;
  readonly marks: ServerMarks;
  /** Allows its visitor to close the client. */
  readonly forEachClient: (visit: (client: ClientConnection) => void) => void;
}

export class ServerChanges {
  readonly #context: ThreadContext;
  readonly #affected: Affected;
  /** By index in the plan, or row. */
  readonly #servers = new Map<number, ServerRuntime>();
  #known = 0;

  constructor(context: ThreadContext, affected: Affected) {
    this.#context = context;
    this.#affected = affected;
    for (const { servers } of context.proxies)
      for (const server of servers) this.#servers.set(server.plan.index, server);
  }

  apply({ number, changes }: Changes): void {
    const backends = new Set<ProxyRuntime>();
    for (const change of changes) {
      const known = this.#servers.get(change.kind === 'gone' ? change.index : change.server.index);
      if (change.kind === 'gone') {
        if (known !== undefined) this.#remove(known, backends);
      } else if (known === undefined) this.#add(change.server, backends);
      else this.#change(known, change.server, number, backends);
    }
    for (const backend of backends) this.#affected.dispatcher.refresh(backend);
    this.#known = number;
    this.tell();
  }

  /** Only who serves says what it knows: another process may wait to take its place. */
  tell(): void {
    const { shared, thread } = this.#context;
    shared.set(shared.thread(thread) + THREAD_SERVERS, this.#known);
  }

  #add(plan: ServerPlan, backends: Set<ProxyRuntime>): void {
    const backend = this.#context.proxies[plan.backend];
    if (backend === undefined) return;
    const server = new ServerRuntime(plan, backend, -1, this.#context.shared);
    this.#servers.set(plan.index, server);
    backend.changeServers([...backend.servers, server]);
    this.#affected.marks.know(server);
    backends.add(backend);
  }

  #change(server: ServerRuntime, plan: ServerPlan, number: number, backends: Set<ProxyRuntime>): void {
    const { backend } = server;
    if (server.change(plan)) {
      server.movedBy = number;
      this.#drop(server);
    }
    backend.changeServers(backend.servers);
    backends.add(backend);
  }

  #remove(server: ServerRuntime, backends: Set<ProxyRuntime>): void {
    const { backend } = server;
    this.#servers.delete(server.plan.index);
    backend.changeServers(backend.servers.filter((other) => other !== server));
    this.#affected.marks.forget(server);
    this.#affected.dispatcher.abandon(server);
    this.#drop(server);
    backends.add(backend);
  }

  /** Connections that nobody uses now. */
  #drop(server: ServerRuntime): void {
    const { pool, forEachClient } = this.#affected;
    pool.dropIdle(server);
    forEachClient((client) => {
      if (client.ownServer?.server === server) pool.dropOwn(client);
    });
  }
}
