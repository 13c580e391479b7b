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

/** As the kernel's CLOCK_MONOTONIC counts them, for those who compare. */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}

/** Something that will happen, unless it is cancelled. */
export interface Timer {
  cancel(): void;
}

/** The control process's timers (the data path has a wheel of its own). */
export interface Timers {
  after(delayMs: number, action: () => void): Timer;
}

export const systemTimers: Timers = {
  after(delayMs, action) {
    const handle = setTimeout(action, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
