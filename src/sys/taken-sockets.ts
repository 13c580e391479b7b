/**
 * Listening sockets taken over from a process that is about to end: pidfd_open(2), pidfd_getfd(2). The socket stays the
 * same one, with its accept queue, so a client that connects while the two change over is neither refused nor reset, as
 * it can be when a second socket is bound beside the first one (SO_REUSEPORT).
 *
 * It needs the right to trace that process (same user, or root). Where that is refused there is nothing to take, and
 * whoever asks binds a socket of its own.
 */
import { fstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { InetAddress } from '../core/address.ts';
import { SO_ACCEPTCONN, SOL_SOCKET } from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from './sockaddr.ts';

const LENGTH_AT = 256;
const VALUE_AT = 264;

export class TakenSockets {
  /** The bytes of the address → our descriptors: there is one for each thread of such a process. */
  readonly #sockets = new Map<string, number[]>();
  /** Each socket once, whoever has it under whatever numbers. */
  readonly #inodes = new Set<number>();

  /** Duplicates of every TCP socket that these processes listen on. */
  constructor(pids: readonly number[]) {
    for (const pid of pids) this.#takeFrom(pid);
  }

  /** At most so many of the sockets that listen at exactly this address, the caller's from now on. */
  take(address: InetAddress, most: number): readonly number[] {
    const length = writeSockaddr(scratchBytes, 0, address);
    const key = scratchBytes.toString('latin1', 0, length);
    return this.#sockets.get(key)?.splice(0, most) ?? [];
  }

  /** Lets go of what nobody took. */
  close(): void {
    for (const fds of this.#sockets.values()) for (const fd of fds) libc.close(fd);
    this.#sockets.clear();
  }

  #takeFrom(pid: number): void {
    const pidfd = libc.pidfdOpen(pid);
    if (pidfd < 0) return;
    for (const number of socketsOf(pid)) {
      const fd = libc.pidfdGetfd(pidfd, number);
      if (fd < 0) continue;
      const key = listeningAddress(fd);
      const { ino } = fstatSync(fd);
      if (key === null || this.#inodes.has(ino)) {
        libc.close(fd);
        continue;
      }
      this.#inodes.add(ino);
      const known = this.#sockets.get(key);
      if (known === undefined) this.#sockets.set(key, [fd]);
      else known.push(fd);
    }
    libc.close(pidfd);
  }
}

function socketsOf(pid: number): number[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder)
      .filter((name) => isSocket(`${folder}/${name}`))
      .map(Number);
  } catch {
    // It has ended, or is another user's.
    return [];
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}

/** The address as bytes, as writeSockaddr writes it; null: it does not listen. */
function listeningAddress(fd: number): string | null {
  scratchBytes.writeInt32LE(0, VALUE_AT);
  scratchBytes.writeInt32LE(4, LENGTH_AT);
  const known = libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, scratchAddress + VALUE_AT, scratchAddress + LENGTH_AT);
  if (known < 0 || scratchBytes.readInt32LE(VALUE_AT) === 0) return null;
  scratchBytes.writeInt32LE(SOCKADDR_MAX_BYTES, LENGTH_AT);
  if (libc.getsockname(fd, scratchAddress, scratchAddress + LENGTH_AT) < 0) return null;
  return scratchBytes.toString('latin1', 0, scratchBytes.readInt32LE(LENGTH_AT));
}
