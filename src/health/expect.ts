/**
 * Is this HTTP answer the one that was wanted? Pure; HAProxy's verdicts and words.
 *
 * Without `http-check expect`, any 2xx and 3xx will do. Rules about the body wait for all of it (or as much as is kept),
 * but a match ends the waiting.
 */
import type { HttpCheckExpect } from '../config/model.ts';
import type { Finding } from './result.ts';

export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** What arrived so far; latin1, as bytes are matched. */
  readonly body: string;
  /** Nothing more will come. */
  readonly complete: boolean;
}

/** null: it takes more of the body to know. */
export type Judge = (answer: Answer) => Finding | null;

const NO_BODY = 'HTTP content check could not find a response body';
const MISMATCH = 'HTTP content check did not match';
const UNWANTED = 'HTTP check matched unwanted content';

export function judgeFor(expect: HttpCheckExpect | null): Judge {
  if (expect === null) return ({ status, reason }) => byStatus(status >= 200 && status <= 399, status, reason);
  const { negate } = expect;
  switch (expect.kind) {
    case 'status':
      return ({ status, reason }) => {
        const matches = expect.ranges.some(({ from, to }) => status >= from && status <= to);
        return byStatus(matches !== negate, status, reason);
      };
    case 'rstatus': {
      const pattern = new RegExp(expect.pattern);
      return ({ status, reason }) => byStatus(pattern.test(String(status)) !== negate, status, reason);
    }
    case 'string':
      return (answer) => byBody(answer.body.includes(toBytes(expect.pattern)), negate, answer);
    case 'rstring': {
      const pattern = new RegExp(toBytes(expect.pattern));
      return (answer) => byBody(pattern.test(answer.body), negate, answer);
    }
  }
}

function byStatus(fine: boolean, status: number, reason: string): Finding {
  return fine ? { result: 'L7OK', status, info: '' } : { result: 'L7STS', status, info: reason };
}

function byBody(matches: boolean, negate: boolean, { status, body, complete }: Answer): Finding | null {
  if (!complete && (!matches || body === '')) return null;
  if (body === '') return { result: 'L7RSP', status, info: NO_BODY };
  if (matches !== negate) return { result: 'L7OK', status, info: '' };
  return { result: 'L7RSP', status, info: negate ? UNWANTED : MISMATCH };
}

/** The body is compared as bytes, so the pattern has to be, too. */
function toBytes(pattern: string): string {
  return Buffer.from(pattern, 'utf8').toString('latin1');
}
