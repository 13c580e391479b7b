/** Time that passes when a test says so: a clock and timers in one. */
import type { Clock, Timer, Timers } from '../../src/core/clock.ts';

interface Pending {
  readonly atMs: number;
  readonly action: () => void;
}

export class FakeTime implements Clock, Timers {
  #nowMs = 0;
  #pending: Pending[] = [];
  /** Somebody sets the clock on the wall: no time passes. */
  wallOffsetMs = 0;

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.wallOffsetMs + this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const one = { atMs: this.#nowMs + delayMs, action };
    this.#pending.push(one);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== one);
      },
    };
  }

  /** Time passes and nobody is there to see it; timers that became due fire with the next `advance`. */
  suspend(ms: number): void {
    this.#nowMs += ms;
  }

  /** When the timers that wait are due, soonest first. */
  get due(): number[] {
    return this.#pending.map(({ atMs }) => atMs).sort((a, b) => a - b);
  }

  /** Lets time pass, timer by timer; promises get their turn after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#pending.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#pending = this.#pending.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Everything that was only waiting for promises has happened. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
