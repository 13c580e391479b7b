/**
 * The server behind a proxy under test. It notes every byte, reads it with strict-http.ts, and answers each whole request
 * with its own target as the body, so that an answer tells whose it is. A case may have its first request answered
 * otherwise: by bytes of its own (`answer`), or by a script (`script`), for bad servers.
 *
 * Not here: what is right (judge.ts).
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { RequestCase } from './case.ts';
import { type Message, readMessage } from './strict-http.ts';
import { Signal } from './wire-events.ts';

type Whole = Message & { kind: 'complete' };

/** Targets that begin so are the runner's own, and no part of any case. */
export const OWN_TARGET = '/canary-';

export interface Upstream {
  /** Bytes since the case began, without the runner's own requests. */
  readonly raw: string;
  readonly requests: readonly Whole[];
  readonly fault: string | undefined;
  /** What came behind a 101. */
  readonly tunnel: string;
}

class Connection {
  raw = '';
  requests: Whole[] = [];
  /** What is not a whole message yet. */
  rest = '';
  fault: string | undefined;
  tunnel: string | undefined;
  earlyAnswered = false;
  continued = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }
}

export type Script = (socket: Socket) => void;

/** Octets that are opaque to a proxy, as characters that strict-http.ts takes anywhere. */
export const plainly = (text: string): string => text.replace(/[\x01-\x08\v\f\x0e-\x1f\x7f-\xff]/g, '?');

export const targetOf = (startLine: string): string => startLine.split(' ')[1] ?? '';

const fieldOf = (message: Whole, name: string): string =>
  message.fields.find(([one]) => one.toLowerCase() === name)?.[1].toLowerCase() ?? '';

export function okAnswer(message: Whole): string {
  const body = targetOf(message.startLine).slice(0, 100);
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
  return message.startLine.startsWith('HEAD ') ? head : head + body;
}

export class Origin {
  readonly port: number;
  readonly changed = new Signal();
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #gone: Connection[] = [];
  #answer: RequestCase['answer'];
  #opaque = false;
  #scripts = new Map<string, Script>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async listen(): Promise<Origin> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return new Origin(server, address.port);
  }

  /** Forgets what came so far. Connections that stand between two messages stay; others were not kept for anybody. */
  begin(one: Pick<RequestCase, 'answer' | 'opaque'> = {}): void {
    this.#answer = one.answer;
    this.#opaque = one.opaque === true;
    this.#scripts.clear();
    this.#gone.length = 0;
    for (const connection of this.#connections) {
      if (connection.rest !== '' || connection.fault !== undefined || connection.tunnel !== undefined) {
        connection.socket.destroy();
        this.#connections.delete(connection);
      }
      connection.raw = '';
      connection.requests = [];
      connection.earlyAnswered = false;
    }
  }

  /** Requests for `target` are answered by `script`, each time that a proxy tries. */
  on(target: string, script: Script): void {
    this.#scripts.set(target, script);
  }

  /** What reached the server since `begin`, connection by connection. */
  seen(): Upstream[] {
    return [...this.#gone, ...this.#connections]
      .filter((one) => one.raw !== '' || one.rest !== '')
      .map((one) => {
        return { raw: one.raw + one.rest, requests: one.requests, fault: one.fault, tunnel: one.tunnel ?? '' };
      });
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connections.add(connection);
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      if (this.#connections.delete(connection)) this.#gone.push(connection);
      this.changed.fire();
    });
    socket.on('data', (chunk) => {
      this.#take(connection, chunk.toString('latin1'));
      this.changed.fire();
    });
  }

  #take(connection: Connection, text: string): void {
    if (connection.tunnel !== undefined) {
      connection.tunnel += text;
      connection.socket.write(`echo:${text}`, 'latin1');
      return;
    }
    connection.rest += this.#opaque ? plainly(text) : text;
    while (connection.rest !== '' && connection.fault === undefined && connection.tunnel === undefined) {
      const message = readMessage(connection.rest, true, false);
      if (message.kind === 'fault') {
        connection.fault = message.what;
        connection.socket.end();
        return;
      }
      if (message.kind === 'incomplete') {
        this.#onHead(connection);
        return;
      }
      const bytes = connection.rest.slice(0, message.end);
      connection.rest = connection.rest.slice(message.end);
      connection.continued = false;
      if (!targetOf(message.startLine).startsWith(OWN_TARGET)) {
        connection.raw += bytes;
        connection.requests.push(message);
      }
      this.#reply(connection, message);
    }
  }

  /** A head without the whole of its body. */
  #onHead(connection: Connection): void {
    const headEnd = connection.rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const answer = this.#answer;
    if (answer?.after === 'head') {
      this.#answer = undefined;
      connection.earlyAnswered = true;
      connection.socket.write(answer.raw, 'latin1');
    } else if (!connection.continued && /\r\nexpect: *100-continue/i.test(connection.rest.slice(0, headEnd))) {
      connection.continued = true;
      connection.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
  }

  #reply(connection: Connection, message: Whole): void {
    const target = targetOf(message.startLine);
    const script = this.#scripts.get(target);
    if (script !== undefined) {
      script(connection.socket);
      return;
    }
    if (connection.earlyAnswered) {
      connection.earlyAnswered = false;
      return;
    }
    const own = target.startsWith(OWN_TARGET);
    const answer = own ? undefined : this.#answer;
    if (answer !== undefined) {
      this.#answer = undefined;
      connection.socket.write(answer.raw, 'latin1');
      if (answer.raw.startsWith('HTTP/1.1 101 ')) {
        connection.tunnel = '';
        const early = connection.rest;
        connection.rest = '';
        if (early !== '') this.#take(connection, early);
      }
      if (/\r\nconnection: close\r\n/i.test(answer.raw)) connection.socket.end();
      return;
    }
    connection.socket.write(okAnswer(message), 'latin1');
    const ends = fieldOf(message, 'connection');
    if (ends.includes('close') || (message.startLine.endsWith('/1.0') && !ends.includes('keep-alive'))) {
      connection.socket.end();
    }
  }
}
