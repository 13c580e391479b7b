/** Where one row is played against one proxy: its clients, its servers, and what came of them. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { GET_CLOSE } from './messages.ts';
import { Peer } from './peer.ts';
import { poll, STEP_MS } from './poll.ts';
import type { Row } from './row.ts';
import { summary } from './summary.ts';

/** What the row's proxy section is built from. */
export interface Place {
  readonly name: string;
  /** Where the proxy listens. */
  readonly host: string;
  readonly port: number;
  /** Address of the row's server `n`. */
  readonly server: (n: number) => string;
  readonly hole: string;
}

export function sectionOf(row: Row, place: Place): string {
  const lines = row.conf
    .split(';')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) =>
      line
        .replaceAll(/\$s(\d)/g, (_, n: string) => place.server(Number(n)))
        .replaceAll(/\$[hl](\d)/g, (_, n: string) => place.server(Number(n)).replace(/:.*/, ''))
        .replaceAll('$refused', place.server(9))
        .replaceAll('$hole', place.hole),
    );
  return [`listen ${place.name}`, `bind ${place.host}:${place.port}`, ...lines].join('\n  ');
}

/** What the proxy's log has said of the row so far. */
export interface Log {
  readonly lines: () => readonly string[];
  /** `NAME is UP` and the like. */
  readonly notices: () => readonly string[];
}

class Listening {
  readonly accepted: Peer[] = [];
  readonly #server: Server;
  #wake: (() => void) | null = null;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.accepted.push(new Peer(socket));
      this.#wake?.();
    });
  }

  static async start(host: string, port: number): Promise<Listening> {
    const server = createServer({ allowHalfOpen: true });
    const listening = new Listening(server);
    server.listen(port, host);
    await once(server, 'listening');
    return listening;
  }

  async next(index: number): Promise<Peer> {
    const until = Date.now() + STEP_MS;
    for (;;) {
      const peer = this.accepted[index];
      if (peer !== undefined) return peer;
      if (Date.now() > until) throw new Error(`connection ${index + 1} never came to the server`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async close(): Promise<void> {
    this.stop();
    for (const peer of this.accepted) peer.socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Takes no more connections. */
  stop(): void {
    this.#server.close();
  }
}

export class Scene {
  readonly #place: Place;
  readonly #clients: Peer[] = [];
  readonly #servers = new Map<number, Listening>();
  readonly #taken = new Map<number, number>();
  readonly #log: Log;

  constructor(place: Place, log: Log) {
    this.#place = place;
    this.#log = log;
  }

  /** Servers whose names are in the section are there from the beginning. */
  async open(row: Row): Promise<void> {
    for (const n of new Set([...row.conf.matchAll(/\$[sh](\d)/g)].map((match) => Number(match[1]))))
      await this.listen(n);
  }

  async listen(n: number): Promise<void> {
    const [host = '', port] = this.#place.server(n).split(':');
    this.#servers.set(n, await Listening.start(host, Number(port)));
  }

  stopListening(n: number): void {
    this.#servers.get(n)?.stop();
  }

  async client(text = ''): Promise<Peer> {
    const peer = await Peer.connect(this.#place.host, this.#place.port);
    this.#clients.push(peer);
    if (text !== '') peer.send(text);
    return peer;
  }

  /** The next connection to a server. */
  async server(n = 1): Promise<Peer> {
    const index = this.#taken.get(n) ?? 0;
    this.#taken.set(n, index + 1);
    const listening = this.#servers.get(n);
    if (listening === undefined) throw new Error(`no server ${n} in this row`);
    return listening.next(index);
  }

  /** The next connection to a server, on which this has come. */
  async asked(what = '\r\n\r\n', n = 1): Promise<Peer> {
    const peer = await this.server(n);
    await peer.until(what);
    return peer;
  }

  /** The next connection to a server, if there is one, is answered. */
  answers(text: string, what = '\r\n\r\n', n = 1): void {
    this.asked(what, n).then(
      (server) => server.send(text),
      () => undefined,
    );
  }

  /**
   * Waits until the proxy has seen all that was sent to it: it has one thread, takes its events in their order, and has
   * answered somebody who came later. Twice, because accepting and reading may be two turns.
   */
  async taken(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const peer = await Peer.connect('127.0.0.1', this.#place.port);
      peer.send(GET_CLOSE);
      await peer.ended();
      peer.socket.destroy();
    }
  }

  /** Waits for so many log lines. */
  async logged(count = 1): Promise<void> {
    await poll(`log line ${count}`, () => this.#log.lines().length >= count);
  }

  /** Waits until the last that was said of servers is this: `a is DOWN`. */
  async noticed(change: string): Promise<void> {
    await poll(change, () => this.#log.notices().at(-1) === change);
  }

  /** Waits until a server is up, as it is in the beginning, too. */
  async up(name: string): Promise<void> {
    await poll(`${name} is UP`, () => (this.#log.notices().at(-1) ?? `${name} is UP`) === `${name} is UP`);
  }

  /** What each client was told, and how it ended. */
  async outcome(): Promise<string[]> {
    const told: string[] = [];
    for (const client of this.#clients) {
      if (client.hasReset) {
        told.push('left');
        continue;
      }
      // Who was not sent away leaves now: the answer says whether it might have stayed.
      if (client.ending === null) client.fin();
      await client.ended();
      // RST takes away what was not read yet.
      told.push(`${client.ending === 'RST' ? '' : summary(client.received)} ${client.ending}`.trim());
    }
    return told;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    for (const listening of this.#servers.values()) await listening.close();
  }
}
