/**
 * When a server changes state: HAProxy's health counter, as a pure function.
 *
 *        down                          │              up
 *   0 ── 1 ── … ── rise-1 ── │ ── rise ── … ── rise+fall-1
 *   ◀── any failure: to 0              any success: to the top ──▶
 *       success: one up                failure: one down; below rise: to 0
 *
 * A server starts at `rise`: up, but the first failure takes it down.
 */
export interface RiseFall {
  readonly rise: number;
  readonly fall: number;
}

export interface Intervals {
  readonly intervalMs: number;
  readonly fastIntervalMs: number | null;
  readonly downIntervalMs: number | null;
}

export type Change = 'up' | 'down' | null;

export interface Transition {
  readonly health: number;
  readonly change: Change;
}

export function initialHealth({ rise }: RiseFall): number {
  return rise;
}

export function transition(limits: RiseFall, health: number, success: boolean): Transition {
  const { rise, fall } = limits;
  const top = rise + fall - 1;
  const wasUp = health >= rise;
  if (success) {
    const next = Math.min(health + 1, top);
    return next >= rise ? { health: top, change: wasUp ? null : 'up' } : { health: next, change: null };
  }
  const next = Math.max(health - 1, 0);
  return next >= rise ? { health: next, change: null } : { health: 0, change: wasUp ? 'down' : null };
}

/** Settled up: `inter`; settled down: `downinter`; on the way from one to the other: `fastinter`. */
export function intervalMs(limits: RiseFall, intervals: Intervals, health: number): number {
  if (health === limits.rise + limits.fall - 1) return intervals.intervalMs;
  if (health === 0) return intervals.downIntervalMs ?? intervals.intervalMs;
  return intervals.fastIntervalMs ?? intervals.intervalMs;
}
