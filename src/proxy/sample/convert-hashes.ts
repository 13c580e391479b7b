/** Converters that hash: those of `hash-type`, the usual checksums, and digests. */
import { createHash } from 'node:crypto';
import { crc32c } from '../../core/crc32c.ts';
import { xxh32 } from '../../core/xxh32.ts';
import { xxh64 } from '../../core/xxh64.ts';
import { hashBytes, spread } from '../balance/hash.ts';
import { HASH_CRC32, HASH_DJB2, HASH_SDBM, HASH_WT6 } from '../plan.ts';
import type { SampleArguments } from './arguments.ts';
import type { Converter, RunConverter } from './converters.ts';
import { SAMPLE_BINARY, type SampleValue } from './value.ts';

function ofBinary(make: (args: SampleArguments) => RunConverter): Converter {
  return { takes: SAMPLE_BINARY, make };
}

/** With an argument that is not 0 the bits are spread once more. */
function hash(of: (bytes: Uint8Array, start: number, end: number) => number): Converter {
  return ofBinary((args) => {
    const spreads = args.number(0) !== 0;
    return (value) => {
      const result = of(value.bytes, value.start, value.end);
      return value.setInteger((spreads ? spread(result) : result) >>> 0);
    };
  });
}

/** Digests make objects: they are not for every request. */
function digest(algorithm: string): RunConverter {
  return (value: SampleValue) => {
    const result = createHash(algorithm).update(value.bytes.subarray(value.start, value.end)).digest();
    const into = value.other();
    return value.setRange(SAMPLE_BINARY, into, 0, result.copy(into, 0));
  };
}

export const HASHES: Readonly<Record<string, Converter>> = {
  sdbm: hash((bytes, start, end) => hashBytes(HASH_SDBM, bytes, start, end)),
  djb2: hash((bytes, start, end) => hashBytes(HASH_DJB2, bytes, start, end)),
  wt6: hash((bytes, start, end) => hashBytes(HASH_WT6, bytes, start, end)),
  crc32: hash((bytes, start, end) => hashBytes(HASH_CRC32, bytes, start, end)),
  crc32c: hash((bytes, start, end) => crc32c(bytes, start, end)),
  xxh32: ofBinary((args) => {
    const seed = args.number(0);
    return (value) => value.setInteger(xxh32(value.bytes, value.start, value.end, seed));
  }),
  xxh64: ofBinary((args) => {
    const seed = args.wide(0);
    return (value) => value.setWide(BigInt.asIntN(64, xxh64(value.bytes.subarray(value.start, value.end), seed)));
  }),
  sha1: ofBinary(() => digest('sha1')),
  sha2: ofBinary((args) => digest(`sha${args.number(0, 256)}`)),
  digest: ofBinary((args) => digest(args.text(0).toLowerCase())),
};
