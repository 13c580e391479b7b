/**
 * What the control process knows of one server: what checks found, what an operator wants, and since when. From both
 * follows the state that the data threads see.
 *
 *   maintenance?  ─ yes ─▶ MAINT        wins over everything
 *   down?         ─ yes ─▶ DOWN         by a check or by hand
 *   drain?        ─ yes ─▶ DRAIN        by hand, or `health stopping`
 *                    no ─▶ UP
 */
import type { Server } from '../config/model.ts';
import type { CheckResult } from '../health/result.ts';
import type { ServerPlan } from '../proxy/plan.ts';
import { STATE_DOWN, STATE_DRAIN, STATE_MAINT, STATE_UP } from '../proxy/shared-state.ts';

export class ServerRecord {
  readonly plan: ServerPlan;
  readonly model: Server;
  /** Nobody knows its address: it stays in maintenance. */
  readonly unresolved: boolean;
  maint: boolean;
  drain = false;
  /** By the last check, or by hand. */
  up = true;
  /** By hand: only clients that it has already. */
  stopping = false;
  /** What it is now, and at the start. */
  weight: number;
  /** Of the checks, see src/health/rise-fall.ts; without checks what it would begin with. */
  health: number;
  last: CheckResult | null = null;
  failedChecks = 0;
  timesDown = 0;
  changedMs: number;
  #downMs = 0;

  constructor(plan: ServerPlan, model: Server, unresolved: boolean, nowMs: number) {
    this.plan = plan;
    this.model = model;
    this.unresolved = unresolved;
    this.maint = model.disabled;
    this.weight = model.weight;
    this.health = model.check.rise;
    this.changedMs = nowMs;
  }

  /** STATE_*. */
  get state(): number {
    if (this.maint || this.unresolved) return STATE_MAINT;
    if (!this.up) return STATE_DOWN;
    return this.drain || this.stopping ? STATE_DRAIN : STATE_UP;
  }

  /** Neither down nor in maintenance. */
  get running(): boolean {
    return this.state === STATE_UP || this.state === STATE_DRAIN;
  }

  /** How long it has been away, in all. */
  downtimeMs(nowMs: number): number {
    return this.#downMs + (this.running ? 0 : nowMs - this.changedMs);
  }

  /** Does something to it; says whether that changed its state. */
  change(nowMs: number, action: () => void): boolean {
    const before = this.state;
    const wasRunning = this.running;
    const down = this.downtimeMs(nowMs);
    action();
    if (this.state === before) return false;
    this.#downMs = down;
    this.changedMs = nowMs;
    if (wasRunning && !this.running) this.timesDown++;
    return true;
  }

  /** As if it had just been started. */
  clear(): void {
    this.failedChecks = 0;
    this.timesDown = 0;
  }
}
