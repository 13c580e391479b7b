/** `http-check expect [!] status|rstatus|string|rstring <pattern>`. */
import type { HttpCheckExpect } from '../model.ts';
import type { CheckDraft } from './drafts.ts';
import type { Statement } from './statement.ts';

const PATTERNS = ['status', 'rstatus', 'string', 'rstring'] as const;
/** Known to HAProxy, with the number of words behind them. */
const LATER: ReadonlyMap<string, number> = new Map([
  ['min-recv', 1],
  ['on-success', 1],
  ['on-error', 1],
  ['ok-status', 1],
  ['error-status', 1],
  ['tout-status', 1],
  ['status-code', 1],
  ['string-lf', 1],
  ['custom', 0],
]);

export function applyExpect(s: Statement, start: number, check: CheckDraft): void {
  if (check.expect !== null) {
    s.error(start, 'unsupported-keyword', 'checks of several steps are not supported yet', 'write one expect');
    return;
  }
  let negate = false;
  for (let at = start + 1; s.has(at); ) {
    const [, marks = '', word = ''] = /^(!*)(.*)$/s.exec(s.text(at)) ?? [];
    if (marks.length % 2 === 1) negate = !negate;
    if (word === '' && marks !== '') {
      at++;
      continue;
    }
    const kind = PATTERNS.find((pattern) => pattern === word);
    const skipped = LATER.get(word);
    if (kind !== undefined) {
      if (check.expect !== null) s.error(at, 'bad-value', 'only one pattern can be expected');
      else check.expect = parsePattern(s, at + 1, kind, negate);
      at += 2;
    } else if (word === 'comment') at += 2;
    else if (skipped !== undefined) {
      s.error(at, 'unsupported-keyword', `'http-check expect ${word}' is not supported yet`);
      at += 1 + skipped;
    } else if (word === 'hdr' || word === 'fhdr') {
      s.error(at, 'unsupported-keyword', `'http-check expect ${word}' is not supported yet`);
      return;
    } else {
      s.error(at, 'bad-value', `'http-check expect' does not take '${word}'`, PATTERNS.map((p) => `'${p}'`).join(', '));
      return;
    }
  }
}

function parsePattern(
  s: Statement,
  at: number,
  kind: (typeof PATTERNS)[number],
  negate: boolean,
): HttpCheckExpect | null {
  if (!s.has(at)) {
    s.error(at, 'missing-argument', `'${kind}' expects a pattern`);
    return null;
  }
  const pattern = s.text(at);
  if (kind === 'status') return parseStatuses(s, at, pattern, negate);
  if (kind !== 'string' && !isRegularExpression(pattern)) {
    s.error(at, 'bad-value', `'${pattern}' is no regular expression that is understood here`);
    return null;
  }
  return { kind, negate, pattern };
}

function isRegularExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

/** `200`, `200-399`, `200,204,300-399`. */
function parseStatuses(s: Statement, at: number, pattern: string, negate: boolean): HttpCheckExpect | null {
  const ranges: { from: number; to: number }[] = [];
  for (const part of pattern.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (match === null || from > to) {
      s.error(at, 'bad-value', `'${pattern}' is no list of statuses`, 'like 200 or 200-399,401');
      return null;
    }
    ranges.push({ from, to });
  }
  return { kind: 'status', negate, ranges };
}
