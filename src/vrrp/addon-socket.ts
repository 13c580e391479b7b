/**
 * VRRP messages through the package `raw-socket` (IPv4): compiled at installation, so it may be missing, and that is fine.
 *
 * IPv6 needs the hop limit of what arrives, which the package does not tell: there the FFI twin serves in any case.
 * Its queue for sending is passed by: an advertisement leaves now or not at all. It closes itself upon a poll error, and would
 * make another socket, bound to nothing, when it is used after that: it is opened anew instead.
 */
import { createRequire } from 'node:module';
import { type Clock, systemClock, systemTimers, type Timer, type Timers } from '../core/clock.ts';
import { interfaceIndex } from '../sys/socket-options.ts';
import type { Received } from './acceptance.ts';
import { ipPacket, parseIpv4Packet } from './ip-packet.ts';
import { ipBytes } from './ip-text.ts';
import { VRRP_PROTOCOL } from './packet.ts';
import type { OpenRawSocket, RawSocket, RawSocketOptions } from './raw-socket.ts';

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const IPPROTO_IP = 0;
const IP_HDRINCL = 3;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_LOOP = 34;
const IP_ADD_MEMBERSHIP = 35;
const IP_MULTICAST_ALL = 49;
const BUFFER_BYTES = 2048;
const PROTOCOL_RAW = 255;

/** Between one that was lost and the next: doubled each time, unless it lived for a while. */
const REOPEN_FIRST_MS = 100;
const REOPEN_MOST_MS = 5000;
const LIVED_MS = 10_000;

/** What is used of the package. */
export interface AddonSocket {
  readonly wrap: {
    recv(buffer: Buffer, done: (buffer: Buffer, bytes: number, source: string) => void): void;
    send(buffer: Buffer, offset: number, length: number, address: string, done: (bytes: number) => void): void;
  };
  on(event: 'message', listener: (packet: Buffer, source: string) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'close', listener: () => void): void;
  setOption(level: number, option: number, value: number | Buffer, length?: number): void;
  close(): void;
}

export interface Addon {
  createSocket(options: { protocol: number; addressFamily: number; bufferSize: number }): AddonSocket;
}

const ADDRESS_FAMILY_IPV4 = 1;

let loaded: Addon | null | undefined;

function load(): Addon | null {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)('raw-socket') as Addon;
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

export function hasAddon(): boolean {
  return load() !== null;
}

/** Throws where the package is missing: ask hasAddon() first. */
export const openAddonSocket: OpenRawSocket = (options, receive, say): RawSocket => {
  const addon = load();
  if (addon === null) throw new Error('the package raw-socket is not installed');
  return addonOpener(addon, systemClock, systemTimers)(options, receive, say);
};

export function addonOpener(addon: Addon, clock: Clock, timers: Timers): OpenRawSocket {
  return (options, receive, say) => {
    if (options.family !== 4) throw new Error('the package raw-socket does not tell hop limits');
    return new AddonRawSocket(addon, options, { clock, timers, receive, say });
  };
}

interface Sockets {
  readonly hear: AddonSocket;
  readonly send: AddonSocket;
}

/** Nothing is left of it when it throws. */
function openBoth(addon: Addon, options: RawSocketOptions, deliver: (packet: Buffer) => void): Sockets {
  const create = (protocol: number) =>
    addon.createSocket({ protocol, addressFamily: ADDRESS_FAMILY_IPV4, bufferSize: BUFFER_BYTES });
  const hearIndex = indexOf(options.receiveOn);
  const sendIndex = indexOf(options.sendOn);
  const hear = create(VRRP_PROTOCOL);
  const send = create(PROTOCOL_RAW);
  // What is wrong with one message loses that one; what is wrong with the socket is said by 'close', too.
  hear.on('error', () => {});
  send.on('error', () => {});
  try {
    bindTo(hear, options.receiveOn);
    hear.setOption(IPPROTO_IP, IP_MULTICAST_ALL, 0);
    if (options.group !== null) setBytes(hear, IP_ADD_MEMBERSHIP, mreqn(options.group, hearIndex));
    bindTo(send, options.sendOn);
    send.setOption(IPPROTO_IP, IP_HDRINCL, 1);
    send.setOption(IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    setBytes(send, IP_MULTICAST_IF, mreqn('0.0.0.0', sendIndex));
  } catch (error) {
    hear.close();
    send.close();
    throw error;
  }
  hear.on('message', deliver);
  return { hear, send };
}

interface Surroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly receive: (received: Received) => void;
  readonly say: (text: string) => void;
}

