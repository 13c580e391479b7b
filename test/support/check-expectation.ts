/** An expectation of a check in which only the pattern is said. */
import type { CheckExpect, CheckPattern } from '../../src/config/check-model.ts';

export function expectation(pattern: CheckPattern, changes: Partial<CheckExpect> = {}): CheckExpect {
  return {
    kind: 'expect',
    step: 1,
    comment: null,
    negate: false,
    minBytes: null,
    pattern,
    okStatus: null,
    errorStatus: null,
    timeoutStatus: null,
    onSuccess: null,
    onError: null,
    statusCode: null,
    ...changes,
  };
}
