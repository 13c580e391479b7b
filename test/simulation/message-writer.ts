/** Writes messages into one buffer, piece by piece; whoever wants one begins anew. */
import { writeBody } from './pattern.ts';

const CAPACITY = 1_048_576;
const DIGITS = Buffer.from('0123456789abcdef', 'latin1');

export class MessageWriter {
  readonly bytes = Buffer.allocUnsafe(CAPACITY);
  length = 0;

  begin(): void {
    this.length = 0;
  }

  put(piece: Uint8Array): void {
    const { bytes } = this;
    let at = this.length;
    if (piece.length > 64) {
      bytes.set(piece, at);
      at += piece.length;
    } else for (let i = 0; i < piece.length; i++) bytes[at++] = piece[i] as number;
    this.length = at;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  fill(value: number, count: number): void {
    this.bytes.fill(value, this.length, this.length + count);
    this.length += count;
  }

  decimal(value: number): void {
    let scale = 1;
    while (scale * 10 <= value) scale *= 10;
    for (let left = value; scale >= 1; scale /= 10) {
      const digit = Math.floor(left / scale);
      this.bytes[this.length++] = 0x30 + digit;
      left -= digit * scale;
    }
  }

  /** Eight hexadecimal digits. */
  id(value: number): void {
    for (let shift = 28; shift >= 0; shift -= 4) this.bytes[this.length++] = DIGITS[(value >>> shift) & 15] as number;
  }

  hex(value: number): void {
    let shift = 0;
    while (value >>> (shift + 4) > 0) shift += 4;
    for (; shift >= 0; shift -= 4) this.bytes[this.length++] = DIGITS[(value >>> shift) & 15] as number;
  }

  body(body: number, from: number, to: number): void {
    writeBody(body, from, to, this.bytes, this.length);
    this.length += to - from;
  }
}
