/** `%[…]` in a log format: a sample expression as one of its parts. */

import type { SampleWriter } from './log/parts.ts';
import { FLAG_HEADER, writeHeaderSafe, writeText } from './log/quoting.ts';
import { castSample } from './sample/cast.ts';
import { SampleExpression } from './sample/expression.ts';
import type { SampleScope } from './sample/scope.ts';
import { SAMPLE_TEXT } from './sample/value.ts';

/** `scope` has been pointed at the stream when a line is written. */
export function sampleWriter(scope: SampleScope): SampleWriter {
  return (plan) => {
    const expression = new SampleExpression(plan.sample);
    return ({ flags }, _record, into, at, stop) => {
      const { value } = scope;
      const found = expression.evaluate(scope) && castSample(value, SAMPLE_TEXT);
      const length = found ? value.end - value.start : 0;
      if ((flags & FLAG_HEADER) === 0) return writeText(into, at, stop, value.bytes, value.start, length, flags);
      return writeHeaderSafe(into, at, stop, value.bytes, value.start, value.start + length, flags);
    };
  };
}
