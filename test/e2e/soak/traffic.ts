/**
 * Clients of the soak, each a loop until the deadline. A client that did not break its own exchange must get the whole
 * right answer; one that did, or asked the origin to, must never be told that a cut body is complete.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../../support/random.ts';
import { drained } from './backpressure.ts';
import { PatternCheck, patternSlice } from './pattern.ts';

export interface Traffic {
  readonly port: number;
  readonly random: SeededRandom;
  readonly running: () => boolean;
  readonly faults: string[];
  /** Exchanges and bytes, to show that something happened. */
  readonly counts: { exchanges: number; broken: number; bytes: number };
}

const KIB = 1024;
const MIB = 1024 * 1024;

interface Download {
  readonly bytes: number;
  readonly seed: number;
  readonly framing: 'length' | 'chunked' | 'close';
  /** Milliseconds to wait after each piece. */
  readonly slowMs?: number;
  /** The client resets when it has this many bytes. */
  readonly abortAt?: number;
  /** The origin resets after so many bytes. */
  readonly resetAt?: number;
}

function respond(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
}

/** RST instead of FIN, once there is a socket to reset. */
function reset(outgoing: ClientRequest): void {
  if (outgoing.socket !== null) outgoing.socket.resetAndDestroy();
  else outgoing.once('socket', (socket) => socket.resetAndDestroy());
}

async function download(traffic: Traffic, agent: Agent | undefined, wish: Download): Promise<void> {
  const { bytes, seed, framing } = wish;
  const resetQuery = wish.resetAt === undefined ? '' : `&reset=${wish.resetAt}`;
  const path = `/down?seed=${seed}&bytes=${bytes}&framing=${framing}${resetQuery}`;
  const mayBreak = wish.abortAt !== undefined || wish.resetAt !== undefined;
  const outgoing = request({ host: '127.0.0.1', port: traffic.port, path, agent: agent ?? false });
  const check = new PatternCheck(seed);
  let incoming: IncomingMessage | undefined;
  try {
    outgoing.end();
    incoming = await respond(outgoing);
    outgoing.on('error', () => undefined);
    const cutByOrigin = wish.resetAt !== undefined && incoming.statusCode === 502;
    if (incoming.statusCode !== 200 && !cutByOrigin) traffic.faults.push(`${path}: status ${incoming.statusCode}`);
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      if (incoming.statusCode !== 200) continue;
      check.take(chunk);
      if (wish.abortAt !== undefined && check.bytes >= wish.abortAt) {
        reset(outgoing);
        break;
      }
      if (wish.slowMs !== undefined) await sleep(wish.slowMs);
    }
  } catch (error) {
    if (!mayBreak) traffic.faults.push(`${path}: ${String(error)} after ${check.bytes} bytes`);
  }
  if (check.wrongAt >= 0) traffic.faults.push(`${path}: byte ${check.wrongAt} of a download is wrong`);
  // An answer that only the end of the connection ends cannot tell a cut from an end: no check of its length then.
  const whole = incoming?.complete === true && incoming.statusCode === 200 && wish.abortAt === undefined;
  if (whole && check.bytes !== bytes && !(mayBreak && framing === 'close')) {
    traffic.faults.push(`${path}: ${check.bytes} bytes came as a complete answer`);
  }
  if (mayBreak) traffic.counts.broken++;
  traffic.counts.exchanges++;
  traffic.counts.bytes += check.bytes;
}

interface Upload {
  readonly bytes: number;
  readonly seed: number;
  readonly chunked: boolean;
  readonly echo: boolean;
  readonly abortAt?: number;
}

async function sendBody(outgoing: ClientRequest, wish: Upload): Promise<void> {
  const limit = wish.abortAt ?? wish.bytes;
  for (let sent = 0; sent < limit; ) {
    const slice = patternSlice(wish.seed, sent, wish.bytes - sent);
    sent += slice.length;
    if (!outgoing.write(slice) && !(await drained(outgoing))) return;
  }
  if (wish.abortAt === undefined) outgoing.end();
  else reset(outgoing);
}

