/**
 * How servers change: HAProxy's rules, with what is said of each change, to the letter. Whoever wants one says what it is to
 * become; what is in the way of that (maintenance, another check that objects) is known here, and those who follow it
 * change with it.
 *
 *   a result ─▶ judge ──▶ stop │ run │ stopAccepting ──┐
 *   an operator, an agent ─▶ setFlag │ clearFlag ──────┼─▶ update ─▶ commit, apply ─▶ words ─▶ those who follow
 *   a weight, a moment of warming up ──────────────────┘
 *
 * Not here: when checks are made (src/health), memory, logs and timers (server-board.ts).
 */
import type { CheckRecord } from '../health/check-record.ts';
import type { CheckResult } from '../health/result.ts';
import type { Reason } from '../health/words.ts';
import {
  ADMIN_DRAIN,
  ADMIN_FORCED_DRAIN,
  ADMIN_FORCED_MAINT,
  ADMIN_INHERITED_DRAIN,
  ADMIN_INHERITED_MAINT,
  ADMIN_MAINT,
  type ServerRecord,
  WHOLE_WARMTH,
} from './server-record.ts';
import {
  drainLine,
  type Line,
  leavesDrainLine,
  leavesMaintenanceLine,
  maintenanceLine,
  operationLine,
  staysInDrainLine,
  staysInMaintenanceLine,
} from './state-lines.ts';

/** Timers may be early by as much. */
const EARLY_MS = 10;

/** What a change needs of the world. */
export interface StatesHost {
  nowMs(): number;
  /** The threads are to see what the record is now. Its streams that waited may go elsewhere. */
  apply(record: ServerRecord): void;
  /** Says a line about it, with what its backend has left, where that is asked for. */
  say(record: ServerRecord, line: Line): void;
  /** Servers of its backend that new clients may be sent to. */
  usableBeside(record: ServerRecord): number;
  /** Its backend has lost the last of them. */
  sayNobodyIsLeft(record: ServerRecord): void;
  /** It is on its way to its whole weight: `warmUp` is due in a second. */
  willWarmUp(record: ServerRecord): void;
  /** Its checks are to pause, or to go on. */
  pauseChecks(record: ServerRecord): void;
}

export class ServerStates {
  readonly #host: StatesHost;
  /** Nothing is said of what the configuration itself brings about. */
  #starting = true;

  constructor(host: StatesHost) {
    this.#host = host;
  }

  /** Those who follow a server in maintenance are there, too. */
  begin(records: readonly ServerRecord[]): void {
    for (const record of records) {
      if (record.tracked !== null || !record.maint) continue;
      for (const tracker of record.trackers) this.setFlag(tracker, ADMIN_INHERITED_MAINT);
    }
    this.#starting = false;
  }

