/** The far end of a connection, by system calls of its own: what it does has happened when the call returns. */
import { expect } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  EAGAIN,
  EINPROGRESS,
  MSG_NOSIGNAL,
  SHUT_WR,
  SO_LINGER,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from '../../src/sys/sockaddr.ts';

const FLAGS = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
const buffer = allocate(1 << 20);
const FAMILIES = { 4: AF_INET, 6: AF_INET6, unix: AF_UNIX } as const;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;

export function must(result: number): number {
  if (result < 0) throw new Error(`a system call failed, errno ${libc.errno()}`);
  return result;
}

/** A sockaddr that the kernel can read. */
export class RawAddress {
  readonly family: number;
  readonly address: number;
  readonly lengthBytes: number;
  readonly #bytes: Buffer;

  constructor(of: Parameters<typeof writeSockaddr>[2]) {
    const region = allocate(SOCKADDR_MAX_BYTES);
    this.family = FAMILIES[of.family];
    this.address = region.address;
    this.#bytes = region.bytes;
    this.lengthBytes = writeSockaddr(region.bytes, 0, of);
  }

  get port(): number {
    return this.#bytes.readUInt16BE(2);
  }

  /** Takes the port that the kernel chose. */
  readFrom(fd: number): void {
    buffer.bytes.writeInt32LE(SOCKADDR_MAX_BYTES, 0);
    must(libc.getsockname(fd, this.address, buffer.address));
  }
}

/** A listening socket; the address then has its port. */
export function rawListen(address: RawAddress, backlog = 1024): number {
  const fd = must(libc.socket(address.family, FLAGS, 0));
  must(libc.bind(fd, address.address, address.lengthBytes));
  must(libc.listen(fd, backlog));
  if (address.family !== AF_UNIX) address.readFrom(fd);
  return fd;
}

export class RawPeer {
  readonly fd: number;
  received = Buffer.alloc(0);
  sawEnd = false;
  /** errno of a read that failed, or 0. */
  error = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  static connect(to: RawAddress): RawPeer {
    const fd = must(libc.socket(to.family, FLAGS, 0));
    if (libc.connect(fd, to.address, to.lengthBytes) < 0) expect(libc.errno()).toBe(EINPROGRESS);
    return new RawPeer(fd);
  }

  /** Returns how much was taken. */
  send(content: string | Buffer): number {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    const length = Math.min(bytes.length, buffer.sizeBytes);
    bytes.copy(buffer.bytes, 0, 0, length);
    const sent = libc.send(this.fd, buffer.address, length, MSG_NOSIGNAL);
    if (sent < 0 && libc.errno() !== EAGAIN) throw new Error(`send failed, errno ${libc.errno()}`);
    return Math.max(sent, 0);
  }

  /** Takes what has arrived, up to `limit` bytes; returns how much that was. */
  read(limit: number = Number.POSITIVE_INFINITY): number {
    let taken = 0;
    while (taken < limit && !this.sawEnd && this.error === 0) {
      const got = libc.recv(this.fd, buffer.address, Math.min(buffer.sizeBytes, limit - taken), 0);
      if (got > 0) {
        this.received = Buffer.concat([this.received, buffer.bytes.subarray(0, got)]);
        taken += got;
      } else if (got === 0) this.sawEnd = true;
      else {
        if (libc.errno() === EAGAIN) break;
        this.error = libc.errno();
      }
    }
    return taken;
  }

  get text(): string {
    this.read();
    return this.received.toString('latin1');
  }

  end(): void {
    libc.shutdown(this.fd, SHUT_WR);
  }

  close(): void {
    libc.close(this.fd);
  }

  reset(): void {
    buffer.bytes.writeInt32LE(1, 0);
    buffer.bytes.writeInt32LE(0, 4);
    libc.setsockopt(this.fd, SOL_SOCKET, SO_LINGER, buffer.address, 8);
    this.close();
  }
}

/** Small kernel buffers, so that a write soon does not fit. */
export function shrink(fd: number): void {
  buffer.bytes.writeInt32LE(4096, 0);
  must(libc.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, buffer.address, 4));
  must(libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, buffer.address, 4));
}

/** Fills the kernel's buffers past whoever else sends on `fd`; returns how many bytes that took. */
export function stuff(fd: number): number {
  for (let sent = 0; ; ) {
    const taken = libc.send(fd, buffer.address, 1000, MSG_NOSIGNAL);
    if (taken < 0) return sent;
    sent += taken;
  }
}

export function option(fd: number, level: number, name: number): number {
  buffer.bytes.writeInt32LE(0, 0);
  buffer.bytes.writeInt32LE(4, 8);
  must(libc.getsockopt(fd, level, name, buffer.address, buffer.address + 8));
  return buffer.bytes.readInt32LE(0);
}
