/**
 * One program on a file of worlds: what its clients heard, its servers saw and its log said, world by world.
 *
 *   start ─▶ servers down that shall be ─▶ clients, serially in each world ─▶ USR1 ─▶ exit: now every line is logged
 *
 * Nothing here waits for time; deadlines are for programs that hang.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once, setMaxListeners } from 'node:events';
import { connects } from '../../support/ports.ts';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { ClientRun, type Heard } from './client.ts';
import { settleAddress } from './configuration-text.ts';
import type { Origin, ServerConnection } from './origin.ts';
import { clientAddress, frontendAddress, frontendSocket, type Places } from './places.ts';
import type { World } from './world.ts';

/** For programs that hang. Who makes worlds small has less patience: most of those wait for what was taken from them. */
export interface Patience {
  readonly worldMs: number;
  readonly stopMs: number;
}
export const PATIENT: Patience = { worldMs: 45_000, stopMs: 30_000 };
export const IMPATIENT: Patience = { worldMs: 3_000, stopMs: 3_000 };

/** Worlds at a time: while one waits for a time-out of its configuration, others go on. */
const SIDE_BY_SIDE = 8;

export interface WorldRecord {
  readonly heard: readonly Heard[];
  readonly connections: readonly ServerConnection[];
  readonly log: readonly string[];
  /** It did not come to its end. */
  readonly stuck: boolean;
  readonly ms: number;
}

/** Log lines of all worlds, each to a port of its own. */
class LogSink {
  readonly lines: string[][];
  readonly #sockets: Socket[] = [];
  readonly #marks: (() => void)[] = [];
  #wake: () => void = () => undefined;

  private constructor(worlds: number) {
    this.lines = Array.from({ length: worlds }, () => []);
  }

  static async open(firstPort: number, worlds: number): Promise<LogSink> {
    const sink = new LogSink(worlds);
    for (let world = 0; world < worlds; world++) {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
      sink.#sockets.push(socket);
      socket.on('message', (bytes) => {
        const line = bytes.toString('latin1');
        if (line === '') sink.#marks[world]?.();
        else sink.lines[world]?.push(line);
        sink.#wake();
      });
      socket.bind(firstPort + world, '127.0.0.1');
      await once(socket, 'listening');
    }
    return sink;
  }

  async until(holds: () => boolean, deadline: AbortSignal): Promise<void> {
    while (!holds() && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before();
          resolve();
        };
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Everything that was sent before: an empty datagram comes behind it. */
  async close(): Promise<void> {
    for (const [world, socket] of this.#sockets.entries()) {
      const seen = new Promise<void>((resolve) => {
        this.#marks[world] = resolve;
      });
      socket.send('', socket.address().port, '127.0.0.1');
      await seen;
      socket.close();
    }
  }
}

/** Asks the frontend that answers by itself, so that the loop has seen what was before. */
async function settle(places: Places, deadline: AbortSignal): Promise<void> {
  const request = { startLine: 'GET / HTTP/1.0', headers: [], body: '', expects: false, jar: false, pipelined: false };
  const to = { host: settleAddress, port: places.frontends };
  const client = { address: 1, requests: [{ ...request, answers: [] }], ending: 'end' } as const;
  const run = new ClientRun({ to, from: '127.0.0.1' }, client, 'settle', undefined, deadline);
  await run.run();
  await run.leave();
}

async function live(
  places: Places,
  origin: Origin,
  sink: LogSink,
  w: number,
  world: World,
  patience: Patience,
): Promise<WorldRecord> {
  const started = performance.now();
  const deadline = AbortSignal.timeout(patience.worldMs);
  setMaxListeners(0, deadline);
  const log = sink.lines[w] ?? [];
  for (const [s, server] of world.servers.entries()) {
    if (server.check?.down === true)
      await sink.until(() => log.some((line) => line.includes(`/s${s} is DOWN`)), deadline);
  }
  const settled = async (): Promise<void> => {
    await settle(places, deadline);
    // What has arrived meanwhile is seen before the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const heard: Heard[] = [];
  const held: { at: number; run: ClientRun }[] = [];
  const to = world.unixBind
    ? { path: frontendSocket(places, w) }
    : { host: frontendAddress(w), port: places.frontends };
  for (const [c, client] of world.clients.entries()) {
    const place = { to, from: clientAddress(w, client.address) };
    const run = new ClientRun(place, client, `${w}-${c}`, origin, deadline);
    await run.run();
    if (client.ending === 'hold') held.push({ at: c, run });
    else heard[c] = await run.leave(settled);
    await origin.quiet(w, deadline);
    await settled();
  }
  origin.release(w);
  for (const { at, run } of held) {
    await run.answered();
    heard[at] = await run.leave(settled);
  }
  await origin.quiet(w, deadline);
  return { heard, connections: origin.connections(w), log, stuck: deadline.aborted, ms: performance.now() - started };
}

export async function runSide(
  program: string,
  text: string,
  places: Places,
  worlds: readonly World[],
  origin: Origin,
  patience: Patience,
): Promise<WorldRecord[]> {
  await origin.begin(worlds);
  const sink = await LogSink.open(places.logs, worlds.length);
  try {
    const proxy = await ProxyProcess.startAs([program], text, () => connects(places.frontends, settleAddress));
    const records: WorldRecord[] = [];
    try {
      let next = 0;
      const work = async (): Promise<void> => {
        for (let w = next++; w < worlds.length; w = next++) {
          const world = worlds[w];
          if (world !== undefined) records[w] = await live(places, origin, sink, w, world, patience);
        }
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    } finally {
      await proxy.stopSoftly(patience.stopMs);
    }
    return records;
  } finally {
    await sink.close();
  }
}
