/**
 * What the control process knows of one server: what it is and what it is to become, what an operator wants, what checks
 * and agent found, whom it follows, how much it weighs, and since when. The rules by which this changes are
 * server-states.ts; from it follows the state that the data threads see:
 *
 *   maintenance?        ─ yes ─▶ MAINT        wins over everything
 *   stopped?            ─ yes ─▶ DOWN         by a check, an agent, traffic, another server, or by hand
 *   drain, stopping?    ─ yes ─▶ DRAIN        by hand, by an agent, by a 404
 *                          no ─▶ UP
 */
import { isDeepStrictEqual } from 'node:util';
import type { Server } from '../config/model.ts';
import { CheckRecord } from '../health/check-record.ts';
import type { Reason } from '../health/words.ts';
import type { ServerPlan } from '../proxy/plan.ts';
import { STATE_DOWN, STATE_DRAIN, STATE_MAINT, STATE_UP } from '../proxy/shared-state.ts';

/** `starting`: up, and on its way to its whole weight. `stopping`: up for those who are its clients. */
export type Operation = 'stopped' | 'starting' | 'running' | 'stopping';

// Why it is in maintenance or drained; HAProxy's numbers, which `show servers state` tells.
export const ADMIN_FORCED_MAINT = 1;
export const ADMIN_INHERITED_MAINT = 2;
export const ADMIN_CONFIGURED_MAINT = 4;
export const ADMIN_FORCED_DRAIN = 8;
export const ADMIN_INHERITED_DRAIN = 16;
export const ADMIN_UNRESOLVED = 32;
export const ADMIN_MAINT = ADMIN_FORCED_MAINT | ADMIN_INHERITED_MAINT | ADMIN_UNRESOLVED;
export const ADMIN_DRAIN = ADMIN_FORCED_DRAIN | ADMIN_INHERITED_DRAIN;

const ADMIN_BY_HAND = ADMIN_FORCED_MAINT | ADMIN_FORCED_DRAIN;
const ADMIN_INHERITED = ADMIN_INHERITED_MAINT | ADMIN_INHERITED_DRAIN;

/** Weights are counted in sixteenths, for those that grow. */
export const WHOLE_WARMTH = 16;

/** An agent has a say, or not: there are no degrees. */
const AGENT = { rise: 1, fall: 1 };

export interface ServerFacts {
  readonly plan: ServerPlan;
  readonly model: Server;
  readonly path: string;
  /** Nobody knows its address. */
  readonly unresolved: boolean;
  readonly growsSlowly: boolean;
  /** Of a server that an operator has added: whether it serves at once. */
  readonly arrives?: 'asleep' | 'awake';
}

export class ServerRecord {
  /** What it is now. */
  plan: ServerPlan;
  readonly model: Server;
  readonly check: CheckRecord;
  readonly agent: CheckRecord;
  /** `backend/server`. */
  readonly path: string;
  /** Its backend's algorithm can have weights that change. */
  readonly growsSlowly: boolean;
  /** Nobody knows its address. */
  readonly unplaced: boolean;
  /** An operator has added it. */
  readonly isDynamic: boolean;
  /** Something of the configuration, or a server that follows it, names it: it cannot be taken away. */
  isNamed = false;
  tracked: ServerRecord | null = null;
  /** The last one that was written is told first, as in HAProxy. */
  readonly trackers: ServerRecord[] = [];

  operation: Operation = 'running';
  nextOperation: Operation = 'running';
  /** ADMIN_* bits. */
  admin = 0;
  nextAdmin = 0;
  /** In the units of the configuration; what it is now, and at the start. */
  weight: number;
  /** How much of its weight it has, in sixteenths. */
  warmth = WHOLE_WARMTH;
  nextWarmth = WHOLE_WARMTH;
  /** How much of its maxconn it has, while it warms up. */
  throttlePercent: number | null = null;
  /** The weight that goes with `warmth`. */
  appliedWeight: number;
  /** An agent's word; null: as configured. */
  maxconn: number | null = null;
  /** Where it and its agent are asked, if an operator said so, and what the agent is told. */
  checkPort: number | null = null; // 0: its own
  checkAddress: { readonly family: 4 | 6; readonly ip: string } | null = null;
  agentPort: number;
  agentAddress: { readonly family: 4 | 6; readonly ip: string } | null = null;
  agentSend: string | null;
  /** Where an operator has moved it, and how many streams it takes since then; null: as configured. */
  moved: Pick<ServerPlan, 'address' | 'portFromClient'> | null = null;
  limited: Pick<ServerPlan, 'maxconn' | 'minconn'> | null = null;
  /** What made it what it is, until that has been said. */
  reason: Reason = null;

  failedChecks = 0;
  failedByTraffic = 0;
  timesDown = 0;
  changedMs: number;
  #downMs = 0;

