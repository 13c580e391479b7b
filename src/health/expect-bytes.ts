/** Is this what was expected, in bytes? Pure: HAProxy's patience and verdicts. Not here: HTTP (expect-answer.ts). */
import type { CheckExpect, CheckPattern } from '../config/check-model.ts';
import { hexBytes, type Patterns } from './patterns.ts';

export type Match = 'wait' | 'matches' | 'differs';

/** `last`: nothing more will come. `wanted`: what the pattern says now, of those that are no regular expression. */
export function matchBytes(expect: CheckExpect, received: string, last: boolean, wanted: string, all: Patterns): Match {
  const { pattern, minBytes } = expect;
  if (!last && received.length < Math.max(wanted.length, minBytes ?? 0)) return 'wait';
  if (find(pattern, received, wanted, all)) return 'matches';
  // With a minimum, the absence of a match is conclusive.
  return last || minBytes !== null ? 'differs' : 'wait';
}

function find(pattern: CheckPattern, received: string, wanted: string, all: Patterns): boolean {
  switch (pattern.what) {
    case 'rstring':
      return all.matches(pattern.expression, received);
    case 'rbinary':
      return all.matches(pattern.expression, Buffer.from(received, 'latin1').toString('hex').toUpperCase());
    default:
      return received.includes(wanted);
  }
}

/** What a pattern looks for once its text is known, or why it cannot be looked for. */
export function wantedBytes(
  pattern: CheckPattern,
  text: string,
): { readonly wanted: string } | { readonly why: string } {
  switch (pattern.what) {
    case 'string':
    case 'binary':
      return { wanted: pattern.bytes };
    case 'string-lf':
      return text === '' ? { why: NO_TEXT } : { wanted: text };
    case 'binary-lf': {
      const bytes = hexBytes(text);
      if (text === '') return { why: NO_TEXT };
      return bytes === null ? { why: NO_HEX } : { wanted: bytes };
    }
    default:
      return { wanted: '' };
  }
}

export const NO_TEXT = 'log-format string evaluated to an empty string';
const NO_HEX = 'Failed to parse hexastring resulting of eval of a log-format string';
