/** All fetches by their words. What each is: the files of each family. */
import type { SampleArguments } from './arguments.ts';
import { CLIENT_FETCHES } from './fetch-client.ts';
import { CONSTANT_FETCHES } from './fetch-constants.ts';
import { COOKIE_FETCHES } from './fetch-cookies.ts';
import { FIELD_FETCHES } from './fetch-fields.ts';
import { PARAMETER_FETCHES } from './fetch-parameters.ts';
import { PROXY_FETCHES } from './fetch-proxies.ts';
import { REQUEST_FETCHES } from './fetch-request.ts';
import type { SampleScope } from './scope.ts';
import type { SampleValue } from './value.ts';

/** Fills the value; false: there is nothing. */
export type RunFetch = (scope: SampleScope, value: SampleValue) => boolean;
/** Made once for each place where it is written. */
export type MakeFetch = (args: SampleArguments) => RunFetch;

const BY_WORD: ReadonlyMap<string, MakeFetch> = new Map(
  [
    CLIENT_FETCHES,
    CONSTANT_FETCHES,
    COOKIE_FETCHES,
    FIELD_FETCHES,
    PARAMETER_FETCHES,
    PROXY_FETCHES,
    REQUEST_FETCHES,
  ].flatMap((family) => Object.entries(family)),
);

export function fetchFor(word: string): MakeFetch {
  const found = BY_WORD.get(word);
  if (found === undefined) throw new Error(`the plan has a fetch '${word}', which there is not`);
  return found;
}
