/**
 * `observe`: data threads count errors in a row, and leave word in the shared memory when there were too many; here it is
 * read and becomes what a check would have found.
 */
import type { CheckResult } from '../health/result.ts';
import { SERVER_TRIP_CAUSE, SERVER_TRIPS, type SharedState } from '../proxy/shared-state.ts';
import type { ServerRecord } from './server-record.ts';

/** By TRAFFIC_* of src/proxy/shared-state.ts. */
const CAUSES = [
  'Unknown',
  'L4 unsuccessful connection',
  'Wrong http response',
  'Invalid http response (headers)',
  'Invalid http response',
  'Read error (http)',
  'Read timeout (http)',
  'Close from server (http)',
];

/** More at once than anybody can make sense of. */
const MOST_AT_ONCE = 100;

/** `tripped`: once for each time; null: only the next check is hastened. */
export function takeTrips(
  record: ServerRecord,
  state: SharedState,
  tripped: (result: CheckResult | null) => void,
): void {
  const row = state.server(record.plan.index);
  const times = Math.min(MOST_AT_ONCE, state.exchange(row + SERVER_TRIPS, 0));
  const cause = CAUSES[state.get(row + SERVER_TRIP_CAUSE)] ?? CAUSES[0];
  const { errorLimit, onError } = record.model.observation;
  const { check } = record;
  for (let i = 0; i < times; i++) {
    if (!check.enabled) return;
    const info = `Detected ${errorLimit} consecutive errors, last one was: ${cause}`;
    const result: CheckResult = { result: 'HANA', status: 0, info, durationMs: -1 };
    // One more failure, real or not, will be the last.
    if (onError === 'sudden-death' && check.health > check.rise) check.health = check.rise + 1;
    if (onError === 'mark-down') check.health = check.rise;
    tripped(onError === 'fastinter' ? null : result);
  }
}
