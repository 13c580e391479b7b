/**
 * Tries what io-uring.ts relies on, on a pair of sockets: whether the kernel has the operations, and whether they behave as
 * they must. Where a kernel's answer differs the engine would lose or double bytes, so it is not used there.
 *
 * Needs Linux 6.1 or newer (DEFER_TASKRUN; multishot recv and buffer rings came with 6.0).
 */
import { BufferRing } from './buffer-ring.ts';
import { AF_UNIX, EAGAIN, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_WAITALL, SOCK_NONBLOCK, SOCK_STREAM } from './constants.ts';
import {
  BUFFER_SELECT,
  HAS_BUFFER,
  HAS_MORE,
  IoRing,
  OP_RECV,
  OP_SEND,
  RECV_MULTISHOT,
  RingUnavailable,
  SKIP_SUCCESS,
} from './io-ring.ts';
import * as libc from './libc.ts';
import { allocate, scratchAddress, scratchBytes, unmap } from './memory.ts';

const ENTRIES = 8;
const BUFFERS = 4;
const BUFFER_BYTES = 4096;
const ANSWER_WITHIN_MS = 100;
const RECEIVE = 1;
const SEND = 2;
const TWO_TO_32 = 0x1_0000_0000;
const SENDS_AT_MOST = 64;
/** More than any socket takes at once. */
const FLOOD_BYTES = 64 * 1024 * 1024;

/** Throws `RingUnavailable` with the reason. */
export function tryIoUring(): void {
  const ring = new IoRing(ENTRIES, ENTRIES * 2);
  try {
    const buffers = new BufferRing(ring, allocate(BUFFERS * BUFFER_BYTES), 0, BUFFERS, BUFFER_BYTES, 0);
    ring.enable();
    onSocketPair((left) => tellsShortSends(ring, left));
    onSocketPair((left, right) => receivesAgainAndAgain(ring, buffers, left, right));
  } finally {
    libc.close(ring.fd);
  }
}

/** One operation, two messages, each in a buffer of its own, and the operation goes on. */
function receivesAgainAndAgain(ring: IoRing, buffers: BufferRing, left: number, right: number): void {
  ring.prepare(OP_RECV, BUFFER_SELECT, RECV_MULTISHOT, right, RECEIVE, 0, 0, 0, 0);
  for (let i = 0; i < 2; i++) {
    scratchBytes.write('ping', 0, 'latin1');
    libc.send(left, scratchAddress, 4, MSG_NOSIGNAL);
    const [token, result, flags] = next(ring);
    const expected = HAS_BUFFER | HAS_MORE;
    if (token !== RECEIVE || result !== 4 || (flags & expected) !== expected) {
      throw new RingUnavailable(`multishot receive answered ${result} with flags ${flags}`);
    }
    const slab = buffers.slabs[flags >>> 16];
    const text = slab?.bytes.toString('latin1', slab.base, slab.base + 4);
    if (text !== 'ping') throw new RingUnavailable('multishot receive delivered other bytes than were sent');
  }
}

/** A send that fits in part says how much, in spite of SKIP_SUCCESS; one that does not fit at all does not wait. */
function tellsShortSends(ring: IoRing, fd: number): void {
  const flood = allocate(FLOOD_BYTES);
  const high = Math.floor(flood.address / TWO_TO_32);
  const flags = MSG_NOSIGNAL | MSG_DONTWAIT | MSG_WAITALL;
  let result = 0;
  let sends = 0;
  // What is left of the room after a short send may take another one.
  for (; result >= 0 && sends < SENDS_AT_MOST; sends++) {
    ring.prepare(OP_SEND, SKIP_SUCCESS, 0, fd, SEND, flood.address, high, FLOOD_BYTES, flags);
    const [token, sent] = next(ring);
    if (token !== SEND || sent >= FLOOD_BYTES) throw new RingUnavailable(`a send that cannot fit answered ${sent}`);
    result = sent;
  }
  if (sends < 2 || result !== -EAGAIN) throw new RingUnavailable(`a send that cannot fit answered ${result}`);
  unmap(flood);
}

function next(ring: IoRing): readonly [token: number, result: number, flags: number] {
  ring.enter(ANSWER_WITHIN_MS);
  if (ring.ready < 1) throw new RingUnavailable('an operation was not answered');
  const at = ring.at(ring.head);
  const words = ring.completions;
  const answer = [words[at + 1] as number, words[at + 2] as number, words[at + 3] as number] as const;
  ring.head = (ring.head + 1) | 0;
  ring.release();
  return answer;
}

function onSocketPair(trial: (left: number, right: number) => void): void {
  if (libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, scratchAddress) < 0) {
    throw new RingUnavailable(`socketpair failed, errno ${libc.errno()}`);
  }
  const left = scratchBytes.readInt32LE(0);
  const right = scratchBytes.readInt32LE(4);
  try {
    trial(left, right);
  } finally {
    libc.close(left);
    libc.close(right);
  }
}
