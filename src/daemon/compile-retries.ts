/** `retry-on` in the plan: one bit a condition. */
import type { RetryCondition } from '../config/model.ts';
import {
  RETRY_CONNECT,
  RETRY_EMPTY,
  RETRY_FIRST_STATUS,
  RETRY_JUNK,
  RETRY_STATUSES,
  RETRY_TIMEOUT,
} from '../proxy/plan.ts';

export function compileRetryOn(conditions: readonly RetryCondition[]): number {
  return conditions.reduce((bits: number, condition) => bits | bitOf(condition), 0);
}

function bitOf(condition: RetryCondition): number {
  switch (condition) {
    case 'conn-failure':
      return RETRY_CONNECT;
    case 'empty-response':
      return RETRY_EMPTY;
    case 'junk-response':
      return RETRY_JUNK;
    case 'response-timeout':
      return RETRY_TIMEOUT;
    case '0rtt-rejected':
      // Nothing is sent as early data.
      return 0;
    default:
      return RETRY_FIRST_STATUS << RETRY_STATUSES.indexOf(condition);
  }
}
