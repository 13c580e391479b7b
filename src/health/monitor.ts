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
}

interface Check {
  readonly server: CheckedServer;
  health: number;
  timer: Timer | null;
  running: RunningProbe | null;
}

export class HealthMonitor {
  readonly #setup: MonitorSetup;
  readonly #checks: readonly Check[];
  #stopped = false;

  constructor(setup: MonitorSetup) {
    this.#setup = setup;
    this.#checks = setup.servers.map((server) => {
      return { server, health: initialHealth(server), timer: null, running: null };
    });
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

  #schedule(check: Check, delayMs: number): void {
    check.timer = this.#setup.timers.after(delayMs, () => {
      void this.#run(check);
    });
  }

  async #run(check: Check): Promise<void> {
    const { probe, clock } = this.#setup;
    const startMs = clock.monotonicMs();
    check.running = probe(check.server.target);
    const finding = await check.running.finding;
    check.running = null;
    if (this.#stopped) return;
    this.#conclude(check, finding, clock.monotonicMs() - startMs);
  }

  #conclude(check: Check, finding: Finding, durationMs: number): void {
    const { spreadPercent, random, changed } = this.#setup;
    const { server } = check;
    const next = transition(server, check.health, passed(finding));
    check.health = next.health;
    const change: Change = next.change;
    if (change !== null) changed(server.index, change, { ...finding, durationMs });
    this.#schedule(check, nextDelayMs(intervalMs(server, server, check.health), spreadPercent, random.next()));
  }
}
