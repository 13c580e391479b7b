import { describe, expect, it } from 'vitest';
import { PatternCheck, PERIOD, patternSlice } from './pattern.ts';

function body(seed: number, bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes; ) {
    const slice = patternSlice(seed, at, bytes - at);
    parts.push(slice);
    at += slice.length;
  }
  return Buffer.concat(parts);
}

function check(seed: number, bytes: Buffer, cut: number): PatternCheck {
  const follower = new PatternCheck(seed);
  follower.take(bytes.subarray(0, cut));
  follower.take(bytes.subarray(cut));
  return follower;
}

describe('the pattern of the soak', () => {
  const length = 3 * PERIOD + 17;

  it('is right wherever the body is cut', () => {
    for (const cut of [0, 1, 65_535, 65_536, PERIOD, length - 1]) {
      const follower = check(77, body(77, length), cut);
      expect([follower.wrongAt, follower.bytes]).toEqual([-1, length]);
    }
  });

  it.each([0, 1, 65_536, 2 * PERIOD, length - 1])('shows a flipped byte at %d', (at) => {
    const wrong = body(77, length);
    wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at);
    expect(check(77, wrong, 1000).wrongAt).toBe(at);
  });

  it('shows a lost byte, a doubled byte and two swapped buffers', () => {
    const right = body(77, length);
    const lost = Buffer.concat([right.subarray(0, 5000), right.subarray(5001)]);
    const doubled = Buffer.concat([right.subarray(0, 5000), right.subarray(4999)]);
    const swapped = Buffer.concat([right.subarray(16_384, 32_768), right.subarray(0, 16_384), right.subarray(32_768)]);
    for (const wrong of [lost, doubled, swapped]) expect(check(77, wrong, 1000).wrongAt).toBeGreaterThanOrEqual(0);
  });

  it('shows the body of another seed', () => {
    expect(check(78, body(77, 100), 0).wrongAt).toBe(0);
  });
});
