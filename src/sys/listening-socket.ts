/** What a descriptor from elsewhere is: does it listen for streams, where, and in which way (getsockname(2), socket(7)). */
import type { Address, InetAddress, UnixAddress } from '../core/address.ts';
import { formatIpv4, formatIpv6, ipv6Bytes } from '../core/ip-bytes.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  F_GETFD,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';
import { SOCKADDR_MAX_BYTES } from './sockaddr.ts';

/** In the scratch region: behind the longest socket address. */
const LENGTH_AT = 128;
const VALUE_AT = 136;
const DEVICE_NAME_BYTES = 16;

export interface ListeningSocket {
  readonly fd: number;
  /** Names in the abstract namespace begin with `@`, and have no zero bytes at their end. */
  readonly address: InetAddress | UnixAddress;
  /** Of IPv6: no IPv4 clients. */
  readonly v6Only: boolean;
  /** The interface that it is bound to; empty: to none. */
  readonly device: string;
}

export function isOpen(fd: number): boolean {
  return libc.fcntl(fd, F_GETFD, 0) >= 0;
}

/** null: it is none. */
export function listeningSocket(fd: number): ListeningSocket | null {
  const listens = option(fd, SOL_SOCKET, SO_ACCEPTCONN) === 1 && option(fd, SOL_SOCKET, SO_TYPE) === SOCK_STREAM;
  const address = listens ? boundTo(fd) : null;
  if (address === null) return null;
  const v6Only = address.family === 6 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY) === 1;
  return { fd, address, v6Only, device: deviceOf(fd) };
}

/** However an IPv6 address is written. */
export function isSamePlace(a: Address, b: Address): boolean {
  switch (a.family) {
    case 4:
      return b.family === 4 && a.ip === b.ip && a.port === b.port;
    case 6:
      return b.family === 6 && canonical(a.ip) === canonical(b.ip) && a.port === b.port;
    case 'unix':
      return b.family === 'unix' && a.path === b.path;
    case 'fd':
      return b.family === 'fd' && a.fd === b.fd;
  }
}

function canonical(ip: string): string {
  return formatIpv6(ipv6Bytes(ip), 0);
}

function boundTo(fd: number): InetAddress | UnixAddress | null {
  scratchBytes.writeInt32LE(SOCKADDR_MAX_BYTES, LENGTH_AT);
  if (libc.getsockname(fd, scratchAddress, scratchAddress + LENGTH_AT) < 0) return null;
  const length = Math.min(scratchBytes.readInt32LE(LENGTH_AT), SOCKADDR_MAX_BYTES);
  const port = scratchBytes.readUInt16BE(2);
  switch (scratchBytes.readUInt16LE(0)) {
    case AF_INET:
      return { family: 4, ip: formatIpv4(scratchBytes, 4), port };
    case AF_INET6:
      return { family: 6, ip: formatIpv6(scratchBytes, 8), port };
    case AF_UNIX: {
      const path = scratchBytes.toString('utf8', 2, length).replace(/\0+$/, '');
      return { family: 'unix', path: path.startsWith('\0') ? `@${path.slice(1)}` : path };
    }
    default:
      return null;
  }
}

function deviceOf(fd: number): string {
  scratchBytes.writeInt32LE(DEVICE_NAME_BYTES, LENGTH_AT);
  const known = libc.getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, scratchAddress + VALUE_AT, scratchAddress + LENGTH_AT);
  if (known < 0) return '';
  const name = scratchBytes.toString('latin1', VALUE_AT, VALUE_AT + scratchBytes.readInt32LE(LENGTH_AT));
  return name.replace(/\0.*$/s, '');
}

/** -1: it has no such option. */
function option(fd: number, level: number, name: number): number {
  scratchBytes.writeInt32LE(4, LENGTH_AT);
  const known = libc.getsockopt(fd, level, name, scratchAddress + VALUE_AT, scratchAddress + LENGTH_AT);
  return known < 0 ? -1 : scratchBytes.readInt32LE(VALUE_AT);
}
