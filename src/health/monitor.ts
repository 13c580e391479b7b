/**
 * Asks, again and again: servers and their agents, each at its own pace.
 *
 *   start delay ─▶ question ─▶ answer ─▶ interval, by how things are then ─▶ question …
 *
 * One question at a time for each; the interval counts from the answer. Not here: what an answer means, and how long the
 * interval is (src/daemon/server-board.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { RunningProbe } from './probe.ts';
import type { CheckResult, Finding } from './result.ts';
import { nextDelayMs, startDelaysMs } from './schedule.ts';

export interface MonitoredCheck {
  /** Whatever the listener knows it by. */
  readonly id: number;
  readonly ask: () => RunningProbe;
  /** Not asked before it is resumed. */
  readonly startsPaused?: boolean;
}

export interface MonitorSetup {
  readonly checks: readonly MonitoredCheck[];
  readonly spreadPercent: number;
  readonly maxSpreadMs: number | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** As things are now. */
  readonly intervalMs: (id: number) => number;
  readonly answered: (id: number, result: CheckResult) => void;
}

interface Check {
  readonly check: MonitoredCheck;
  timer: Timer | null;
  dueMs: number;
  running: RunningProbe | null;
  paused: boolean;
}

export class HealthMonitor {
  readonly #setup: MonitorSetup;
  readonly #byId: Map<number, Check>;
  #stopped = false;

  constructor(setup: MonitorSetup) {
    this.#setup = setup;
    this.#byId = new Map(setup.checks.map((check) => [check.id, recordOf(check)]));
  }

  start(): void {
    const checks = [...this.#byId.values()];
    const intervals = checks.map(({ check }) => this.#setup.intervalMs(check.id));
    const delays = startDelaysMs(intervals, this.#setup.maxSpreadMs);
    checks.forEach((check, position) => {
      this.#schedule(check, delays[position] ?? 0);
    });
  }

  /** One more, which is asked at once. */
  add(added: MonitoredCheck): void {
    this.remove(added.id);
    const check = recordOf(added);
    this.#byId.set(added.id, check);
    this.#schedule(check, 0);
  }

  remove(id: number): void {
    this.pause(id);
    this.#byId.delete(id);
  }

  stop(): void {
    this.#stopped = true;
    for (const check of this.#byId.values()) {
      check.timer?.cancel();
      check.running?.cancel();
    }
  }

  pause(id: number): void {
    const check = this.#byId.get(id);
    if (check === undefined || check.paused) return;
    check.paused = true;
    check.timer?.cancel();
    check.running?.cancel();
    check.running = null;
  }

  /** It is asked at once. */
  resume(id: number): void {
    const check = this.#byId.get(id);
    if (check === undefined || !check.paused) return;
    check.paused = false;
    this.#schedule(check, 0);
  }

  /** There is reason to ask within this time, if that is sooner than it would be. */
  hasten(id: number, withinMs: number): void {
    const check = this.#byId.get(id);
    if (check === undefined || check.paused || check.running !== null) return;
    if (check.dueMs <= this.#setup.clock.monotonicMs() + withinMs) return;
    check.timer?.cancel();
    this.#schedule(check, withinMs);
  }

  /** Whether it is being asked right now. */
  asks(id: number): boolean {
    return (this.#byId.get(id)?.running ?? null) !== null;
  }

  #schedule(check: Check, delayMs: number): void {
    if (check.paused || this.#stopped) return;
    check.dueMs = this.#setup.clock.monotonicMs() + delayMs;
    check.timer = this.#setup.timers.after(delayMs, () => {
      void this.#ask(check);
    });
  }

  async #ask(check: Check): Promise<void> {
    const { clock } = this.#setup;
    const startMs = clock.monotonicMs();
    const running = check.check.ask();
    check.running = running;
    const finding = await running.finding;
    // One that was cancelled may end all the same.
    if (this.#stopped || check.running !== running) return;
    check.running = null;
    this.#conclude(check, finding, clock.monotonicMs() - startMs);
  }

  #conclude(check: Check, finding: Finding, durationMs: number): void {
    const { spreadPercent, random, answered, intervalMs } = this.#setup;
    const { id } = check.check;
    answered(id, { ...finding, durationMs });
    // Whoever was told may have paused it.
    if (!check.paused) this.#schedule(check, nextDelayMs(intervalMs(id), spreadPercent, random.next()));
  }
}

function recordOf(check: MonitoredCheck): Check {
  return { check, timer: null, dueMs: 0, running: null, paused: check.startsPaused ?? false };
}
