/**
 * When checks begin, and how far they stray from their interval: spread, so that the servers are not all asked at the
 * same moment. HAProxy's arithmetic; pure.
 */

/** Checks that are more frequent than this do not tell the others when to begin. */
const SHORT_INTERVAL_MS = 1000;

/** One delay for each of `intervalsMs`, in that order. `maxSpreadMs`: max-spread-checks. */
export function startDelaysMs(intervalsMs: readonly number[], maxSpreadMs: number | null): number[] {
  const long = intervalsMs.filter((interval) => interval >= SHORT_INTERVAL_MS);
  const shortest = long.length === 0 ? 0 : Math.min(...long);
  return intervalsMs.map((interval, position) => {
    const span = Math.min(Math.max(shortest, interval), maxSpreadMs ?? Number.POSITIVE_INFINITY);
    return Math.floor((span * position) / intervalsMs.length);
  });
}

/** `chance` from 0 to 1; `spreadPercent`: spread-checks. */
export function nextDelayMs(intervalMs: number, spreadPercent: number, chance: number): number {
  const reach = Math.floor((intervalMs * spreadPercent) / 100);
  return intervalMs + reach - Math.floor(2 * reach * chance);
}
