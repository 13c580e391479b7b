/**
 * Many connections at once that talk, stall, pause, and end in every way, in a seeded order. Every byte says whose it is
 * and which, so that one that is lost, doubled, moved, or read from memory that has been used again is seen. A part of
 * poller-contract.ts.
 */
import { describe, expect, it } from 'vitest';
import * as libc from '../../src/sys/libc.ts';
import { SEND_DONE, SEND_FAILED, SEND_PENDING, type Socket } from '../../src/sys/poller.ts';
import type { Slab } from '../../src/sys/slabs.ts';
import { SeededRandom } from '../support/random.ts';
import { type Joined, type PollerBench, SLAB_BYTES } from './poller-bench.ts';

const CONNECTIONS = 24;
const STEPS = 400;
const UP = 7;
const DOWN = 91;

/** The byte at `position` of what goes one way on a connection. */
function byteAt(connection: number, way: number, position: number): number {
  return (Math.imul(connection + 1, 2654435761) + Math.imul(position ^ way, 40503) + (position >>> 8)) & 0xff;
}

function piece(connection: number, way: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(connection, way, from + i);
  return bytes;
}

function checked(bytes: Buffer, connection: number, way: number, from: number): number {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== byteAt(connection, way, from + i)) {
      throw new Error(`connection ${connection}, ${way === UP ? 'up' : 'down'}: byte ${from + i} of another place`);
    }
  }
  return from + bytes.length;
}

/** A session that answers what it hears with bytes of its own, and stops listening while they wait. */
class Talker {
  readonly id: number;
  readonly joined: Joined;
  readonly socket: Socket;
  heard = 0;
  said = 0;
  /** What the peer has sent and read. */
  peerSaid = 0;
  peerHeard = 0;
  closedWith: 'close' | 'reset' | 'shutdown' | '' = '';
  peerGone = false;

  constructor(id: number, joined: Joined) {
    this.id = id;
    this.joined = joined;
    this.socket = joined.socket;
  }

  peerReads(limit: number): void {
    const { peer } = this.joined;
    if (this.peerGone) return;
    peer.received = Buffer.alloc(0);
    peer.read(limit);
    this.peerHeard = checked(peer.received, this.id, DOWN, this.peerHeard);
  }
}

