/** Which stretch of time a time line shows, and where in it a moment is. Pure. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const SPANS_MS = [
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  30 * DAY_MS,
  365 * DAY_MS,
] as const;

/** So many of the last moments are to be seen, if there are as many. */
const WANTED = 24;

/** The shortest span that shows enough. `moments`: the last one first. */
export function spanFor(moments: readonly number[], nowMs: number): number {
  const oldest = moments[Math.min(moments.length, WANTED) - 1];
  const wanted = oldest === undefined ? 0 : nowMs - oldest;
  return SPANS_MS.find((span) => span >= wanted) ?? SPANS_MS[SPANS_MS.length - 1] ?? DAY_MS;
}

/** 0 is the left end, 1 is now; null: it is not in sight. */
export function placeOf(momentMs: number, nowMs: number, spanMs: number): number | null {
  const place = 1 - (nowMs - momentMs) / spanMs;
  return place < 0 ? null : Math.min(1, place);
}
