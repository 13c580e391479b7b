import { expect, it } from 'vitest';
import { xxh64 } from '../../src/core/xxh64.ts';

// Values of the reference implementation; the last ones are longer than a stripe.
it.each([
  ['', 0xef46db3751d8e999n],
  ['a', 0xd24ec4f1a98c6e5bn],
  ['abc', 0x44bc2cf5ad770999n],
  ['The quick brown fox jumps over the lazy dog', 0x0b242d361fda71bcn],
])('xxh64 of %j', (text, hash) => {
  expect(xxh64(Buffer.from(text))).toBe(hash);
});
