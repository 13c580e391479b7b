/**
 * Serves the stats sockets: lets in as many as `stats maxconn` says, lets others wait, and ends with the program.
 *
 * Not here: opening the sockets (src/daemon/stats-sockets.ts), what is said on them (connection.ts).
 */
import { createServer, type Server, type Socket } from 'node:net';
import { HAPROXY_VERSION } from '../config/haproxy/identity.ts';
import type { AdminSide } from '../daemon/admin-side.ts';
import type { StatsListener } from '../daemon/stats-sockets.ts';
import type { AdminContext } from './command.ts';
import { helpText } from './command-table.ts';
import { AdminConnection } from './connection.ts';

/** Connections that wait for others to end; more are closed at once. */
const WAITING_MAX = 64;

interface Waiting {
  readonly socket: Socket;
  readonly listener: StatsListener;
}

export interface StatsServerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of Tandem. */
  readonly packageVersion: string;
}

export class StatsServer {
  readonly #context: AdminContext;
  readonly #servers: readonly Server[];
  readonly #open = new Set<AdminConnection>();
  readonly #perListener = new Map<StatsListener, number>();
  #waiting: Waiting[] = [];

  constructor(side: AdminSide, options: StatsServerOptions) {
    this.#context = {
      ...side,
      environment: options.environment,
      version: `${HAPROXY_VERSION}-tandem-${options.packageVersion}`,
      help: helpText,
    };
    this.#servers = side.listeners.map((listener) => this.#serve(listener));
    void side.stopping.then(() => this.#leave());
    void side.ended.then(() => this.#close());
  }

  #serve(listener: StatsListener): Server {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      this.#admit({ socket, listener });
    });
    server.on('error', (error) => this.#context.journal.alert(`stats socket ${listener.name}: ${error.message}`));
    server.listen({ fd: listener.take() });
    return server;
  }

  #admit(waiting: Waiting): void {
    if (this.#hasRoom(waiting.listener)) this.#begin(waiting);
    else if (this.#waiting.length < WAITING_MAX) {
      this.#waiting.push(waiting);
      waiting.socket.once('error', () => waiting.socket.destroy());
    } else waiting.socket.destroy();
  }

  #hasRoom(listener: StatsListener): boolean {
    const { maxconn } = this.#context.model.global.stats;
    const own = listener.maxconn ?? maxconn;
    return this.#open.size < maxconn && (this.#perListener.get(listener) ?? 0) < own;
  }

  #begin({ socket, listener }: Waiting): void {
    if (socket.destroyed) return;
    const { timeoutMs } = this.#context.model.global.stats;
    this.#count(listener, 1);
    const connection = new AdminConnection(socket, this.#context, listener.level, timeoutMs, () => {
      this.#open.delete(connection);
      this.#count(listener, -1);
      this.#next();
    });
    this.#open.add(connection);
    socket.resume();
  }

  #next(): void {
    const still: Waiting[] = [];
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (this.#hasRoom(one.listener)) this.#begin(one);
      else still.push(one);
    }
    this.#waiting = [...still, ...this.#waiting];
  }

  #count(listener: StatsListener, by: number): void {
    this.#perListener.set(listener, (this.#perListener.get(listener) ?? 0) + by);
  }

  /** Nobody else comes in. */
  #leave(): void {
    for (const server of this.#servers) server.close();
  }

  #close(): void {
    for (const { socket } of this.#waiting) socket.destroy();
    this.#waiting = [];
    for (const connection of [...this.#open]) connection.close();
  }
}
