/**
 * Header lines that the proxy adds to a message, collected as bytes before the head is rewritten in place. One per
 * thread and direction; it never grows: what does not fit is refused, so a head can never outgrow its headroom.
 */
const CR = 13;
const LF = 10;
const ZERO = 48;
const DOT = 46;

/** Of the headroom this much stays free for the start line, which rewriteHead may make longer. */
export const START_LINE_GROWTH_BYTES = 32;

export class InsertBuffer {
  readonly bytes: Uint8Array;
  length = 0;
  /** Something did not fit: the message cannot be sent as it should be. */
  overflow = false;
  #limit: number;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
    this.#limit = capacityBytes;
  }

  /** So much of the headroom is used for something else; until it is told otherwise. */
  leaveFree(bytes: number): void {
    this.#limit = this.bytes.length - bytes;
  }

  clear(): void {
    this.length = 0;
    this.overflow = false;
  }

  /** Bytes [start, end) of `from`. */
  add(from: Uint8Array, start: number, end: number): void {
    if (this.length + end - start > this.#limit) {
      this.overflow = true;
      return;
    }
    let to = this.length;
    for (let i = start; i < end; i++) this.bytes[to++] = from[i] as number;
    this.length = to;
  }

  addAll(from: Uint8Array): void {
    this.add(from, 0, from.length);
  }

  endLine(): void {
    if (this.length + 2 > this.#limit) {
      this.overflow = true;
      return;
    }
    this.bytes[this.length++] = CR;
    this.bytes[this.length++] = LF;
  }

  /** A dotted IPv4 address from its number in network order. */
  addIp4(ip: number): void {
    if (this.length + 15 > this.#limit) {
      this.overflow = true;
      return;
    }
    this.#octet(ip >>> 24);
    this.bytes[this.length++] = DOT;
    this.#octet((ip >>> 16) & 0xff);
    this.bytes[this.length++] = DOT;
    this.#octet((ip >>> 8) & 0xff);
    this.bytes[this.length++] = DOT;
    this.#octet(ip & 0xff);
  }

  #octet(value: number): void {
    if (value >= 100) this.bytes[this.length++] = ZERO + ((value / 100) | 0);
    if (value >= 10) this.bytes[this.length++] = ZERO + (((value / 10) | 0) % 10);
    this.bytes[this.length++] = ZERO + (value % 10);
  }
}