  /** What follows from a result. `isSaid`: its words have been in the log already. */
  judge(record: ServerRecord, check: CheckRecord, result: CheckResult, isSaid: boolean): void {
    const reason = record.tracked === null && !isSaid ? result : null;
    if (check.verdict === 'failed') {
      // An agent that cannot be asked says nothing of the server.
      if (check.health === 0 && (!check.isAgent || result.result === 'L7STS')) this.stop(record, reason);
    } else if (check.verdict === 'conditional') {
      if (!check.isAgent && this.#mayRun(record)) this.stopAccepting(record, reason);
    } else if (check.verdict === 'passed') {
      // Only health checks know of clients that may stay.
      const staysStopping = check.isAgent && record.nextOperation === 'stopping';
      if (this.#mayRun(record) && !staysStopping) this.run(record, reason);
    }
  }

  /** Nobody else says that it is not well. */
  #mayRun(record: ServerRecord): boolean {
    if ((record.nextAdmin & ADMIN_MAINT) !== 0 || record.tracked?.nextOperation === 'stopped') return false;
    return !record.check.objects && !record.agent.objects;
  }

  stop(record: ServerRecord, reason: Reason): void {
    if (record.maint || record.nextOperation === 'stopped') return;
    record.nextOperation = 'stopped';
    record.reason = reason;
    this.#update(record);
    for (const tracker of record.trackers) this.stop(tracker, null);
  }

  run(record: ServerRecord, reason: Reason): void {
    if (record.maint || record.nextOperation === 'starting' || record.nextOperation === 'running') return;
    record.nextOperation = record.model.slowStartS > 0 ? 'starting' : 'running';
    record.reason = reason;
    this.#update(record);
    for (const tracker of record.trackers) this.run(tracker, null);
  }

  stopAccepting(record: ServerRecord, reason: Reason): void {
    if (record.maint || record.nextOperation === 'stopping') return;
    record.nextOperation = 'stopping';
    record.reason = reason;
    this.#update(record);
    for (const tracker of record.trackers) this.stopAccepting(tracker, null);
  }

  ready(record: ServerRecord): void {
    this.clearFlag(record, ADMIN_FORCED_DRAIN);
    this.clearFlag(record, ADMIN_FORCED_MAINT);
  }

  drain(record: ServerRecord): void {
    this.setFlag(record, ADMIN_FORCED_DRAIN);
    this.clearFlag(record, ADMIN_FORCED_MAINT);
  }

  maintain(record: ServerRecord): void {
    this.setFlag(record, ADMIN_FORCED_MAINT);
    this.clearFlag(record, ADMIN_FORCED_DRAIN);
  }

  setFlag(record: ServerRecord, flag: number): void {
    if ((record.nextAdmin & flag) !== 0) return;
    record.nextAdmin |= flag;
    this.#update(record);
    if ((record.nextAdmin & ~flag & kindOf(flag)) !== 0) return;
    for (const tracker of record.trackers) this.setFlag(tracker, inherited(flag));
  }

  clearFlag(record: ServerRecord, flag: number): void {
    if ((record.nextAdmin & flag) === 0) return;
    record.nextAdmin &= ~flag;
    this.#update(record);
    if ((record.nextAdmin & kindOf(flag)) !== 0) return;
    for (const tracker of record.trackers) this.clearFlag(tracker, inherited(flag));
  }

  setWeight(record: ServerRecord, weight: number): void {
    record.weight = weight;
    this.#warm(record);
    this.#update(record);
  }

  /** A second has passed for a server that is on its way to its whole weight. */
  warmUp(record: ServerRecord): void {
    if ((record.nextAdmin & ADMIN_MAINT) !== 0 || record.nextOperation !== 'starting') return;
    this.#warm(record);
    this.#update(record);
    if (record.nextOperation !== 'starting') return;
    // Its limit has changed, even where its weight has not.
    this.#host.apply(record);
    this.#host.willWarmUp(record);
  }

  #warm(record: ServerRecord): void {
    const { slowStartS } = record.model;
    const elapsedS = this.#elapsedS(record);
    if (elapsedS >= slowStartS && record.nextOperation === 'starting') record.nextOperation = 'running';
    const grows = record.nextOperation === 'starting' && record.growsSlowly;
    record.throttlePercent = record.nextOperation === 'starting' ? Math.floor((100 * elapsedS) / slowStartS) : null;
    record.nextWarmth = grows ? Math.floor((WHOLE_WARMTH * elapsedS + slowStartS) / slowStartS) : WHOLE_WARMTH;
  }

