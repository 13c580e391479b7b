/** A connection to a server that does not stand yet, or for which something is still to be done: whatever goes wrong, it has failed to connect. */
import type { Socket, SocketHandler } from '../sys/poller.ts';
import type { ServerConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { ServerPool } from './server-pool.ts';

export abstract class ConnectAttempt implements SocketHandler {
  readonly #pool: ServerPool;
  readonly #dispatcher: Dispatcher;

  constructor(pool: ServerPool, dispatcher: Dispatcher) {
    this.#pool = pool;
    this.#dispatcher = dispatcher;
  }

  abstract onConnected(connection: ServerConnection): void;

  onData(): void {}

  onDrained(_socket: Socket): void {}

  onDry(): void {}

  onSendFailed(_socket: Socket, _errno: number): void {}

  onEnd(connection: ServerConnection): void {
    this.#failed(connection, false);
  }

  onError(connection: ServerConnection, errno: number): void {
    if (connection.stream !== null) connection.stream.lastErrno = errno;
    this.#failed(connection, false);
  }

  onTimeout(connection: ServerConnection): void {
    this.#failed(connection, true);
  }

  #failed(connection: ServerConnection, timedOut: boolean): void {
    const { stream } = connection;
    if (stream === null) return;
    stream.server = null;
    this.#pool.close(connection);
    this.#dispatcher.connectFailed(stream, timedOut);
  }
}
