/**
 * Reads messages as their bytes come, by rules of its own: heads into a buffer, bodies by their framing. It is strict about
 * what Tandem writes: lines end in CR LF, one field for the length, sizes in hexadecimal.
 */
import { violated } from './violation.ts';

const CR = 13;
const LF = 10;
const HEAD_MAX_BYTES = 20_000;

const IN_HEAD = 0;
const IN_LENGTH = 1;
const IN_SIZE = 2;
const IN_SIZE_END = 3;
const IN_CHUNK = 4;
const IN_CHUNK_END = 5;
const IN_TRAILER = 6;
const IN_REST = 7;
const IN_NOTHING = 8;

export abstract class MessageReader {
  /** The head, up to and with its empty line. */
  protected readonly head = Buffer.allocUnsafe(HEAD_MAX_BYTES);
  protected headLength = 0;
  #state = IN_HEAD;
  #left = 0;
  #line = 0;
  /** Bytes of the body that have come. */
  protected bodyBytes = 0;

  // What the head says.
  protected contentLength = -1;
  protected chunked = false;
  protected closeToken = false;
  protected keepAliveToken = false;
  protected upgradeToken = false;
  protected expects = false;
  /** X-Id; -1: none. */
  protected id = -1;
  /** The field that messages have which must not be passed on. */
  protected poisoned = false;
  /** A field of the proxy's: X-Forwarded-For. */
  protected forwarded = false;

  protected abstract onHead(): void;
  protected abstract onBody(bytes: Buffer, start: number, end: number): void;
  protected abstract onComplete(): void;

  protected resetReader(): void {
    this.headLength = 0;
    this.#state = IN_HEAD;
    this.bodyBytes = 0;
  }

  /** Some of a head has come, or of a body that is not complete. */
  protected get isWithin(): boolean {
    return this.#state !== IN_HEAD || this.headLength > 0;
  }

  protected get lastsUntilEnd(): boolean {
    return this.#state === IN_REST;
  }

  // How the body is framed, from onHead.

  protected hasLength(length: number): void {
    this.#state = IN_LENGTH;
    this.#left = length;
  }

  protected isChunked(): void {
    this.#state = IN_SIZE;
    this.#left = 0;
    this.#line = 0;
  }

  /** All that comes from now on. */
  protected isRest(): void {
    this.#state = IN_REST;
  }

  /** Whatever comes is not looked at. */
  protected ignoreRest(): void {
    this.#state = IN_NOTHING;
  }

  feed(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case IN_HEAD:
          at = this.#takeHead(bytes, at, end);
          break;
        case IN_LENGTH:
        case IN_CHUNK: {
          const to = Math.min(end, at + this.#left);
          this.onBody(bytes, at, to);
          this.bodyBytes += to - at;
          this.#left -= to - at;
          at = to;
          if (this.#left > 0) break;
          if (this.#state === IN_LENGTH) this.#complete();
          else if (this.#state === IN_CHUNK) {
            this.#state = IN_CHUNK_END;
            this.#line = 0;
          }
          break;
        }
        case IN_REST:
          this.onBody(bytes, at, end);
          this.bodyBytes += end - at;
          at = end;
          break;
        case IN_NOTHING:
          return;
        default:
          this.#chunkByte(bytes[at] as number);
          at++;
      }
    }
  }

  #complete(): void {
    this.#state = IN_HEAD;
    this.headLength = 0;
    this.onComplete();
    if (this.#state === IN_HEAD) this.bodyBytes = 0;
  }

  #chunkByte(byte: number): void {
    switch (this.#state) {
      case IN_SIZE: {
        const digit = digitOf(byte);
        if (digit >= 0) {
          this.#left = this.#left * 16 + digit;
          this.#line++;
          return;
        }
        if (this.#line === 0) violated(`a chunk size begins with byte ${byte}`);
        this.#state = IN_SIZE_END;
        if (byte !== CR) violated(`a chunk size ends with byte ${byte}: extensions are not passed on`);
        return;
      }
      case IN_SIZE_END:
        if (byte !== LF) violated(`a chunk size's CR is followed by byte ${byte}`);
        this.#line = 0;
        this.#state = this.#left > 0 ? IN_CHUNK : IN_TRAILER;
        return;
      case IN_CHUNK_END:
        if (byte !== (this.#line === 0 ? CR : LF)) violated(`a chunk is followed by byte ${byte}`);
        this.#line++;
        if (this.#line < 2) return;
        this.#state = IN_SIZE;
        this.#left = 0;
        this.#line = 0;
        return;
      // IN_TRAILER
      default:
        if (byte === LF) {
          if (this.#line === 0) this.#complete();
          this.#line = 0;
        } else if (byte !== CR) this.#line++;
        return;
    }
  }

  #takeHead(bytes: Buffer, start: number, end: number): number {
    const { head } = this;
    let length = this.headLength;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (length === HEAD_MAX_BYTES) violated('a head without end');
      head[length++] = byte;
      if (byte !== LF || length < 4 || head[length - 3] !== LF) continue;
      this.headLength = length;
      this.#scan();
      this.onHead();
      if (this.#state === IN_LENGTH && this.#left === 0) this.#complete();
      return at + 1;
    }
    this.headLength = length;
    return end;
  }

  #scan(): void {
    const { head, headLength } = this;
    this.contentLength = -1;
    this.chunked = false;
    this.closeToken = false;
    this.keepAliveToken = false;
    this.upgradeToken = false;
    this.expects = false;
    this.id = -1;
    this.poisoned = false;
    this.forwarded = false;
    let at = head.indexOf(LF) + 1;
    while (at < headLength - 2) {
      const end = head.indexOf(LF, at);
      if (head[end - 1] !== CR) violated('a line of a head does not end in CR LF');
      this.#field(at, end - 1);
      at = end + 1;
    }
  }

  /** Fields are told apart by their first letter and their length. */
  #field(start: number, end: number): void {
    const { head } = this;
    let colon = start;
    while (colon < end && head[colon] !== 0x3a) colon++;
    const length = colon - start;
    let value = colon + 1;
    while (value < end && head[value] === 0x20) value++;
    switch ((head[start] as number) | 0x20) {
      case 0x63: // c
        if (length === 14) {
          if (this.contentLength >= 0) violated('two Content-Length fields');
          this.contentLength = numberAt(head, value, end);
        } else if (length === 10) {
          const first = (head[value] as number) | 0x20;
          if (first === 0x63) this.closeToken = true;
          else if (first === 0x6b) this.keepAliveToken = true;
          else if (first === 0x75) this.upgradeToken = true;
        }
        break;
      case 0x74: // t
        if (length === 17) this.chunked = true;
        break;
      case 0x65: // e
        if (length === 6) this.expects = true;
        break;
      case 0x78: // x
        if (length === 4) this.id = hexAt(head, value);
        else if (length === 5) this.poisoned = true;
        else if (length === 15) this.forwarded = true;
        break;
    }
  }
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) violated('a Content-Length that is no number');
    value = value * 10 + digit;
  }
  return value;
}

/** Eight hexadecimal digits; -1 if they are none. */
export function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const digit = digitOf(bytes[at + i] as number);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
