/**
 * Datagrams to a fixed peer: UDP, and unix datagram sockets such as /dev/log (unix(7)).
 *
 * UDP sends through one unconnected socket a family and thread: a connected one (0.4 µs of 3.3 cheaper) would report
 * the ICMP answer to the last message as an error of the next and lose that one too, and would keep the source address
 * that it had at first, which may leave this box with a failover. A unix socket is connected, so that it still works
 * after a chroot; when its reader was restarted it connects again, by path.
 */
import type { InetAddress, UnixAddress } from '../core/address.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  EAGAIN,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from './constants.ts';
import * as libc from './libc.ts';
import { allocate } from './memory.ts';
import type { Outlet } from './outlet.ts';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from './sockaddr.ts';

const FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** A socket address where the kernel can read it for as long as the process lives. */
class FixedAddress {
  readonly address: number;
  readonly length: number;

  constructor(peer: InetAddress | UnixAddress) {
    const region = allocate(SOCKADDR_MAX_BYTES);
    this.address = region.address;
    this.length = writeSockaddr(region.bytes, 0, peer);
  }
}

/** One socket a family, opened when first needed, for the life of the thread. */
const inetSockets = new Map<number, number>();

function inetSocket(family: number): number {
  const known = inetSockets.get(family);
  if (known !== undefined) return known;
  const fd = libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) inetSockets.set(family, fd);
  return fd;
}

export class UdpOutlet implements Outlet {
  readonly #family: number;
  readonly #peer: FixedAddress;

  constructor(peer: InetAddress) {
    this.#family = peer.family === 4 ? AF_INET : AF_INET6;
    this.#peer = new FixedAddress(peer);
    inetSocket(this.#family);
  }

  send(address: number, length: number): boolean {
    const fd = inetSocket(this.#family);
    return libc.sendto(fd, address, length, FLAGS, this.#peer.address, this.#peer.length) === length;
  }

  close(): void {
    // The socket belongs to the thread.
  }
}

export class UnixDatagramOutlet implements Outlet {
  readonly #peer: FixedAddress;
  #fd: number;
  #connected = false;

  constructor(peer: UnixAddress) {
    this.#peer = new FixedAddress(peer);
    this.#fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    this.#connect();
  }

  send(address: number, length: number): boolean {
    if (!this.#connected && !this.#connect()) return false;
    if (libc.send(this.#fd, address, length, FLAGS) === length) return true;
    // A full queue is EAGAIN and will pass; anything else says that this peer is gone.
    if (libc.errno() === EAGAIN) return false;
    return this.#connect() && libc.send(this.#fd, address, length, FLAGS) === length;
  }

  close(): void {
    if (this.#fd >= 0) libc.close(this.#fd);
    this.#fd = -1;
    this.#connected = false;
  }

  #connect(): boolean {
    this.#connected = libc.connect(this.#fd, this.#peer.address, this.#peer.length) === 0;
    return this.#connected;
  }
}
