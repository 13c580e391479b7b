/** epoll(7): descriptors with what is wanted of them, and the events of the last wait. Not here: what events mean. */
import { EINTR, EPOLL_CLOEXEC } from './constants.ts';
import * as libc from './libc.ts';
import { allocate, scratchAddress, scratchBytes } from './memory.ts';

/** struct epoll_event is packed to 12 bytes on x86-64 only: epoll_ctl(2). */
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = process.arch === 'x64' ? 1 : 2;

export class EpollSet {
  readonly fd: number;
  readonly #capacity: number;
  readonly #address: number;
  readonly #words: Int32Array;

  /** `capacity`: events of one wait. Throws when the kernel refuses. */
  constructor(capacity: number) {
    const events = allocate(capacity * EVENT_WORDS * 4);
    this.#capacity = capacity;
    this.#address = events.address;
    this.#words = new Int32Array(events.bytes.buffer, 0, capacity * EVENT_WORDS);
    this.fd = libc.epollCreate1(EPOLL_CLOEXEC);
    if (this.fd < 0) throw new Error(`epoll_create1 failed, errno ${libc.errno()}`);
  }

  /** EPOLL_CTL_*; events will carry `fd` and `generation`. Throws: a descriptor that is not what it should be. */
  control(operation: number, fd: number, mask: number, generation: number): void {
    scratchBytes.writeInt32LE(mask | 0, 0);
    scratchBytes.writeInt32LE(fd, DATA_WORD * 4);
    scratchBytes.writeInt32LE(generation, DATA_WORD * 4 + 4);
    if (libc.epollCtl(this.fd, operation, fd, scratchAddress) < 0) {
      throw new Error(`epoll_ctl ${operation} of descriptor ${fd} failed, errno ${libc.errno()}`);
    }
  }

  /** How many events there are; -1: a signal came first. */
  wait(timeoutMs: number): number {
    const count = libc.epollWait(this.fd, this.#address, this.#capacity, timeoutMs);
    if (count < 0 && libc.errno() !== EINTR) throw new Error(`epoll_wait failed, errno ${libc.errno()}`);
    return count;
  }

  mask(event: number): number {
    return this.#words[event * EVENT_WORDS] as number;
  }

  fdOf(event: number): number {
    return this.#words[event * EVENT_WORDS + DATA_WORD] as number;
  }

  generation(event: number): number {
    return this.#words[event * EVENT_WORDS + DATA_WORD + 1] as number;
  }
}
