/**
 * The `%` variables of HAProxy 2.6 (configuration.txt 8.2.4): which of them need HTTP, and what has to have happened before
 * they are known. A line is written as soon as all of its variables are.
 */

/** The end of the stream. */
export const AWAITS_END = 1;
/** The request, and nothing else. */
export const AWAITS_REQUEST = 2;
/** Something that is known by the response at the latest. */
export const AWAITS_RESPONSE = 4;

interface LogVariable {
  readonly http: boolean;
  readonly awaits: number;
}

const rows: [names: string, http: boolean, awaits: number][] = [
  ['H T Tl Ts b f ft lc ms pid t', false, 0],
  ['tr trg trl', true, 0],
  ['tsc', false, 0],
  ['B ID Tc Td Th Tt Tu Tw U ac bc bq fc rc sc sq ts', false, AWAITS_END],
  ['Ta Ti Tq Tr TR', true, AWAITS_END],
  ['HM HP HPO HQ HU HV r', true, AWAITS_REQUEST],
  ['rt', false, AWAITS_REQUEST],
  ['CC CS', true, AWAITS_RESPONSE],
  ['ST bi bp ci cp fi fp hr hrl hs hsl s si sp sslc sslv', false, AWAITS_RESPONSE],
];

export const LOG_VARIABLES: ReadonlyMap<string, LogVariable> = new Map(
  rows.flatMap(([names, http, awaits]) =>
    names.split(' ').map((name): [string, LogVariable] => [name, { http, awaits }]),
  ),
);
