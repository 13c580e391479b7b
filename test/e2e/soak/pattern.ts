/**
 * Bodies whose every byte follows from its position: byte i of body `seed` is TABLE[(seed + i) % PERIOD]. Both ends
 * check by comparing memory, so a wrong, lost, doubled or moved byte shows at once. PERIOD is prime: no buffer size
 * divides it, data moved by a whole buffer does not fit again.
 */
import { SeededRandom } from '../../support/random.ts';

export const PERIOD = 65521;
const MAX_SLICE = 64 * 1024;

const random = new SeededRandom(0x7a4d);
const period = Buffer.from(Array.from({ length: PERIOD }, () => random.below(256)));
const table = Buffer.concat([period, period, period]);

/** Bytes `offset`.. of the body; at most 64 KiB at once. Shared memory: not to be written to. */
export function patternSlice(seed: number, offset: number, length: number): Buffer {
  const start = (seed + offset) % PERIOD;
  return table.subarray(start, start + Math.min(length, MAX_SLICE));
}

/** Follows a body as it arrives. */
export class PatternCheck {
  readonly #seed: number;
  bytes = 0;
  /** Position of the first byte that is not right; -1 so far. */
  wrongAt = -1;

  constructor(seed: number) {
    this.#seed = seed;
  }

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.wrongAt < 0; ) {
      const expected = patternSlice(this.#seed, this.bytes + at, chunk.length - at);
      const actual = chunk.subarray(at, at + expected.length);
      if (!actual.equals(expected)) {
        const inside = actual.findIndex((byte, index) => byte !== expected[index]);
        this.wrongAt = this.bytes + at + inside;
      }
      at += expected.length;
    }
    this.bytes += chunk.length;
  }
}
