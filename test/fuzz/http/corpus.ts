/** Messages that somebody once thought of, as starting points: those of the tables of hostile cases, and what fuzzing found. */
import { REQUEST_GROUPS } from '../../e2e/hostile/cases/request-cases.ts';
import { RESPONSE_CASES } from '../../e2e/hostile/cases/response-cases.ts';

/** Long ones cost time and teach nothing about syntax. */
const MAX_BYTES = 600;

const short = (raws: readonly string[]): [string, ...string[]] => {
  const kept = raws.filter((raw) => raw.length <= MAX_BYTES);
  return [kept[0] ?? '', ...kept.slice(1)];
};

const rawOf = ({ steps }: { readonly steps: readonly { readonly send: string }[] }): string =>
  steps.map(({ send }) => send).join('');

export const REQUEST_CORPUS = short(REQUEST_GROUPS.flatMap(({ cases }) => cases.map(rawOf)));
export const RESPONSE_CORPUS = short(RESPONSE_CASES.map(rawOf));
/** What follows the heads of messages with a chunked body. */
export const CHUNKED_CORPUS = short(
  REQUEST_CORPUS.filter((raw) => /transfer-encoding: chunked\r\n\r\n/i.test(raw)).map((raw) =>
    raw.slice(raw.indexOf('\r\n\r\n') + 4),
  ),
);
