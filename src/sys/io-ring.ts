/**
 * io_uring(7) as a queue of operations and a queue of results, in memory shared with the kernel; one system call hands over
 * the one, waits, and fills the other.
 *
 *   submission   [ op, flags, ioprio | fd | offset | address | length | op flags | user data | buffer group … ]   64 bytes
 *   completion   [ user data (fd, token) | result | flags ]                                                      16 bytes
 *
 * The ring is used by one thread only (SINGLE_ISSUER), and the kernel works for it only inside of `enter`
 * (DEFER_TASKRUN): between two calls nothing here changes. It begins disabled: enable(), after buffers are registered. Not here:
 * what operations mean (io-uring.ts).
 */
import { EAGAIN, EBUSY, EINTR, EINVAL, ENOMEM, ENOSYS, EPERM, ETIME } from './constants.ts';
import * as libc from './libc.ts';
import { allocate, mapKernel, unmap } from './memory.ts';

// <linux/io_uring.h>
const SETUP_CQSIZE = 1 << 3;
const SETUP_CLAMP = 1 << 4;
const SETUP_R_DISABLED = 1 << 6;
const SETUP_SUBMIT_ALL = 1 << 7;
const SETUP_SINGLE_ISSUER = 1 << 12;
const SETUP_DEFER_TASKRUN = 1 << 13;
const FEATURE_SINGLE_MMAP = 1 << 0;
const FEATURE_NODROP = 1 << 1;
const FEATURE_EXT_ARG = 1 << 8;
const WANTED = FEATURE_SINGLE_MMAP | FEATURE_NODROP | FEATURE_EXT_ARG;
const ENTER_GETEVENTS = 1 << 0;
const ENTER_EXT_ARG = 1 << 3;
const OFFSET_SQES = 0x10000000;
const SQE_BYTES = 64;
const CQE_BYTES = 16;
const GETEVENTS_ARG_BYTES = 24;
const SQ_CQ_OVERFLOW = 1 << 1;
const REGISTER_RESTRICTIONS = 11;
const REGISTER_ENABLE_RINGS = 12;
/** struct io_uring_restriction { kind 2, value 1, reserved 13 } */
const RESTRICTION_BYTES = 16;
const RESTRICTION_SQE_OP = 1;
const RESTRICTION_SQE_FLAGS_ALLOWED = 2;
/** A kernel that is short of memory is asked so often in one go before the thread gives up: nothing may be left out. */
const TRIES_AT_MOST = 10_000;

export const OP_POLL_ADD = 6;
export const OP_ACCEPT = 13;
export const OP_ASYNC_CANCEL = 14;
export const OP_CLOSE = 19;
export const OP_SEND = 26;
export const OP_RECV = 27;
/** `ioprio` of OP_ACCEPT: again and again. */
export const ACCEPT_MULTISHOT = 1 << 0;
/** `ioprio` of OP_RECV: again and again. */
export const RECV_MULTISHOT = 1 << 1;
/** `length` of OP_POLL_ADD: again and again. */
export const POLL_MULTISHOT = 1 << 0;

/** Flags of a completion: it names a buffer (its high half), its operation goes on, and the socket has more to read. */
export const HAS_BUFFER = 1 << 0;
export const HAS_MORE = 1 << 1;
export const NOT_EMPTY = 1 << 2;

/** The result of an operation that succeeds is not told. */
export const SKIP_SUCCESS = 1 << 6;
/** The kernel takes a buffer from the group when it has something to put into it. */
export const BUFFER_SELECT = 1 << 5;

/** All that a ring can do once it is enabled: operations do not pass a filter of system calls, which would forbid opening files. */
const ALLOWED_OPERATIONS = [OP_POLL_ADD, OP_ACCEPT, OP_ASYNC_CANCEL, OP_CLOSE, OP_SEND, OP_RECV];

/** This kernel, or what confines this process, does not let it use io_uring as it is needed here. */
export class RingUnavailable extends Error {}

export class IoRing {
  readonly fd: number;
  /** Every completion is four words at `at(position)`. */
  readonly completions: Int32Array;
  readonly #words: Int32Array;
  readonly #sqe8: Uint8Array;
  readonly #sqe32: Uint32Array;
  readonly #entries: number;
  readonly #sqMask: number;
  readonly #sqTail: number;
  readonly #sqFlags: number;
  readonly #cqMask: number;
  readonly #cqBase: number;
  readonly #cqHead: number;
  readonly #cqTail: number;
  readonly #argument = allocate(4096);
  /** Operations written, and those handed over: positions that only grow, and wrap at 32 bits. */
  #tail = 0;
  #submitted = 0;
  /** The next completion to look at. */
  head = 0;
  #released = 0;
  /**
   * What is handed over next completes in the queue, where it can be found; not so where the queue is half full, or the
   * kernel keeps results elsewhere until there is room.
   */
  roomy = true;

