/** Converters of numbers. Results end at the limits of 64 bits; a division by 0 gives the largest number, as in HAProxy. */
import type { Converter } from './converters.ts';
import { SAMPLE_BINARY, SAMPLE_BOOL, SAMPLE_INTEGER, type SampleValue } from './value.ts';

const LARGEST = 2n ** 63n - 1n;

/** `small` is used while everything is exact; `wide` else. */
function operation(small: (a: number, b: number) => number, wide: (a: bigint, b: bigint) => bigint): Converter {
  return {
    takes: SAMPLE_INTEGER,
    make: (args) => {
      const exact = args.wide(0);
      const operand = Number(exact);
      const isSmall = Number.isSafeInteger(operand);
      return (value) => {
        if (isSmall && !value.isWide) {
          const result = small(value.number, operand);
          if (Number.isSafeInteger(result)) return value.setInteger(result === 0 ? 0 : result);
        }
        return value.setWide(wide(value.exact(), exact));
      };
    },
  };
}

function plain(run: (value: SampleValue) => boolean): Converter {
  return { takes: SAMPLE_INTEGER, make: () => run };
}

function toBool(test: (value: SampleValue) => boolean): Converter {
  return plain((value) => {
    const is = test(value);
    value.type = SAMPLE_BOOL;
    return value.setBool(is);
  });
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

/** Bits of numbers of 64 bits, of which only the small ones are of use as JavaScript has them. */
function bits(small: (a: number, b: number) => number, wide: (a: bigint, b: bigint) => bigint): Converter {
  return operation((a, b) => (isInt32(a) && isInt32(b) ? small(a, b) : Number.NaN), wide);
}

function isOdd(value: SampleValue): boolean {
  return value.isWide ? (value.wide & 1n) === 1n : value.number % 2 !== 0;
}

export const ARITHMETIC: Readonly<Record<string, Converter>> = {
  add: operation(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: operation(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: operation(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  div: operation(
    (a, b) => Math.trunc(a / b),
    (a, b) => (b === 0n ? LARGEST : a / b),
  ),
  mod: operation(
    (a, b) => (b === 0 ? 0 : a % b),
    (a, b) => a % b,
  ),
  and: bits(
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  or: bits(
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  xor: bits(
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  neg: plain((value) =>
    value.isWide ? value.setWide(-value.wide) : value.setInteger(value.number === 0 ? 0 : -value.number),
  ),
  cpl: plain((value) => (value.isWide ? value.setWide(~value.wide) : value.setInteger(-value.number - 1))),
  bool: toBool((value) => value.number !== 0),
  not: toBool((value) => value.number === 0),
  odd: toBool(isOdd),
  even: toBool((value) => !isOdd(value)),
  htonl: plain((value) => {
    const into = value.other();
    into.writeUInt32BE(Number(BigInt.asUintN(32, value.exact())), 0);
    return value.setRange(SAMPLE_BINARY, into, 0, 4);
  }),
};
