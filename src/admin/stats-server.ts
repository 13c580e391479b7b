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
import { MasterSpeech } from './master-speech.ts';
import { STATS_SPEECH } from './speech.ts';

/** Connections that wait for others to end; more are closed at once. */
const WAITING_MAX = 64;
/** A terminal that somebody forgot; in HAProxy a master's connection may be silent for ever. */
const MASTER_TIMEOUT_MS = 3_600_000;

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
  readonly #side: () => AdminSide;
  readonly #options: StatsServerOptions;
  readonly #servers = new Map<StatsListener, Server>();
  readonly #open = new Set<AdminConnection>();
  readonly #perListener = new Map<StatsListener, number>();
  #waiting: Waiting[] = [];

  /** `side`: as it is at the moment, which a reload changes. */
  constructor(side: () => AdminSide, options: StatsServerOptions) {
    this.#side = side;
    this.#options = options;
    this.follow();
    void side().stopping.then(() => this.#leave());
    void side().ended.then(() => this.#close());
  }

  /** Serves the sockets that there are now; who is connected to one that is gone stays. */
  follow(): void {
    const { listeners } = this.#side();
    for (const [listener, server] of this.#servers) {
      if (listeners.includes(listener)) continue;
      server.close();
      this.#servers.delete(listener);
    }
    for (const listener of listeners) {
      if (!this.#servers.has(listener)) this.#servers.set(listener, this.#serve(listener));
    }
  }

  readonly #context = (): AdminContext => ({
    ...this.#side(),
    environment: this.#options.environment,
    version: `${HAPROXY_VERSION}-tandem-${this.#options.packageVersion}`,
    help: helpText,
  });

  #serve(listener: StatsListener): Server {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      this.#admit({ socket, listener });
    });
    server.on('error', (error) => this.#side().journal.alert(`stats socket ${listener.name}: ${error.message}`));
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
    const { maxconn } = this.#side().model.global.stats;
    const own = listener.maxconn ?? maxconn;
    return this.#open.size < maxconn && (this.#perListener.get(listener) ?? 0) < own;
  }

  #begin({ socket, listener }: Waiting): void {
    if (socket.destroyed) return;
    const timeoutMs = listener.isMaster ? MASTER_TIMEOUT_MS : this.#side().model.global.stats.timeoutMs;
    const speech = listener.isMaster ? new MasterSpeech() : STATS_SPEECH;
    this.#count(listener, 1);
    const connection = new AdminConnection(socket, this.#context, speech, listener.level, timeoutMs, () => {
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
    for (const server of this.#servers.values()) server.close();
  }

  #close(): void {
    for (const { socket } of this.#waiting) socket.destroy();
    this.#waiting = [];
    for (const connection of [...this.#open]) connection.close();
  }
}
