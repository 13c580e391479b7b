/**
 * A head that is being written anew, canonically, next to the one that came. It has a size of its own and never grows.
 *
 * Not here: what is written (repair-start-line.ts, repair-fields.ts).
 */
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DELETE = 127;

export class RepairedBytes {
  readonly bytes: Uint8Array;
  length = 0;
  /** It did not fit. */
  overflow = false;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  clear(): void {
    this.length = 0;
    this.overflow = false;
  }

  put(byte: number): void {
    if (this.length < this.bytes.length) this.bytes[this.length++] = byte;
    else this.overflow = true;
  }

  /** Bytes [start, end) of `from` as they are. */
  copy(from: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.put(from[i] as number);
  }

  /** The same with a space for each control character (RFC 9110 5.5). */
  copyText(from: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const byte = from[i] as number;
      this.put((byte < SPACE && byte !== TAB) || byte === DELETE ? SPACE : byte);
    }
  }

  endLine(): void {
    this.put(CR);
    this.put(LF);
  }

  /** Takes the end of the last line back: it goes on. */
  reopenLine(): void {
    this.length -= 2;
  }
}

/** A line of the head that came: without its line end, CRLF or LF. One object, which its reader overwrites. */
export class Line {
  start = 0;
  end = 0;
  /** Where the next one begins. */
  next = 0;

  /** False: it does not end before `end`. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let i = start;
    while (i < end && bytes[i] !== LF) i++;
    if (i >= end) return false;
    this.start = start;
    this.end = i > start && bytes[i - 1] === CR ? i - 1 : i;
    this.next = i + 1;
    return true;
  }

  /** A CR inside: for some recipients the line ends there. */
  hasCr(bytes: Uint8Array): boolean {
    for (let i = this.start; i < this.end; i++) if (bytes[i] === CR) return true;
    return false;
  }
}
