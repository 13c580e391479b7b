/**
 * What happens to streams when a server changes its state, where the configuration asks for more than waiting:
 *
 *   on-marked-down shutdown-sessions          the server is down or in maintenance: its streams end
 *   on-marked-up shutdown-backup-sessions     it is there again: streams of backup servers end, to come back to it
 *
 * Not here: streams that wait for a server (waiting-line.ts).
 */
import type { ClientConnection } from './connection.ts';
import { phaseOf } from './http-exchange.ts';
import type { ServerRuntime, ThreadContext } from './runtime.ts';
import { SERVER_STATE, STATE_DRAIN, STATE_UP } from './shared-state.ts';
import { CAUSE_DOWN, CAUSE_UP, DASH, type Stream } from './stream.ts';

const BAD_GATEWAY = 502;

export class ServerMarks {
  readonly #context: ThreadContext;
  readonly #forEachClient: (visit: (client: ClientConnection) => void) => void;
  /** Servers with such a rule, and whether they were running when somebody looked last. */
  readonly #running = new Map<ServerRuntime, boolean>();

  /** `forEachClient` allows its visitor to close the client. */
  constructor(context: ThreadContext, forEachClient: (visit: (client: ClientConnection) => void) => void) {
    this.#context = context;
    this.#forEachClient = forEachClient;
    for (const { servers } of context.proxies) for (const server of servers) this.know(server);
  }

  know(server: ServerRuntime): void {
    const { endsWhenDown, endsBackups } = server.plan;
    if (endsWhenDown || endsBackups) this.#running.set(server, this.#isRunning(server));
  }

  forget(server: ServerRuntime): void {
    this.#running.delete(server);
  }

  /** Some server changed its state. */
  look(): void {
    for (const [server, was] of this.#running) {
      const is = this.#isRunning(server);
      if (is === was) continue;
      this.#running.set(server, is);
      if (!is && server.plan.endsWhenDown) this.#end(CAUSE_DOWN, (target) => target === server);
      if (is && server.plan.endsBackups && !server.plan.backup) {
        this.#end(CAUSE_UP, (target) => target.plan.backup && target.backend === server.backend);
      }
    }
  }

  #isRunning(server: ServerRuntime): boolean {
    const state = this.#context.shared.get(server.row + SERVER_STATE);
    return state === STATE_UP || state === STATE_DRAIN;
  }

  #end(cause: number, isMeant: (target: ServerRuntime) => boolean): void {
    this.#forEachClient((client) => {
      const { stream } = client;
      if (stream !== null && stream.server !== null && stream.target !== null && isMeant(stream.target)) {
        this.#endStream(stream, cause);
      }
    });
  }

  /** Who has not had an answer yet gets one; the others see theirs break off. */
  #endStream(stream: Stream, cause: number): void {
    const phase = stream.client.listener.frontend.plan.http ? phaseOf(stream) : DASH;
    stream.owner.onServerUnavailable(stream, BAD_GATEWAY, cause, phase);
  }
}