async function upload(traffic: Traffic, agent: Agent | undefined, wish: Upload): Promise<void> {
  const path = `/${wish.echo ? 'echo' : 'up'}?seed=${wish.seed}&bytes=${wish.bytes}`;
  const headers: Record<string, string> = wish.chunked ? {} : { 'Content-Length': String(wish.bytes) };
  const outgoing = request({
    host: '127.0.0.1',
    port: traffic.port,
    path,
    agent: agent ?? false,
    method: 'POST',
    headers,
  });
  outgoing.on('error', () => undefined);
  const check = new PatternCheck(wish.seed);
  try {
    // The answer is read while the body goes out: an echo that nobody reads stops its own sending.
    const sending = sendBody(outgoing, wish);
    const incoming = await respond(outgoing);
    for await (const chunk of incoming as AsyncIterable<Buffer>) check.take(chunk);
    await sending;
    if (wish.abortAt === undefined) {
      if (incoming.statusCode !== 200) traffic.faults.push(`${path}: status ${incoming.statusCode}`);
      const expected = wish.echo ? wish.bytes : 0;
      if (check.bytes !== expected) traffic.faults.push(`${path}: ${check.bytes} of ${expected} bytes came back`);
    }
    if (wish.echo && check.wrongAt >= 0) traffic.faults.push(`${path}: byte ${check.wrongAt} of an echo is wrong`);
  } catch (error) {
    if (wish.abortAt === undefined) traffic.faults.push(`${path}: ${String(error)} after ${check.bytes} bytes`);
  }
  if (wish.abortAt !== undefined) traffic.counts.broken++;
  traffic.counts.exchanges++;
  traffic.counts.bytes += wish.bytes + check.bytes;
}

const seedOf = (traffic: Traffic): number => traffic.random.below(1_000_000);
const FRAMINGS = ['length', 'chunked'] as const;
const CLOSING_FRAMINGS = ['length', 'chunked', 'close'] as const;

/** Keep-alive on one connection: small and middling answers and uploads in turn. */
export async function keepAliveClient(traffic: Traffic): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (traffic.running()) {
    const { random } = traffic;
    const bytes = random.size(256 * KIB);
    const seed = seedOf(traffic);
    if (random.below(3) === 0) {
      await upload(traffic, agent, { bytes, seed, chunked: random.below(2) === 0, echo: random.below(2) === 0 });
    } else {
      await download(traffic, agent, { bytes, seed, framing: random.pick(FRAMINGS) });
    }
  }
  agent.destroy();
}

/** A connection for each exchange. */
export async function closingClient(traffic: Traffic): Promise<void> {
  while (traffic.running()) {
    const bytes = traffic.random.size(64 * KIB);
    const framing = traffic.random.pick(CLOSING_FRAMINGS);
    await download(traffic, undefined, { bytes, seed: seedOf(traffic), framing });
  }
}

/** 100 MiB down, up in chunks, and both at once. */
export async function largeClient(traffic: Traffic): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const bytes = 100 * MIB;
  while (traffic.running()) {
    await download(traffic, agent, { bytes, seed: seedOf(traffic), framing: traffic.random.pick(FRAMINGS) });
    if (!traffic.running()) break;
    await upload(traffic, agent, { bytes, seed: seedOf(traffic), chunked: true, echo: false });
    if (!traffic.running()) break;
    await upload(traffic, agent, { bytes: 20 * MIB, seed: seedOf(traffic), chunked: true, echo: true });
  }
  agent.destroy();
}

/** Reads a piece, waits, reads on: the server must be held back. */
export async function slowClient(traffic: Traffic): Promise<void> {
  while (traffic.running()) {
    const bytes = 1 * MIB + traffic.random.below(MIB);
    await download(traffic, undefined, { bytes, seed: seedOf(traffic), framing: 'length', slowMs: 10 });
  }
}

/** Resets at a random point, on either side, in either direction. */
export async function breakingClient(traffic: Traffic): Promise<void> {
  while (traffic.running()) {
    const { random } = traffic;
    const bytes = 1 + random.size(2 * MIB);
    const seed = seedOf(traffic);
    const at = random.below(bytes);
    const way = random.below(3);
    if (way === 0) await download(traffic, undefined, { bytes, seed, framing: random.pick(FRAMINGS), abortAt: at });
    else if (way === 1)
      await download(traffic, undefined, { bytes, seed, framing: random.pick(FRAMINGS), resetAt: at });
    else await upload(traffic, undefined, { bytes, seed, chunked: true, echo: random.below(2) === 0, abortAt: at });
  }
}
