/**
 * VRRP messages through the package `raw-socket` (IPv4): compiled at installation, so it may be missing, and that is fine.
 *
 * IPv6 needs the hop limit of what arrives, which the package does not tell: there the FFI twin serves in any case.
 * Its queue for sending is passed by: an advertisement leaves now or not at all.
 */
import { createRequire } from 'node:module';
import { interfaceIndex } from '../sys/socket-options.ts';
import { ipPacket, parseIpv4Packet } from './ip-packet.ts';
import { ipBytes } from './ip-text.ts';
import { VRRP_PROTOCOL } from './packet.ts';
import type { OpenRawSocket, RawSocket } from './raw-socket.ts';

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

interface AddonSocket {
  readonly wrap: {
    recv(buffer: Buffer, done: (buffer: Buffer, bytes: number, source: string) => void): void;
    send(buffer: Buffer, offset: number, length: number, address: string, done: (bytes: number) => void): void;
  };
  on(event: 'message', listener: (packet: Buffer, source: string) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  setOption(level: number, option: number, value: number | Buffer, length?: number): void;
  close(): void;
}

interface Addon {
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
export const openAddonSocket: OpenRawSocket = (options, receive): RawSocket => {
  const addon = load();
  if (addon === null) throw new Error('the package raw-socket is not installed');
  if (options.family !== 4) throw new Error('the package raw-socket does not tell hop limits');
  const create = (protocol: number) =>
    addon.createSocket({ protocol, addressFamily: ADDRESS_FAMILY_IPV4, bufferSize: BUFFER_BYTES });
  const hearIndex = indexOf(options.receiveOn);
  const sendIndex = indexOf(options.sendOn);
  const hear = create(VRRP_PROTOCOL);
  const send = create(PROTOCOL_RAW);
  const deliver = (packet: Buffer): void => {
    const received = parseIpv4Packet(packet);
    if (received !== null) receive(received);
  };
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
  // A message that could not be read is lost like any other; the socket closes itself only on poll errors.
  hear.on('error', () => {});
  send.on('error', () => {});
  hear.on('message', deliver);
  return new AddonRawSocket(hear, send, deliver);
};

class AddonRawSocket implements RawSocket {
  readonly engine = 'raw-socket';
  readonly #hear: AddonSocket;
  readonly #send: AddonSocket;
  readonly #deliver: (packet: Buffer) => void;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #open = true;
  #id = 0;

  constructor(hear: AddonSocket, send: AddonSocket, deliver: (packet: Buffer) => void) {
    this.#hear = hear;
    this.#send = send;
    this.#deliver = deliver;
  }

  send(message: Uint8Array, source: string, destination: string, ttl: number): string | null {
    if (!this.#open) return null;
    this.#id = (this.#id % 0xffff) + 1;
    const packet = Buffer.from(ipPacket(message, source, destination, ttl, this.#id));
    try {
      this.#send.wrap.send(packet, 0, packet.length, destination, () => {});
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async drain(): Promise<void> {
    try {
      while (this.#open) {
        this.#hear.wrap.recv(this.#buffer, (buffer, bytes) => this.#deliver(buffer.subarray(0, bytes)));
      }
    } catch {
      // EAGAIN: that was all.
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#hear.close();
    this.#send.close();
  }
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
