/** Time, behind a seam: the one place that asks for it. */
export interface Clock {
  /** Milliseconds since some fixed point, never stepping back. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01 UTC. */
  wallMs(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
