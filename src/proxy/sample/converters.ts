/** All converters by their words, with the type that each takes. What each is: the files of each family. */
import type { SampleArguments } from './arguments.ts';
import { ARITHMETIC } from './convert-arithmetic.ts';
import { DATES } from './convert-dates.ts';
import { ENCODINGS } from './convert-encodings.ts';
import { HASHES } from './convert-hashes.ts';
import { LANGUAGES } from './convert-language.ts';
import { PIECES } from './convert-pieces.ts';
import { REWRITES } from './convert-rewrites.ts';
import type { SampleScope } from './scope.ts';
import type { SampleValue } from './value.ts';

/** Changes the value; false: there is none any more. */
export type RunConverter = (value: SampleValue, scope: SampleScope) => boolean;

export interface Converter {
  /** SAMPLE_*: the value is cast to it before. */
  readonly takes: number;
  /** Made once for each place where it is written. */
  readonly make: (args: SampleArguments) => RunConverter;
}

const BY_WORD: ReadonlyMap<string, Converter> = new Map(
  [ARITHMETIC, DATES, ENCODINGS, HASHES, LANGUAGES, PIECES, REWRITES].flatMap((family) => Object.entries(family)),
);

export function converterFor(word: string): Converter {
  const found = BY_WORD.get(word);
  if (found === undefined) throw new Error(`the plan has a converter '${word}', which there is not`);
  return found;
}
