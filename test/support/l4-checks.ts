/** Checks of real servers for tests: one attempt at a time with real sockets, and servers to be checked. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { CheckConnection, CheckTiming } from '../../src/config/l4-model.ts';
import { systemClock, systemTimers } from '../../src/core/clock.ts';
import type { CheckHome, CheckState } from '../../src/l4/check.ts';
import type { Attempt, Method, Outcome } from '../../src/l4/checks/attempt.ts';
import type { CheckServices } from '../../src/l4/checks/check-services.ts';
import { FakeCommands } from './fake-commands.ts';

/** Nobody waits so long. */
export const LONG_MS = 3_600_000;
/** For what never comes. */
export const SHORT_MS = 60;
const MOST_MS = 10_000;

export function timing(more: Partial<CheckTiming> = {}): CheckTiming {
  return {
    ...{ intervalMs: 10_000, connectTimeoutMs: LONG_MS, retries: 1, retryDelayMs: 1000, warmupMs: 0 },
    ...{ alpha: false, logAllFailures: false },
    ...more,
  };
}

export function to(port: number, more: Partial<CheckConnection> = {}): CheckConnection {
  return { address: { family: 4, ip: '127.0.0.1', port }, from: null, interface: null, mark: null, ...more };
}

export const ORIGIN = { file: 'keepalived.conf', line: 1, column: 1 } as never;

export function home(more: Partial<CheckHome> = {}): CheckHome {
  return {
    service: '[192.0.2.1]:tcp:80',
    server: '[10.0.0.71]:tcp:80',
    address: { family: 4, ip: '10.0.0.71', port: 80 },
    weight: 1,
    changed: () => {},
    ...more,
  };
}

export class Lines {
  readonly lines: string[] = [];
  readonly info = (text: string): void => void this.lines.push(text);
  readonly warning = (text: string): void => void this.lines.push(text);
}

export function services(more: Partial<CheckServices> = {}): CheckServices {
  return {
    clock: systemClock,
    timers: systemTimers,
    random: { next: () => 0.5 },
    journal: new Lines(),
    commands: new FakeCommands(),
    resolveUser: () => ({}),
    files: { watch: () => null },
    ...more,
  };
}

/** What one attempt finds. */
export function attempt(method: Pick<Method, 'begin'>): Promise<Outcome> {
  return new Promise((resolve) => {
    method.begin(resolve);
  });
}

/** In this order: the kind, and the words for people. */
export async function found(method: Pick<Method, 'begin'>): Promise<string> {
  const outcome = await attempt(method);
  return outcome.kind === 'bad' ? `${outcome.said}: ${outcome.why}` : `${outcome.kind}: ${outcome.why}`;
}

/**
 * What is found when a time-out must end the second step: on a machine that stands still the first one may take as long, then
 * both are given more.
 */
export async function foundLate(method: (timeoutMs: number) => Pick<Method, 'begin'>, isIt: RegExp): Promise<string> {
  for (let timeoutMs = SHORT_MS; ; timeoutMs *= 4) {
    const said = await found(method(timeoutMs));
    if (isIt.test(said) || timeoutMs > MOST_MS) return said.replace(`${timeoutMs / 1000} s`, 'N s');
  }
}

/** A TCP server that does with each connection what the test says; it knows which are open. */
export class CheckedServer {
  readonly port: number;
  readonly sockets = new Set<Socket>();
  /** What was said to it, in all. */
  heard = '';
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(serve: (socket: Socket, server: CheckedServer) => void): Promise<CheckedServer> {
    const server = createServer({ allowHalfOpen: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const checked = new CheckedServer(server, portOf(server.address()));
    server.on('connection', (socket) => {
      checked.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => checked.sockets.delete(socket));
      socket.on('data', (chunk: Buffer) => {
        checked.heard += chunk.toString('latin1');
      });
      serve(socket, checked);
    });
    return checked;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Ends a connection with RST and nothing before it; resetAndDestroy() of Node says FIN first. */
export function reset(socket: Socket): void {
  (socket as unknown as { readonly _handle: { reset(done: () => void): number } })._handle.reset(() =>
    socket.destroy(),
  );
}

export type DatagramAnswer = (bytes: Buffer) => Buffer | Buffer[] | null;

/** Answers each datagram with what `answer` says; null: not at all. */
export async function datagramServer(answer: DatagramAnswer, ip = '127.0.0.1') {
  const socket: DatagramSocket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  const heard: Buffer[] = [];
  socket.on('message', (bytes, from) => {
    heard.push(bytes);
    const back = answer(bytes) ?? [];
    for (const one of Array.isArray(back) ? back : [back]) socket.send(one, from.port, from.address);
  });
  socket.bind(0, ip);
  await once(socket, 'listening');
  return { port: socket.address().port, heard, stop: () => new Promise<void>((done) => socket.close(() => done())) };
}

function portOf(address: ReturnType<Server['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  return address.port;
}

/** A Method whose attempts the test ends by hand. */
export class HandMethod {
  readonly ends: ((outcome: Outcome) => void)[] = [];
  cancelled = 0;
  readonly begin = (end: (outcome: Outcome) => void): Attempt => {
    this.ends.push(end);
    return {
      cancel: () => {
        this.cancelled++;
      },
    };
  };
}

export const UNKNOWN: CheckState = { isUp: true, weightChange: 0, why: '', checkedWallMs: null };
