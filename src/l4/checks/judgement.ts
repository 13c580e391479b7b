/**
 * What the end of an attempt means, and when the next one is made: keepalived's rules. Pure.
 *
 *   up     failure: `retries` more attempts, `retryDelayMs` apart, then it is down
 *   down   failure: again after the interval; TCP_CHECK and SMTP_CHECK try again as if it were up
 *   any    success: up
 *
 * Not here: pages of HTTP_GET, which take turns (page-turn.ts).
 */
import type { CheckTiming } from '../../config/l4-model.ts';
import type { Standing, Verdict } from './attempt.ts';

export function judge(timing: CheckTiming, standing: Standing, good: boolean, retriesWhenDown: boolean): Verdict {
  const { isUp, hasRun, tries } = standing;
  const { intervalMs, retryDelayMs, retries } = timing;
  if (good) return { standing: { isUp: true, hasRun: true, tries: 0 }, delayMs: intervalMs };
  const counts = isUp || !hasRun;
  if (counts || retriesWhenDown) {
    if (tries < retries) return { standing: { isUp, hasRun, tries: tries + 1 }, delayMs: retryDelayMs };
  }
  return { standing: { isUp: false, hasRun: true, tries: 0 }, delayMs: intervalMs };
}

export function judgeUsual(timing: CheckTiming, standing: Standing, good: boolean): Verdict {
  return judge(timing, standing, good, false);
}

export function judgeStubborn(timing: CheckTiming, standing: Standing, good: boolean): Verdict {
  return judge(timing, standing, good, true);
}