  #elapsedS(record: ServerRecord): number {
    return Math.floor((this.#host.nowMs() - record.changedMs + EARLY_MS) / 1000);
  }

  #update(record: ServerRecord): void {
    const before = this.#host.usableBeside(record);
    // In maintenance nothing else counts.
    if (!record.maint) this.#updateOperation(record);
    record.reason = null;
    this.#updateMaintenance(record);
    if ((record.nextAdmin & ADMIN_MAINT) === 0) this.#updateDrain(record);
    if (!this.#starting && before > 0 && this.#host.usableBeside(record) === 0) this.#host.sayNobodyIsLeft(record);
  }

  /** What an operator wants comes later, in lines of its own. */
  #updateOperation(record: ServerRecord): void {
    const wanted = record.nextAdmin;
    record.nextAdmin = record.admin;
    const { operation, nextOperation } = record;
    const wasStopping = operation === 'stopping' || record.drain;
    const isUp = nextOperation === 'running' || nextOperation === 'starting';
    if (operation !== nextOperation) {
      record.touch(this.#host.nowMs(), isUp && operation === 'stopped');
      if (isUp) this.#beginToWarm(record);
      if (nextOperation === 'stopped') record.timesDown++;
      this.#apply(record);
      this.#say(record, operationLine(record, wasStopping));
    } else if (record.appliedWeight !== record.weight || record.warmth !== record.nextWarmth) this.#apply(record);
    record.nextAdmin = wanted;
  }

  #beginToWarm(record: ServerRecord): void {
    if (record.nextOperation === 'starting') this.#host.willWarmUp(record);
    this.#warm(record);
  }

  #updateMaintenance(record: ServerRecord): void {
    const enters = (record.nextAdmin & ADMIN_MAINT) !== 0;
    if (!record.maint && enters) this.#enterMaintenance(record);
    else if (record.maint && !enters) this.#leaveMaintenance(record);
    else if (enters) {
      const line = staysInMaintenanceLine(record);
      record.admin = record.nextAdmin;
      if (line !== null) this.#say(record, line);
    }
  }

  #enterMaintenance(record: ServerRecord): void {
    const wasDown = record.operation === 'stopped';
    const wasStopping = record.operation === 'stopping' || record.drain;
    if (record.check.enabled) record.check.paused = true;
    if (record.check.enabled || !wasDown) record.check.health = 0;
    if (!wasDown) {
      record.touch(this.#host.nowMs(), false);
      record.nextOperation = 'stopped';
      record.timesDown++;
    }
    this.#apply(record);
    this.#host.pauseChecks(record);
    if (!this.#starting) this.#say(record, maintenanceLine(record, wasDown, wasStopping));
  }

  #leaveMaintenance(record: ServerRecord): void {
    const { check, agent, tracked } = record;
    if (check.enabled) {
      check.paused = false;
      check.health = check.rise;
    }
    if (tracked?.nextOperation !== 'stopped' && !check.objects && !agent.objects) {
      if (tracked?.nextOperation === 'stopping') record.nextOperation = 'stopping';
      else {
        record.touch(this.#host.nowMs(), false);
        record.nextOperation = record.model.slowStartS > 0 ? 'starting' : 'running';
        if (record.nextOperation === 'starting') this.#host.willWarmUp(record);
      }
    }
    const line = leavesMaintenanceLine(record);
    this.#warm(record);
    this.#apply(record);
    this.#host.pauseChecks(record);
    this.#say(record, line);
  }

  #updateDrain(record: ServerRecord): void {
    const drains = (record.nextAdmin & ADMIN_DRAIN) !== 0;
    if (!record.drain && drains) {
      record.touch(this.#host.nowMs(), false);
      this.#apply(record);
      if (!this.#starting) this.#say(record, drainLine(record));
    } else if (record.drain && !drains) {
      record.touch(this.#host.nowMs(), true);
      this.#warm(record);
      this.#say(record, leavesDrainLine(record));
      this.#apply(record);
    } else if (drains) {
      this.#say(record, staysInDrainLine(record));
      record.admin = record.nextAdmin;
    }
  }

  #apply(record: ServerRecord): void {
    record.commit();
    this.#host.apply(record);
  }

  #say(record: ServerRecord, line: Line): void {
    this.#host.say(record, line);
  }
}

function kindOf(flag: number): number {
  return (flag & ADMIN_MAINT) !== 0 ? ADMIN_MAINT : ADMIN_DRAIN;
}

function inherited(flag: number): number {
  return (flag & ADMIN_MAINT) !== 0 ? ADMIN_INHERITED_MAINT : ADMIN_INHERITED_DRAIN;
}
