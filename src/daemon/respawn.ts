/**
 * When a data process that died is started again: at once the first time, then slower the more often it dies young. Pure.
 *
 *   died after >= 10 s   ─▶ 0 ms
 *   died young again     ─▶ 100, 200, 400 … 5000 ms
 */
const GROWN_UP_MS = 10_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** `previousDelayMs`: what this function said the last time, null: it has not been asked. */
export function respawnDelayMs(previousDelayMs: number | null, livedMs: number): number {
  if (previousDelayMs === null || livedMs >= GROWN_UP_MS) return 0;
  return previousDelayMs === 0 ? FIRST_DELAY_MS : Math.min(2 * previousDelayMs, LONGEST_DELAY_MS);
}
