/** A poller with a listening socket and peers of its own, as the parts of poller-contract.ts use it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import {
  type AcceptHandler,
  type Listener,
  type Poller,
  SEND_DONE,
  SEND_PENDING,
  Socket,
  type SocketHandler,
} from '../../src/sys/poller.ts';
import { type Slab, SlabPool } from '../../src/sys/slabs.ts';
import { RawAddress, RawPeer, rawListen, shrink } from './raw-peer.ts';

export const SLAB_BYTES = 16_384;
export const HEADROOM_BYTES = 1024;
export const READ_BYTES = SLAB_BYTES - HEADROOM_BYTES;
export const PLAIN = { keepAlive: null, source: null, userTimeoutMs: 0, sendsAtOnce: false };
export const ANY_CLIENT = { keepAlive: null, resets: false, answersAtOnce: false };
export const SLABS = 64;
const TURNS_MAX = 500;

/** What engines may do differently. */
export interface EngineTraits {
  /** A closed descriptor is free when the call returns; else with the next turn. */
  readonly closesAtOnce: boolean;
}

export type CreatePoller = (slabs: SlabPool, headroomBytes: number, accepts: AcceptHandler) => Poller;

/** Notes what happens, in words; a test may do something at a word. */
export class Recorder implements SocketHandler {
  readonly log: string[] = [];
  received = Buffer.alloc(0);
  readonly lengths: number[] = [];
  errno = 0;
  dry = 0;
  /** Whether more was announced with the last bytes. */
  more = false;
  /** Called at each event with its word, after it was noted. */
  at: (word: string, socket: Socket) => void = () => undefined;

  onConnected(socket: Socket): void {
    this.#note('connected', socket);
  }

  onData(socket: Socket, slab: Slab, start: number, end: number): void {
    expect(start - slab.base).toBeGreaterThanOrEqual(HEADROOM_BYTES);
    expect(end).toBeLessThanOrEqual(slab.base + slab.sizeBytes);
    this.received = Buffer.concat([this.received, slab.bytes.subarray(start, end)]);
    this.lengths.push(end - start);
    this.more = socket.readable;
    this.#note('data', socket);
  }

  onEnd(socket: Socket): void {
    this.#note('end', socket);
  }

  onError(socket: Socket, errno: number): void {
    this.errno = errno;
    this.#note('error', socket);
  }

  onDrained(socket: Socket): void {
    this.#note('drained', socket);
  }

  onSendFailed(socket: Socket, errno: number): void {
    this.errno = errno;
    this.#note('send-failed', socket);
  }

  onDry(): void {
    this.dry++;
  }

  onTimeout(): void {}

  get text(): string {
    return this.received.toString('latin1');
  }

  /** The events without those of which there may be more or fewer. */
  get ends(): string[] {
    return this.log.filter((word) => word !== 'data' && word !== 'drained');
  }

  #note(word: string, socket: Socket): void {
    this.log.push(word);
    this.at(word, socket);
  }
}

export interface Joined {
  readonly socket: Socket;
  readonly events: Recorder;
  readonly peer: RawPeer;
}

/** What there is during one test. */
interface Stand {
  readonly slabs: SlabPool;
  readonly poller: Poller;
  readonly address: RawAddress;
  readonly listener: Listener;
}

export class PollerBench {
  accepted: number[] = [];
  failures: number[] = [];
  atAccept: () => void = () => undefined;
  readonly fds: number[] = [];
  readonly folders: string[] = [];
  readonly traits: EngineTraits;
  readonly #create: CreatePoller;
  #stand: Stand | null = null;

  constructor(create: CreatePoller, traits: EngineTraits) {
    this.#create = create;
    this.traits = traits;
  }

