/**
 * A pair of raw IP sockets on an interface, through FFI: one that hears a protocol, one that sends whole IP packets.
 *
 *   hears   IPv4: packets with their header (raw(7)); IPv6: the payload, with hop limit and destination beside it
 *   sends   packets with a header of our own making: source, TTL and class are what the caller wrote
 *
 * Not here: what is in the packets (src/vrrp).
 */
import { errorText } from '../core/error-text.ts';
import { formatIpv6, ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_RAW,
  IPV6_ADD_MEMBERSHIP,
  IPV6_FREEBIND,
  IPV6_HOPLIMIT,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PKTINFO,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  MSG_DONTWAIT,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from './constants.ts';
import * as libc from './libc.ts';
import { allocate } from './memory.ts';
import { forgetReadable, watchReadable } from './readable-signal.ts';
import { writeSockaddr } from './sockaddr.ts';
import { bindToDevice, interfaceIndex, setBytesOption, setIntOption } from './socket-options.ts';

export interface RawIpOptions {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly receiveOn: string;
  readonly sendOn: string;
  /** Joined on `receiveOn`; null: unicast only. */
  readonly group: string | null;
}

/** `bytes`: valid until the callback returns. IPv6: without header; `destination` and `hopLimit` say what it said. */
export interface RawIpv6Details {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
}

export interface RawIpEvents {
  ipv4(packet: Uint8Array): void;
  ipv6(payload: Uint8Array, details: RawIpv6Details): void;
}

/** Internetwork control: ahead of ordinary traffic in this box's own queues. */
const PRIORITY_CONTROL = 6;

// One buffer serves all: a packet is looked at before the next is read.
//   0: sockaddr (28)   64: iovec (16)   96: msghdr (56)   192: control (256)   512: data
const PACKET_BYTES = 16 * 1024;
const region = allocate(512 + PACKET_BYTES);
const NAME = 0;
const IOVEC = 64;
const MSGHDR = 96;
const CONTROL = 192;
const CONTROL_BYTES = 256;
const DATA = 512;
const sendRegion = allocate(PACKET_BYTES);

/** In an IPv6 header. */
const IPV6_SOURCE = 8;
/** In a `struct sockaddr_in6`. */
const SCOPE = 24;

export class RawIpSocket {
  readonly #hear: number;
  readonly #send: number;
  readonly #family: 4 | 6;
  readonly #events: RawIpEvents;
  readonly #sendIndex: number;
  /** IPv6: what the sending socket is bound to. */
  #boundSource = '';
  #open = true;

  /** Throws an Error for the operator: no such interface, no permission. */
  constructor(options: RawIpOptions, events: RawIpEvents) {
    this.#family = options.family;
    this.#events = events;
    const hearIndex = indexOf(options.receiveOn);
    this.#sendIndex = indexOf(options.sendOn);
    this.#hear = openSocket(options.family, options.protocol);
    try {
      this.#send = openSocket(options.family, IPPROTO_RAW);
    } catch (error) {
      libc.close(this.#hear);
      throw error;
    }
    try {
      this.#prepareHearing(options, hearIndex);
      this.#prepareSending(options);
    } catch (error) {
      libc.close(this.#hear);
      libc.close(this.#send);
      throw error;
    }
    watchReadable(this.#hear, () => this.drain());
  }

  /** 0, or the error number. `packet` starts with its IP header. */
  send(packet: Uint8Array, destination: string): number {
    if (!this.#open) return 0;
    const family = this.#family;
    if (family === 6 && !this.#bindSource(packet)) return libc.errno();
    const length = writeSockaddr(sendRegion.bytes, 0, { family, ip: destination, port: 0 });
    // sin6_scope_id: which link a link-local destination is on.
    if (family === 6) sendRegion.bytes.writeUInt32LE(this.#sendIndex, SCOPE);
    sendRegion.bytes.set(packet, 64);
    const { address } = sendRegion;
    const sent = libc.sendto(this.#send, address + 64, packet.length, MSG_DONTWAIT, address, length);
    return sent === packet.length ? 0 : libc.errno();
  }

  /** Hands over all that has arrived. */
  drain(): void {
    while (this.#open && this.#receiveOne());
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    forgetReadable(this.#hear);
    libc.close(this.#hear);
    libc.close(this.#send);
  }

  /**
   * The header has the source, but the kernel looks for one all the same, on an interface that may have none: a macvlan
   * whose virtual address comes after the first advert.
   */
  #bindSource(packet: Uint8Array): boolean {
    const ip = formatIpv6(packet, IPV6_SOURCE);
    if (ip === this.#boundSource) return true;
    const { bytes, address } = sendRegion;
    const length = writeSockaddr(bytes, 0, { family: 6, ip, port: 0 });
    bytes.writeUInt32LE(this.#sendIndex, SCOPE);
    if (libc.bind(this.#send, address, length) < 0) return false;
    this.#boundSource = ip;
    return true;
  }

  #prepareHearing(options: RawIpOptions, index: number): void {
    const fd = this.#hear;
    bindToDevice(fd, options.receiveOn);
    if (options.family === 4) {
      setIntOption(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
      if (options.group !== null) setBytesOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, mreqn(options.group, index));
      return;
    }
    setIntOption(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    setIntOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    setIntOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
    if (options.group !== null) setBytesOption(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, mreq6(options.group, index));
  }

  #prepareSending(options: RawIpOptions): void {
    const fd = this.#send;
    bindToDevice(fd, options.sendOn);
    setIntOption(fd, SOL_SOCKET, SO_PRIORITY, PRIORITY_CONTROL);
    if (options.family === 4) {
      setIntOption(fd, IPPROTO_IP, IP_HDRINCL, 1);
      setBytesOption(fd, IPPROTO_IP, IP_MULTICAST_IF, mreqn('0.0.0.0', this.#sendIndex));
      setIntOption(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    } else {
      setIntOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, this.#sendIndex);
      setIntOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
      setIntOption(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
    }
  }

  /** false: nothing there. */
  #receiveOne(): boolean {
    const { bytes, address } = region;
    bytes.fill(0, 0, DATA);
    bytes.writeBigUInt64LE(BigInt(address + DATA), IOVEC);
    bytes.writeBigUInt64LE(BigInt(PACKET_BYTES), IOVEC + 8);
    bytes.writeBigUInt64LE(BigInt(address + NAME), MSGHDR);
    bytes.writeUInt32LE(28, MSGHDR + 8);
    bytes.writeBigUInt64LE(BigInt(address + IOVEC), MSGHDR + 16);
    bytes.writeBigUInt64LE(1n, MSGHDR + 24);
    bytes.writeBigUInt64LE(BigInt(address + CONTROL), MSGHDR + 32);
    bytes.writeBigUInt64LE(BigInt(CONTROL_BYTES), MSGHDR + 40);
    const length = libc.recvmsg(this.#hear, address + MSGHDR, MSG_DONTWAIT);
    if (length < 0) return false;
    const payload = bytes.subarray(DATA, DATA + length);
    if (this.#family === 4) this.#events.ipv4(payload);
    else this.#events.ipv6(payload, ipv6Details());
    return true;
  }
}

/** From the name and the control messages in the region: `struct cmsghdr { size_t len; int level; int type; } data…`. */
function ipv6Details(): RawIpv6Details {
  const { bytes } = region;
  const end = Math.min(CONTROL + Number(bytes.readBigUInt64LE(MSGHDR + 40)), CONTROL + CONTROL_BYTES);
  let destination: Uint8Array = new Uint8Array(16);
  let hopLimit = 0;
  for (let at = CONTROL; at + 16 <= end; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (length < 16) break;
    const type = bytes.readInt32LE(at + 12);
    if (bytes.readInt32LE(at + 8) === IPPROTO_IPV6) {
      if (type === IPV6_HOPLIMIT) hopLimit = bytes.readInt32LE(at + 16);
      if (type === IPV6_PKTINFO) destination = bytes.subarray(at + 16, at + 32);
    }
    at += Math.ceil(length / 8) * 8;
  }
  return { source: bytes.subarray(NAME + 8, NAME + 24), destination, hopLimit };
}

function openSocket(family: 4 | 6, protocol: number): number {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const fd = libc.socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) throw new Error(`raw socket: ${errorText(libc.errno())} (CAP_NET_RAW is needed)`);
  return fd;
}

function indexOf(name: string): number {
  const index = interfaceIndex(name);
  if (index === 0) throw new Error(`there is no interface ${name}`);
  return index;
}

/** `struct ip_mreqn { group, own address, index }` */
function mreqn(group: string, index: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.set(ipv4Bytes(group), 0);
  bytes.writeInt32LE(index, 8);
  return bytes;
}

/** `struct ipv6_mreq { group, index }` */
function mreq6(group: string, index: number): Uint8Array {
  const bytes = Buffer.alloc(20);
  bytes.set(ipv6Bytes(group), 0);
  bytes.writeUInt32LE(index, 16);
  return bytes;
}
