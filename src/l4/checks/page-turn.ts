/**
 * Whose turn it is among the pages of HTTP_GET and SSL_GET, and what the answer of one means: keepalived's rules. Pure.
 *
 *   up     one page an interval, one after the other; a failure: the same page again, `retries` times, then it is down
 *   down   the page that failed, until it is well; then all of them from the first on, and if all are well it is up
 *
 * `fastRecovery`: the pages of the way up follow each other at once.
 */
import type { CheckTiming } from '../../config/l4-model.ts';
import type { Standing, Verdict } from './attempt.ts';

export interface PageTurn {
  /** Its place in the list. */
  readonly page: number;
  /** It is down because of this page. */
  readonly failed: boolean;
}

export interface PageRules {
  readonly timing: CheckTiming;
  readonly pages: number;
  readonly fastRecovery: boolean;
}

export function judgePage(
  rules: PageRules,
  turn: PageTurn,
  was: Standing,
  good: boolean,
): Verdict & { turn: PageTurn } {
  return good ? judgeGood(rules, turn, was) : judgeBad(rules, turn, was);
}

function judgeGood({ timing, pages, fastRecovery }: PageRules, turn: PageTurn, was: Standing) {
  const isLast = turn.page + 1 === pages;
  const isWhole = isLast && !turn.failed;
  const page = isLast || turn.failed ? 0 : turn.page + 1;
  const isUp = was.isUp || isWhole;
  const hasRun = was.hasRun || isWhole;
  const hurries = fastRecovery && !(isUp && hasRun);
  return {
    // Before all pages have been seen once, one failure is enough.
    standing: { isUp, hasRun, tries: hasRun ? 0 : timing.retries },
    turn: { page, failed: false },
    delayMs: hurries ? 0 : timing.intervalMs,
  };
}

function judgeBad({ timing: { retries, retryDelayMs, intervalMs } }: PageRules, turn: PageTurn, was: Standing) {
  const counts = was.isUp || !was.hasRun;
  const falls = counts && was.tries >= retries;
  const failed = turn.failed || falls;
  return {
    standing: { isUp: was.isUp && !falls, hasRun: true, tries: counts && !falls ? was.tries + 1 : 0 },
    turn: { page: turn.page, failed },
    delayMs: failed ? Math.max(retryDelayMs, intervalMs) : retryDelayMs,
  };
}
