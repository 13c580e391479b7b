/**
 * Messages that somebody once thought of, as starting points: a selection of the hostile cases. It is kept here as it was, so
 * that a seed does not mean something else with each case that is added there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Messages = readonly [string, ...string[]];

interface Corpus {
  readonly requests: Messages;
  readonly responses: Messages;
  /** What follows the heads of messages with a chunked body. */
  readonly chunked: Messages;
}

const corpus = JSON.parse(readFileSync(join(import.meta.dirname, 'corpus.json'), 'utf8')) as Corpus;

export const REQUEST_CORPUS = corpus.requests;
export const RESPONSE_CORPUS = corpus.responses;
export const CHUNKED_CORPUS = corpus.chunked;