  constructor({ plan, model, path, unresolved, growsSlowly, arrives }: ServerFacts, nowMs: number) {
    this.plan = plan;
    this.isDynamic = arrives !== undefined;
    this.model = model;
    this.path = path;
    this.growsSlowly = growsSlowly;
    this.unplaced = unresolved;
    this.check = new CheckRecord(model.check.enabled, false, model.check);
    this.agent = new CheckRecord(model.agent.enabled, true, AGENT);
    this.agentPort = model.agent.port;
    this.agentSend = model.agent.send;
    this.weight = model.weight;
    this.appliedWeight = model.weight;
    this.changedMs = nowMs;
    this.nextAdmin =
      (model.disabled ? ADMIN_FORCED_MAINT | ADMIN_CONFIGURED_MAINT : 0) | (unresolved ? ADMIN_UNRESOLVED : 0);
    if (arrives === 'asleep') this.nextAdmin |= ADMIN_FORCED_MAINT;
    if (this.nextAdmin !== 0) this.#rest();
    if (this.isDynamic) this.#arrive();
    // Not to be found is to go down, in HAProxy, to be disabled is not.
    if (unresolved) this.timesDown = 1;
    this.commit();
  }

  /** STATE_*. */
  get state(): number {
    if (this.maint) return STATE_MAINT;
    if (this.operation === 'stopped') return STATE_DOWN;
    return this.drain || this.operation === 'stopping' ? STATE_DRAIN : STATE_UP;
  }

  get maint(): boolean {
    return (this.admin & ADMIN_MAINT) !== 0;
  }

  get drain(): boolean {
    return (this.admin & ADMIN_DRAIN) !== 0;
  }

  /** Sixteenths of the configuration's units. */
  get effectiveWeight(): number {
    return this.appliedWeight * this.warmth;
  }

  /** Whose checks say how it is: its own, or those at the end of the chain. */
  get judge(): ServerRecord {
    let judge: ServerRecord = this;
    while (judge.tracked !== null) judge = judge.tracked;
    return judge;
  }

  /** What was to become is. */
  commit(): void {
    this.operation = this.nextOperation;
    this.admin = this.nextAdmin;
    this.appliedWeight = this.weight;
    this.warmth = this.nextWarmth;
  }

  /** How long it has been away, in all. */
  downtimeMs(nowMs: number): number {
    return this.#downMs + (this.operation === 'stopped' ? nowMs - this.changedMs : 0);
  }

  /** It changed; `wasAway`: the time since the last change was lost. */
  touch(nowMs: number, wasAway: boolean): void {
    if (wasAway) this.#downMs += nowMs - this.changedMs;
    this.changedMs = nowMs;
  }

  /**
   * Goes on as the one before it: in what an operator has made of it, unless the configuration has changed its mind, and
   * in what checks have found, if they still ask the same.
   */
  follow(before: ServerRecord): void {
    const { model } = this;
    const was = before.model;
    const tracks = before.tracked?.path === this.tracked?.path;
    // One that was added is in the configuration now: that says how it begins.
    const isSame = model.disabled === was.disabled && !before.isDynamic;
    const kept = (isSame ? ADMIN_BY_HAND : 0) | (tracks ? ADMIN_INHERITED : 0);
    this.nextAdmin = (this.nextAdmin & ~kept) | (before.nextAdmin & kept);
    if (model.weight === was.weight) this.weight = before.weight;
    if (model.maxconn === was.maxconn) this.maxconn = before.maxconn;
    this.#followPlan(before);
    if (model.agent.port === was.agent.port) this.agentPort = before.agentPort;
    if (model.agent.send === was.agent.send) this.agentSend = before.agentSend;
    this.agentAddress = before.agentAddress;
    this.checkPort = before.checkPort;
    this.checkAddress = before.checkAddress;
    this.failedChecks = before.failedChecks;
    this.failedByTraffic = before.failedByTraffic;
    this.timesDown = before.timesDown;
    this.#downMs = before.#downMs;
    this.changedMs = before.changedMs;
    const asksTheSame = isDeepStrictEqual(questionsOf(model), questionsOf(was)) && tracks;
    if (asksTheSame && isMaint(this.nextAdmin) === isMaint(before.nextAdmin)) {
      this.nextOperation = before.nextOperation;
      this.nextWarmth = before.nextWarmth;
      this.throttlePercent = before.throttlePercent;
      this.check.follow(before.check);
      this.agent.follow(before.agent);
    } else if (isMaint(this.nextAdmin)) this.#rest();
    this.commit();
  }

  /** Goes on at the address, and with the limit, that an operator has given to it. */
  #followPlan({ moved, limited, model: was }: ServerRecord): void {
    const { model } = this;
    if (isDeepStrictEqual(model.address, was.address)) this.moved = moved;
    if (model.maxconn === was.maxconn && model.minconn === was.minconn) this.limited = limited;
    this.plan = { ...this.plan, ...this.moved, ...this.limited };
  }

  /** Its checks, and its agent, are asked once somebody says so. */
  #arrive(): void {
    this.check.enabled = false;
    this.agent.enabled = false;
    if (this.model.disabled) return;
    this.check.paused = false;
    this.agent.paused = false;
  }

  /** In maintenance nothing is asked, and nothing is believed. */
  #rest(): void {
    this.nextOperation = 'stopped';
    this.check.paused = this.check.configured || this.model.disabled;
    this.check.health = 0;
  }

  /** As if it had just been started. */
  clear(): void {
    this.failedChecks = 0;
    this.failedByTraffic = 0;
    this.timesDown = 0;
  }
}

function isMaint(admin: number): boolean {
  return (admin & ADMIN_MAINT) !== 0;
}

function questionsOf({ address, check, agent }: Server): unknown {
  return [address, check, agent];
}
