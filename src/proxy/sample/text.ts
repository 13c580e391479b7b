/**
 * A value as text, in the form in which HAProxy logs it and puts it into a header. What does not fit is left out.
 * Not here: escaping, quotes (the log's).
 */
import { castSample } from './cast.ts';
import { copyRange } from './copy.ts';
import { SAMPLE_TEXT, type SampleValue } from './value.ts';

/** Writes the value at `at`, and returns where it ended; -1: it cannot be text. The value is text afterwards. */
export function writeSample(value: SampleValue, into: Buffer, at: number): number {
  if (!castSample(value, SAMPLE_TEXT)) return -1;
  return copyRange(value.bytes, value.start, value.end, into, at);
}
