/**
 * What an expression is worth: one object a thread, filled again for each evaluation. Texts are ranges of bytes, where they
 * stand or in one of two pieces of memory that belong to the value and take turns, so that a converter reads one and writes
 * the other.
 *
 *   number    bool, integer, IPv4 address (unsigned)      range [start, end) of bytes    IPv6 address, text, binary, method
 *
 * Not here: casts (cast.ts), the text of a value (text.ts).
 */

import { copyRange } from './copy.ts';

export const SAMPLE_ANY = 0;
export const SAMPLE_BOOL = 1;
export const SAMPLE_INTEGER = 2;
/** Either of the two that follow; no value has it. */
export const SAMPLE_ADDRESS = 3;
export const SAMPLE_IP4 = 4;
export const SAMPLE_IP6 = 5;
export const SAMPLE_TEXT = 6;
export const SAMPLE_BINARY = 7;
export const SAMPLE_METHOD = 8;

const LARGEST = 2n ** 63n - 1n;
const SMALLEST = -(2n ** 63n);

export class SampleValue {
  type = SAMPLE_ANY;
  /** Exact up to 2^53; of a wider integer only nearly what `wide` is. */
  number = 0;
  /** Integers of 64 bits that are not exact as numbers. */
  isWide = false;
  wide = 0n;
  bytes: Buffer;
  start = 0;
  end = 0;

  // Of a fetch that finds several (`req.hdr` in an ACL): asked for all of them, asked for the next one, and there may be one.
  iterates = false;
  continues = false;
  more = false;

  readonly #first: Buffer;
  readonly #second: Buffer;

  /** HAProxy's limit of a text is that of a buffer. */
  constructor(capacityBytes: number) {
    this.#first = Buffer.alloc(capacityBytes);
    this.#second = Buffer.alloc(capacityBytes);
    this.bytes = this.#first;
  }

  /** Before the first evaluation: all occurrences are wanted, or the one that HAProxy takes for the value. */
  begin(iterates: boolean): void {
    this.iterates = iterates;
    this.continues = false;
    this.more = false;
  }

  setBool(is: boolean): true {
    this.type = SAMPLE_BOOL;
    this.number = is ? 1 : 0;
    this.isWide = false;
    return true;
  }

  setInteger(value: number): true {
    this.type = SAMPLE_INTEGER;
    this.number = value;
    this.isWide = false;
    return true;
  }

  /** What goes beyond 64 bits is cut off at their end. */
  setWide(value: bigint): true {
    const kept = value > LARGEST ? LARGEST : value < SMALLEST ? SMALLEST : value;
    this.type = SAMPLE_INTEGER;
    this.number = Number(kept);
    this.isWide = !Number.isSafeInteger(this.number);
    if (this.isWide) this.wide = kept;
    return true;
  }

  /** The integer, exact. */
  exact(): bigint {
    return this.isWide ? this.wide : BigInt(this.number);
  }

  setIp4(address: number): true {
    this.type = SAMPLE_IP4;
    this.number = address >>> 0;
    this.isWide = false;
    return true;
  }

  setRange(type: number, bytes: Buffer, start: number, end: number): true {
    this.type = type;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return true;
  }

  /** The piece of memory that the value does not stand in. */
  other(): Buffer {
    return this.bytes === this.#first ? this.#second : this.#first;
  }

  /** The value may be changed in place: it is moved to own memory if it stands elsewhere. */
  own(): void {
    if (this.bytes === this.#first || this.bytes === this.#second) return;
    const into = this.#first;
    this.end = copyRange(this.bytes, this.start, this.end, into, 0);
    this.bytes = into;
    this.start = 0;
  }
}
