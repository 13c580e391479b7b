/**
 * Sockets of which Node cannot say everything: bound to an interface, with a firewall mark, told of ICMP errors, or for
 * ICMP itself. Node takes over the descriptor.
 *
 *   stream     TCP, unconnected
 *   datagram   UDP; what routers and the peer say of it (IP_RECVERR) is an error of its next read
 *   echo       ICMP as datagrams (icmp(7)): echo requests out, their replies in, for groups in ping_group_range
 */
import { errorText } from '../core/error-text.ts';
import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  SO_BINDTODEVICE,
  SO_MARK,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';
import { writeSockaddr } from './sockaddr.ts';
import { setOption } from './socket-options.ts';

export interface BoundSocketPlace {
  readonly family: 4 | 6;
  readonly kind: 'stream' | 'datagram' | 'echo';
  readonly device: string | null;
  readonly mark: number | null;
  /** Port 0: the kernel chooses one. null: it chooses both. */
  readonly from: { readonly ip: string; readonly port: number } | null;
}

/** The operation that the kernel refused; `errno` as in Node's own errors: negative. */
export class RefusedSocket extends Error {
  override readonly name = 'RefusedSocket';
  readonly errno: number;

  constructor(what: string, errno: number) {
    super(`${what}: ${errorText(errno)}`);
    this.errno = -errno;
  }
}

const PROTOCOLS = { stream: [0, 0], datagram: [0, 0], echo: [IPPROTO_ICMP, IPPROTO_ICMPV6] } as const;

/** Non-blocking. Throws RefusedSocket. */
export function openBoundSocket({ family, kind, device, mark, from }: BoundSocketPlace): number {
  const [protocol4, protocol6] = PROTOCOLS[kind];
  const type = (kind === 'stream' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = libc.socket(family === 4 ? AF_INET : AF_INET6, type, family === 4 ? protocol4 : protocol6);
  if (fd < 0) throw new RefusedSocket('socket', libc.errno());
  if (mark !== null && !setOption(fd, SOL_SOCKET, SO_MARK, mark | 0)) refuse(fd, `firewall mark ${mark}`);
  if (device !== null && !setDevice(fd, device)) refuse(fd, `interface ${device}`);
  if (kind === 'datagram') {
    if (family === 4) setOption(fd, IPPROTO_IP, IP_RECVERR, 1);
    else setOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
  if (from !== null) {
    const lengthBytes = writeSockaddr(scratchBytes, 0, { family, ip: from.ip, port: kind === 'echo' ? 0 : from.port });
    if (libc.bind(fd, scratchAddress, lengthBytes) < 0) refuse(fd, `address ${from.ip}`);
  }
  return fd;
}

function setDevice(fd: number, device: string): boolean {
  const name = Buffer.from(`${device}\0`);
  scratchBytes.set(name, 0);
  return libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, scratchAddress, name.length) === 0;
}

function refuse(fd: number, what: string): never {
  const errno = libc.errno();
  libc.close(fd);
  throw new RefusedSocket(what, errno);
}