class AddonRawSocket implements RawSocket {
  readonly engine = 'raw-socket';
  readonly #addon: Addon;
  readonly #options: RawSocketOptions;
  readonly #around: Surroundings;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  /** null: lost, and not there again yet. */
  #sockets: Sockets | null = null;
  #openedMs = 0;
  #pauseMs = REOPEN_FIRST_MS;
  #retry: Timer | null = null;
  #closed = false;
  #id = 0;

  constructor(addon: Addon, options: RawSocketOptions, around: Surroundings) {
    this.#addon = addon;
    this.#options = options;
    this.#around = around;
    this.#open();
  }

  send(message: Uint8Array, source: string, destination: string, ttl: number): string | null {
    if (this.#closed) return null;
    if (this.#sockets === null) return 'the socket was lost and is not open again yet';
    this.#id = (this.#id % 0xffff) + 1;
    const packet = Buffer.from(ipPacket(message, source, destination, ttl, this.#id));
    try {
      this.#sockets.send.wrap.send(packet, 0, packet.length, destination, () => {});
      return null;
    } catch (error) {
      return textOf(error);
    }
  }

  async drain(): Promise<void> {
    try {
      while (this.#sockets !== null) {
        this.#sockets.hear.wrap.recv(this.#buffer, (buffer, bytes) => this.#deliver(buffer.subarray(0, bytes)));
      }
    } catch {
      // EAGAIN: that was all.
    }
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#shut();
  }

  #deliver(packet: Buffer): void {
    const received = parseIpv4Packet(packet);
    if (received !== null && !this.#closed) this.#around.receive(received);
  }

  #open(): void {
    const sockets = openBoth(this.#addon, this.#options, (packet) => this.#deliver(packet));
    this.#sockets = sockets;
    this.#openedMs = this.#around.clock.monotonicMs();
    for (const socket of [sockets.hear, sockets.send]) socket.on('close', () => this.#lost(sockets));
  }

  #shut(): void {
    const sockets = this.#sockets;
    this.#sockets = null;
    sockets?.hear.close();
    sockets?.send.close();
  }

  /** One of them closed itself. What is ours by now is another pair, or none. */
  #lost(sockets: Sockets): void {
    if (this.#sockets !== sockets) return;
    this.#shut();
    const { clock, say } = this.#around;
    if (clock.monotonicMs() - this.#openedMs >= LIVED_MS) this.#pauseMs = REOPEN_FIRST_MS;
    say(`the socket on ${this.#options.receiveOn} was lost; opened again in ${this.#pauseMs} ms`);
    this.#reopenLater();
  }

  #reopenLater(): void {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, REOPEN_MOST_MS);
    this.#retry = this.#around.timers.after(pauseMs, () => {
      try {
        this.#open();
      } catch (error) {
        this.#around.say(`the socket on ${this.#options.receiveOn} cannot be opened again: ${textOf(error)}`);
        this.#reopenLater();
      }
    });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function bindTo(socket: AddonSocket, device: string): void {
  const name = Buffer.from(`${device}\0`);
  socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, name, name.length);
}

function setBytes(socket: AddonSocket, option: number, value: Buffer): void {
  socket.setOption(IPPROTO_IP, option, value, value.length);
}

/** `struct ip_mreqn { group, own address, index }` */
function mreqn(group: string, index: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.set(ipBytes(group), 0);
  bytes.writeInt32LE(index, 8);
  return bytes;
}

function indexOf(name: string): number {
  const index = interfaceIndex(name);
  if (index === 0) throw new Error(`there is no interface ${name}`);
  return index;
}