  constructor(entries: number, completionEntries: number) {
    const params = allocate(4096);
    params.bytes.writeUInt32LE(
      SETUP_CQSIZE | SETUP_CLAMP | SETUP_R_DISABLED | SETUP_SUBMIT_ALL | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN,
      8,
    );
    params.bytes.writeUInt32LE(completionEntries, 4);
    this.fd = libc.ioUringSetup(entries, params.address);
    if (this.fd < 0) throw new RingUnavailable(refusal(libc.errno()));
    const read = (offset: number): number => params.bytes.readUInt32LE(offset);
    this.#entries = read(0);
    const features = read(20);
    if ((features & WANTED) !== WANTED) {
      libc.close(this.fd);
      throw new RingUnavailable('this kernel is too old');
    }
    const sqArray = read(64);
    const cqes = read(100);
    const sizeBytes = Math.max(sqArray + this.#entries * 4, cqes + read(4) * CQE_BYTES);
    const rings = mapKernel(this.fd, 0, sizeBytes);
    const sqes = mapKernel(this.fd, OFFSET_SQES, this.#entries * SQE_BYTES);
    this.#words = new Int32Array(rings.bytes.buffer, 0, sizeBytes >> 2);
    this.#sqe8 = new Uint8Array(sqes.bytes.buffer);
    this.#sqe32 = new Uint32Array(sqes.bytes.buffer);
    this.completions = this.#words;
    this.#sqTail = read(44) >> 2;
    this.#sqFlags = read(56) >> 2;
    this.#sqMask = this.#words[read(48) >> 2] as number;
    this.#cqHead = read(80) >> 2;
    this.#cqTail = read(84) >> 2;
    this.#cqMask = this.#words[read(88) >> 2] as number;
    this.#cqBase = cqes >> 2;
    // Slot n of the queue is operation n: the indirection through the array is not needed.
    for (let i = 0; i < this.#entries; i++) this.#words[(sqArray >> 2) + i] = i;
    unmap(params);
    // struct io_uring_getevents_arg { sigmask, sigmask_sz, min_wait, ts }: the time stands behind it.
    const time = this.#argument.address + GETEVENTS_ARG_BYTES;
    this.#argument.bytes.writeUInt32LE(8, 8);
    this.#argument.bytes.writeBigUInt64LE(BigInt(time), 16);
  }

  /** Operations that wait to be handed over. */
  get waiting(): number {
    return (this.#tail - this.#submitted) | 0;
  }

  /**
   * Writes an operation on `fd`, whose completion will carry `fd` and `token`. `addressLow`, `addressHigh`: of memory, or
   * the user data (fd and token) of the operation that is meant. Returns its position, for `isWaiting` and `tellSuccess`.
   */
  prepare(
    op: number,
    flags: number,
    ioprio: number,
    fd: number,
    token: number,
    addressLow: number,
    addressHigh: number,
    length: number,
    opFlags: number,
  ): number {
    for (let tries = 0; this.waiting === this.#entries; tries++) {
      if (tries === TRIES_AT_MOST) throw new Error('the kernel takes no more operations');
      this.submit();
    }
    const slot = this.#tail & this.#sqMask;
    const word = slot << 4;
    const sqe = this.#sqe32;
    // The buffer group is always 0, as there is one.
    sqe[word] = op | (flags << 8) | (ioprio << 16);
    sqe[word + 1] = fd;
    sqe[word + 2] = 0;
    sqe[word + 3] = 0;
    sqe[word + 4] = addressLow;
    sqe[word + 5] = addressHigh;
    sqe[word + 6] = length;
    sqe[word + 7] = opFlags;
    sqe[word + 8] = fd;
    sqe[word + 9] = token;
    sqe[word + 10] = 0;
    sqe[word + 11] = 0;
    sqe[word + 12] = 0;
    sqe[word + 13] = 0;
    const position = this.#tail;
    this.#tail = (position + 1) | 0;
    return position;
  }

  /** The operation at `position` has not been handed over yet. */
  isWaiting(position: number): boolean {
    return ((position - this.#submitted) | 0) >= 0;
  }

  /** The result of a waiting operation is to be told, whatever it is. */
  tellSuccess(position: number): void {
    const at = ((position & this.#sqMask) << 6) + 1;
    this.#sqe8[at] = (this.#sqe8[at] as number) & ~SKIP_SUCCESS;
  }

  /** Hands over what waits, without working for what was handed over before. */
  submit(): void {
    this.#enter(0, 0);
  }

  /** Hands over what waits; then waits for a completion, for at most `timeoutMs` (-1: for ever). */
  enter(timeoutMs: number): void {
    if (timeoutMs === 0 || this.ready > 0) {
      this.#enter(0, ENTER_GETEVENTS);
      return;
    }
    if (timeoutMs < 0) {
      this.#enter(1, ENTER_GETEVENTS);
      return;
    }
    const time = this.#argument.bytes;
    time.writeUInt32LE(Math.trunc(timeoutMs / 1000), GETEVENTS_ARG_BYTES);
    time.writeUInt32LE((timeoutMs % 1000) * 1_000_000, GETEVENTS_ARG_BYTES + 8);
    this.#enter(1, ENTER_GETEVENTS | ENTER_EXT_ARG);
  }

  /** Completions that have not been looked at. */
  get ready(): number {
    return (Atomics.load(this.#words, this.#cqTail) - this.head) | 0;
  }

  /** Where in `completions` the one at `position` is. */
  at(position: number): number {
    return this.#cqBase + ((position & this.#cqMask) << 2);
  }

  /** All completions before `head` may be overwritten. */
  release(): void {
    this.#released = this.head;
    Atomics.store(this.#words, this.#cqHead, this.head);
    this.#measure();
  }

  /** After what is registered: from now on it works for the calling thread, with these operations and nothing else, for good. */
  enable(): void {
    const count = ALLOWED_OPERATIONS.length + 1;
    const list = allocate(count * RESTRICTION_BYTES);
    ALLOWED_OPERATIONS.forEach((operation, index) => {
      list.bytes.writeUInt16LE(RESTRICTION_SQE_OP, index * RESTRICTION_BYTES);
      list.bytes.writeUInt8(operation, index * RESTRICTION_BYTES + 2);
    });
    const last = (count - 1) * RESTRICTION_BYTES;
    list.bytes.writeUInt16LE(RESTRICTION_SQE_FLAGS_ALLOWED, last);
    list.bytes.writeUInt8(SKIP_SUCCESS | BUFFER_SELECT, last + 2);
    const done =
      this.register(REGISTER_RESTRICTIONS, list.address, count) >= 0 && this.register(REGISTER_ENABLE_RINGS, 0, 0) >= 0;
    unmap(list);
    if (!done) throw new RingUnavailable(`io_uring_register of restrictions: ${libc.errno()}`);
  }

  /** io_uring_register(2). Returns -1 on failure, with errno. */
  register(operation: number, address: number, count: number): number {
    return libc.ioUringRegister(this.fd, operation, address, count);
  }

  #measure(): void {
    const words = this.#words;
    const unread = (Atomics.load(words, this.#cqTail) - this.#released) | 0;
    const overflows = (Atomics.load(words, this.#sqFlags) & SQ_CQ_OVERFLOW) !== 0;
    this.roomy = !overflows && unread <= this.#cqMask >> 1;
  }

  #enter(complete: number, flags: number): void {
    Atomics.store(this.#words, this.#sqTail, this.#tail);
    const extended = (flags & ENTER_EXT_ARG) !== 0;
    const argument = extended ? this.#argument.address : 0;
    const size = extended ? GETEVENTS_ARG_BYTES : 0;
    for (;;) {
      const count = this.waiting;
      if (count === 0 && flags === 0) return;
      const done = libc.ioUringEnter(this.fd, count, complete, flags, argument, size);
      if (done >= 0) {
        this.#submitted = (this.#submitted + done) | 0;
        this.#measure();
        if (this.#submitted === this.#tail) return;
        continue;
      }
      const errno = libc.errno();
      if (errno === ETIME || errno === EINTR) return;
      // EBUSY: completions must be taken first. EAGAIN, ENOMEM: the kernel is short of memory. The next turn tries again.
      if (errno === EBUSY || errno === EAGAIN || errno === ENOMEM) return;
      throw new Error(`io_uring_enter failed, errno ${errno}`);
    }
  }
}

function refusal(errno: number): string {
  switch (errno) {
    case EPERM:
      return 'it is refused (by a seccomp profile, or kernel.io_uring_disabled)';
    case ENOSYS:
      return 'this kernel does not have it, or a seccomp profile hides it';
    case EINVAL:
      return 'this kernel is too old';
    case ENOMEM:
      return 'no memory may be locked for it (ulimit -l)';
    default:
      return `io_uring_setup failed, errno ${errno}`;
  }
}
