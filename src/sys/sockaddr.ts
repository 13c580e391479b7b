/**
 * `struct sockaddr_in`, `sockaddr_in6` and `sockaddr_un` to and from bytes (ip(7), ipv6(7), unix(7)).
 */
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import { AF_INET, AF_INET6, AF_UNIX } from './constants.ts';

export const SOCKADDR_MAX_BYTES = 110;
const UNIX_PATH_MAX_BYTES = 107;

/**
 * Writes the address at `offset`; returns its length in bytes.
 *
 * Names in the abstract namespace are as long as they say: `@name` is filled up with zero bytes, as HAProxy does with
 * `abns@name`; one that starts with a zero byte is taken as it is, which is what systemd expects.
 */
export function writeSockaddr(into: Buffer, offset: number, address: InetAddress | UnixAddress): number {
  if (address.family === 'unix') {
    const padded = address.path.startsWith('@');
    const path = Buffer.from(padded ? `\0${address.path.slice(1)}` : address.path);
    if (path.length > UNIX_PATH_MAX_BYTES) throw new Error(`unix socket path longer than 107 bytes: ${address.path}`);
    into.writeUInt16LE(AF_UNIX, offset);
    path.copy(into, offset + 2);
    if (padded) {
      into.fill(0, offset + 2 + path.length, offset + SOCKADDR_MAX_BYTES);
      return SOCKADDR_MAX_BYTES;
    }
    if (path[0] === 0) return 2 + path.length;
    into[offset + 2 + path.length] = 0;
    return 3 + path.length;
  }
  if (address.family === 4) {
    into.fill(0, offset, offset + 16);
    into.writeUInt16LE(AF_INET, offset);
    into.writeUInt16BE(address.port, offset + 2);
    into.set(ipv4Bytes(address.ip), offset + 4);
    return 16;
  }
  into.fill(0, offset, offset + 28);
  into.writeUInt16LE(AF_INET6, offset);
  into.writeUInt16BE(address.port, offset + 2);
  into.set(ipv6Bytes(address.ip), offset + 8);
  return 28;
}
