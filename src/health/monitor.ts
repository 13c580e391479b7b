/**
 * Asks every checked server, again and again, and says when one changes.
 *
 *   start delay ─▶ probe ─▶ rise/fall ─▶ (change) ─▶ interval by health ─▶ probe …
 *
 * One probe at a time for each server; the interval counts from the end of the last. Not here: what a change means for
 * others (src/daemon/server-board.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Probe, ProbeTarget, RunningProbe } from './probe.ts';
import { type CheckResult, type Finding, passed } from './result.ts';
import { type Change, type Intervals, initialHealth, intervalMs, type RiseFall, transition } from './rise-fall.ts';
import { nextDelayMs, startDelaysMs } from './schedule.ts';

export interface CheckedServer extends RiseFall, Intervals {
  /** Whatever the listener knows it by. */
  readonly index: number;
  readonly target: ProbeTarget;
  /** It is in maintenance: not asked before it is resumed. */
  readonly startsPaused?: boolean;
}

export interface MonitorSetup {
  readonly servers: readonly CheckedServer[];
  readonly spreadPercent: number;
  readonly maxSpreadMs: number | null;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly changed: (index: number, change: 'up' | 'down', result: CheckResult) => void;
  /** Every result, before `changed`. */
  readonly observed?: (index: number, health: number, result: CheckResult) => void;
}

interface Check {
  readonly server: CheckedServer;
  health: number;
  timer: Timer | null;
  running: RunningProbe | null;
  paused: boolean;
}

export class HealthMonitor {
  readonly #setup: MonitorSetup;
  readonly #checks: readonly Check[];
  readonly #byIndex: ReadonlyMap<number, Check>;
  #stopped = false;

  constructor(setup: MonitorSetup) {
    this.#setup = setup;
    this.#checks = setup.servers.map((server): Check => {
      const paused = server.startsPaused ?? false;
      return { server, health: initialHealth(server), timer: null, running: null, paused };
    });
    this.#byIndex = new Map(this.#checks.map((check) => [check.server.index, check]));
  }

  start(): void {
    const intervals = this.#checks.map(({ server, health }) => intervalMs(server, server, health));
    const delays = startDelaysMs(intervals, this.#setup.maxSpreadMs);
    this.#checks.forEach((check, position) => {
      this.#schedule(check, delays[position] ?? 0);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const check of this.#checks) {
      check.timer?.cancel();
      check.running?.cancel();
    }
  }

  /** Its server is in maintenance. */
  pause(index: number): void {
    const check = this.#find(index);
    if (check === undefined || check.paused) return;
    check.paused = true;
    check.timer?.cancel();
    check.running?.cancel();
    check.running = null;
  }

  /** It is back: believed to be up, asked at once, and down after one failure. */
  resume(index: number): void {
    const check = this.#find(index);
    if (check === undefined || !check.paused) return;
    check.paused = false;
    check.health = initialHealth(check.server);
    this.#schedule(check, 0);
  }

  /** Somebody knows better, until the next result. */
  setHealth(index: number, health: number): void {
    const check = this.#find(index);
    if (check !== undefined) check.health = health;
  }

  health(index: number): number {
    return this.#find(index)?.health ?? 0;
  }

  /** Whether it is being asked right now. */
  asks(index: number): boolean {
    return (this.#find(index)?.running ?? null) !== null;
  }

  #find(index: number): Check | undefined {
    return this.#byIndex.get(index);
  }

  #schedule(check: Check, delayMs: number): void {
    if (check.paused || this.#stopped) return;
    check.timer = this.#setup.timers.after(delayMs, () => {
      void this.#run(check);
    });
  }

  async #run(check: Check): Promise<void> {
    const { probe, clock } = this.#setup;
    const startMs = clock.monotonicMs();
    const running = probe(check.server.target);
    check.running = running;
    const finding = await running.finding;
    // One that was cancelled may end all the same.
    if (this.#stopped || check.running !== running) return;
    check.running = null;
    this.#conclude(check, finding, clock.monotonicMs() - startMs);
  }

  #conclude(check: Check, finding: Finding, durationMs: number): void {
    const { spreadPercent, random, changed, observed } = this.#setup;
    const { server } = check;
    const next = transition(server, check.health, passed(finding));
    check.health = next.health;
    const change: Change = next.change;
    const result = { ...finding, durationMs };
    observed?.(server.index, check.health, result);
    if (change !== null) changed(server.index, change, result);
    this.#schedule(check, nextDelayMs(intervalMs(server, server, check.health), spreadPercent, random.next()));
  }
}