function talk(bench: PollerBench, seed: number): void {
  const random = new SeededRandom(seed);
  const talkers: Talker[] = [];
  const { poller } = bench;

  const say = (talker: Talker, length: number): void => {
    const { socket } = talker;
    if (socket.fd < 0 || socket.shut || socket.shutWhenDrained || socket.pending !== null) return;
    const sent = bench.send(socket, piece(talker.id, DOWN, talker.said, length));
    if (sent === SEND_FAILED) {
      poller.close(socket, false);
      talker.closedWith = 'reset';
      return;
    }
    expect([SEND_DONE, SEND_PENDING]).toContain(sent);
    talker.said += length;
    if (sent === SEND_PENDING) poller.pause(socket);
  };

  const end = (talker: Talker): void => {
    const { socket } = talker;
    if (socket.fd < 0) return;
    const how = random.below(3);
    // What is known to wait is dropped by a close: a session that wants it to leave waits itself.
    if (how === 0 && socket.pending === null)
      talker.closedWith = talker.closedWith === '' ? 'close' : talker.closedWith;
    else if (how === 1) {
      if (talker.closedWith === '') talker.closedWith = 'shutdown';
      poller.shutdown(socket);
      return;
    } else talker.closedWith = 'reset';
    poller.close(socket, how === 2);
  };

  const join = (id: number): Talker => {
    const talker = new Talker(id, bench.join4(random.below(3) === 0));
    const { events, socket } = talker.joined;
    events.onData = (_socket: Socket, slab: Slab, start: number, stop: number): void => {
      talker.heard = checked(Buffer.from(slab.bytes.subarray(start, stop)), talker.id, UP, talker.heard);
      // Whatever is done with the place where it stood must not matter to what was sent before.
      slab.bytes.fill(0xee, start, stop);
      const answers = random.below(3);
      for (let i = 0; i < answers; i++) say(talker, 1 + random.size(SLAB_BYTES >> random.below(6)));
      if (random.below(40) === 0) end(talker);
      else if (random.below(20) === 0) poller.pause(socket);
    };
    events.onDrained = (): void => {
      poller.resume(socket);
    };
    const gone = (): void => {
      if (socket.fd < 0) return;
      talker.closedWith = 'reset';
      poller.close(socket, false);
    };
    events.onError = gone;
    events.onSendFailed = gone;
    events.onEnd = (): void => {
      if (random.below(2) === 0) end(talker);
    };
    return talker;
  };

  for (let i = 0; i < CONNECTIONS; i++) talkers.push(join(i));
  for (let step = 0; step < STEPS; step++) {
    const at = random.below(CONNECTIONS);
    const talker = talkers[at] as Talker;
    const { peer } = talker.joined;
    switch (random.below(12)) {
      case 0:
        talker.peerReads(1 + random.size(100_000));
        break;
      case 1:
        if (talker.socket.fd >= 0 && talker.socket.pending === null) poller.resume(talker.socket);
        break;
      case 2:
        say(talker, 1 + random.size(SLAB_BYTES));
        break;
      case 3:
        if (random.below(4) === 0 && !talker.peerGone) peer.end();
        break;
      case 4:
        if (random.below(8) === 0 && !talker.peerGone) {
          talker.peerGone = true;
          bench.fds.splice(bench.fds.indexOf(peer.fd), 1);
          peer.reset();
        }
        break;
      case 5:
        if (random.below(6) === 0) end(talker);
        break;
      case 6:
        // A new connection takes the place, and with it the descriptor.
        if (talker.socket.fd < 0) {
          finish(bench, talker);
          talkers[at] = join(CONNECTIONS + step);
        }
        break;
      default:
        if (!talker.peerGone && peer.error === 0) sayUp(talker, random);
    }
    if (random.below(3) === 0) poller.turn(0);
  }
  for (const talker of talkers) {
    if (talker.socket.fd >= 0 && talker.socket.pending === null) {
      poller.resume(talker.socket);
    }
  }
  for (const talker of talkers) finish(bench, talker);
  bench.rest();
  expect(bench.slabs.lent).toBe(0);
}

function sayUp(talker: Talker, random: SeededRandom): void {
  const bytes = piece(talker.id, UP, talker.peerSaid, 1 + random.size(40_000));
  try {
    talker.peerSaid += talker.joined.peer.send(bytes);
  } catch {
    // The session has ended: EPIPE or ECONNRESET.
  }
}

/** Lets everything leave that is still under way, and looks whether it was all that was said. */
function finish(bench: PollerBench, talker: Talker): void {
  const { socket } = talker;
  const { peer } = talker.joined;
  // Small windows open again by timers of the kernel.
  const mayCome = (): boolean => talker.peerHeard < talker.said && !talker.peerGone && peer.error === 0 && !peer.sawEnd;
  for (let i = 0; i < 4 || (i < 200 && talker.closedWith !== 'reset' && mayCome()); i++) {
    bench.poller.turn(i < 4 ? 0 : 5);
    talker.peerReads(Number.POSITIVE_INFINITY);
  }
  if (socket.fd >= 0) bench.poller.close(socket, true);
  const kept = talker.closedWith === 'close' || talker.closedWith === 'shutdown' || talker.closedWith === '';
  // A close on unread bytes answers with RST, which takes with it what the peer has not read.
  const allHeard = talker.heard === talker.peerSaid;
  if (kept && allHeard && !talker.peerGone && peer.error === 0) expect(talker.peerHeard).toBe(talker.said);
  expect(talker.peerHeard).toBeLessThanOrEqual(talker.said);
  if (!talker.peerGone) {
    const at = bench.fds.indexOf(peer.fd);
    if (at >= 0) bench.fds.splice(at, 1);
    libc.close(peer.fd);
    talker.peerGone = true;
  }
}

export function fuzzContract(bench: PollerBench): void {
  describe('connections that do as they please', () => {
    for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 12); seed++) {
      it(`lose, double and mix up nothing (seed ${seed})`, () => talk(bench, seed));
    }
  });
}
