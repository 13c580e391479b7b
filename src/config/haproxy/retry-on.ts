/** `retry-on <condition> …`: after what a request may be sent again. */
import type { RetryCondition } from '../model.ts';
import { nearestWord } from '../suggest.ts';
import type { ProxyTarget } from './drafts.ts';
import type { Statement } from './statement.ts';

const WORDS: ReadonlyMap<string, readonly RetryCondition[]> = new Map([
  ...(['conn-failure', 'empty-response', 'junk-response', 'response-timeout', '0rtt-rejected'] as const).map(
    (word): [string, RetryCondition[]] => [word, [word]],
  ),
  ...([401, 403, 404, 408, 425, 500, 501, 502, 503, 504] as const).map((status): [string, RetryCondition[]] => [
    `${status}`,
    [status],
  ]),
  [
    'all-retryable-errors',
    ['conn-failure', 'empty-response', 'junk-response', 'response-timeout', '0rtt-rejected', 500, 502, 503, 504],
  ],
]);

/** What was set before no longer counts. */
export function applyRetryOn(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const conditions = new Set<RetryCondition>();
  for (let i = 1; s.has(i); i++) {
    const word = s.text(i);
    if (word === 'none' && (i > 1 || s.has(2))) {
      s.error(i, 'bad-value', "'none' is possible only alone", "leave it out, or the other words of 'retry-on'");
      return;
    }
    const known = WORDS.get(word);
    if (known === undefined && word !== 'none') {
      const near = nearestWord(word, WORDS.keys());
      const words = `one of none, ${[...WORDS.keys()].join(', ')}`;
      const hint = near === null ? words : `did you mean '${near}'?`;
      s.error(i, 'bad-value', `'retry-on' does not know '${word}'`, hint);
      return;
    }
    for (const condition of known ?? []) conditions.add(condition);
  }
  proxy.retryOn = [...conditions];
}