  open(): void {
    const slabs = new SlabPool(SLAB_BYTES, SLABS);
    this.accepted = [];
    this.failures = [];
    this.atAccept = () => undefined;
    const poller: Poller = this.#create(slabs, HEADROOM_BYTES, {
      onAccepted: (_, fd) => {
        this.accepted.push(fd);
        this.atAccept();
      },
      onAcceptFailed: (from, errno) => {
        this.failures.push(errno);
        poller.pauseAccept(from);
      },
    });
    const address = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
    const fd = rawListen(address);
    this.fds.push(fd);
    this.#stand = { slabs, poller, address, listener: poller.listen(fd, 3, ANY_CLIENT) };
  }

  /** An engine beside the first, as another thread has one. */
  another(): Poller {
    const unasked = (): never => {
      throw new Error('it does not listen');
    };
    return this.#create(new SlabPool(SLAB_BYTES, SLABS), HEADROOM_BYTES, {
      onAccepted: unasked,
      onAcceptFailed: unasked,
    });
  }

  close(): void {
    for (const fd of this.fds.splice(0)) libc.close(fd);
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true });
  }

  get slabs(): SlabPool {
    return this.#now.slabs;
  }

  get poller(): Poller {
    return this.#now.poller;
  }

  /** Where the poller listens. */
  get address(): RawAddress {
    return this.#now.address;
  }

  get listener(): Listener {
    return this.#now.listener;
  }

  until(done: () => boolean, what = 'it'): void {
    for (let i = 0; !done(); i++) {
      if (i > TURNS_MAX) throw new Error(`${what} did not happen`);
      this.poller.turn(10);
    }
  }

  /** A few turns in which nothing more may happen. */
  rest(): void {
    for (let i = 0; i < 5; i++) this.poller.turn(0);
  }

  /** Closes, and lets it take effect. */
  end(socket: Socket, reset: boolean): void {
    this.poller.close(socket, reset);
    this.poller.turn(0);
  }

  /** A client that was let in. */
  join4(small = false): Joined {
    const before = this.accepted.length;
    if (small) shrink(this.listener.fd);
    const peer = RawPeer.connect(this.address);
    if (small) shrink(peer.fd);
    this.fds.push(peer.fd);
    this.until(() => this.accepted.length > before, 'accept');
    return this.#adopted(peer);
  }

  /** A client by a path, whose kernel buffer is small: what waits leaves bit by bit, which TCP does not do. */
  joinUnix(): Joined {
    const before = this.accepted.length;
    const path = this.path();
    const fd = rawListen(path);
    this.fds.push(fd);
    this.poller.listen(fd, 5, ANY_CLIENT);
    const peer = RawPeer.connect(path);
    this.fds.push(peer.fd);
    this.until(() => this.accepted.length > before, 'accept');
    shrink(this.accepted.at(-1) ?? -1);
    return this.#adopted(peer);
  }

  /** A path for a socket, in a folder of its own. */
  path(): RawAddress {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
    this.folders.push(folder);
    return new RawAddress({ family: 'unix', path: join(folder, 's') });
  }

  #adopted(peer: RawPeer): Joined {
    const events = new Recorder();
    const socket = new Socket(events);
    this.poller.adopt(socket, this.accepted.at(-1) ?? -1);
    return { socket, events, peer };
  }

  /** A connection of the poller's own. */
  dial(): { socket: Socket; events: Recorder } {
    const events = new Recorder();
    const socket = new Socket(events);
    const { family, address, lengthBytes } = this.address;
    expect(this.poller.connect(socket, family, address, lengthBytes, PLAIN)).toBe(0);
    return { socket, events };
  }

  send(socket: Socket, content: string | Buffer, more = false): number {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    const region = allocate(Math.max(bytes.length, 1));
    bytes.copy(region.bytes);
    const slab = { bytes: region.bytes, base: 0, address: region.address, sizeBytes: region.sizeBytes };
    return this.poller.send(socket, slab, 0, bytes.length, more);
  }

  /** Sends until the kernel takes no more. Returns all that was given. */
  fill(socket: Socket): Buffer {
    const given: Buffer[] = [];
    for (let i = 0; i < 2000; i++) {
      const piece = Buffer.alloc(8000, i);
      given.push(piece);
      const sent = this.send(socket, piece);
      if (sent === SEND_PENDING) return Buffer.concat(given);
      expect(sent).toBe(SEND_DONE);
    }
    throw new Error('the kernel takes everything');
  }

  get #now(): Stand {
    if (this.#stand === null) throw new Error('not open');
    return this.#stand;
  }
}
