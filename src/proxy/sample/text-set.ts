/**
 * A set of texts that is asked with ranges of bytes: no string is made.
 *
 *   #slots:  [ -1 | 3 | -1 | 0 | … ]    by hash; the number of a text, or -1; on a clash the next free slot
 */
const UPPER_A = 65;
const UPPER_Z = 90;
const CASE = 32;

/** In lower case, ASCII only. */
export function foldedByte(byte: number): number {
  return byte >= UPPER_A && byte <= UPPER_Z ? byte | CASE : byte;
}

export class TextSet {
  readonly #texts: readonly Uint8Array[];
  readonly #folds: boolean;
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(texts: readonly Uint8Array[], ignoresCase: boolean) {
    this.#folds = ignoresCase;
    this.#texts = ignoresCase ? texts.map((text) => text.map(foldedByte)) : texts;
    const size = 2 << (32 - Math.clz32(Math.max(1, texts.length)));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size).fill(-1);
    for (const [i, text] of this.#texts.entries()) this.#slots[this.#slot(text, 0, text.length)] = i;
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#slots[this.#slot(bytes, start, end)] !== -1;
  }

  /** Where the text is, or would be. */
  #slot(bytes: Uint8Array, start: number, end: number): number {
    let hash = 5381;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 33) ^ this.#byte(bytes, i)) | 0;
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    for (let found = this.#slots[slot] as number; found !== -1; found = this.#slots[slot] as number) {
      if (this.#is(this.#texts[found] as Uint8Array, bytes, start, end)) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #byte(bytes: Uint8Array, i: number): number {
    const byte = bytes[i] as number;
    return this.#folds ? foldedByte(byte) : byte;
  }

  #is(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
    if (text.length !== end - start) return false;
    for (let i = 0; i < text.length; i++) if (text[i] !== this.#byte(bytes, start + i)) return false;
    return true;
  }
}
