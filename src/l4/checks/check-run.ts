/**
 * A check of a real server at work: makes one attempt after the other and says when what they find changes.
 *
 *   begin ─▶ 1 s and a random part of `warmup` ─▶ attempt ─▶ judgement ─▶ delay ─▶ attempt …
 *
 * Suspended it lets the delays pass without attempts, as keepalived does.
 */
import type { CheckTiming } from '../../config/l4-model.ts';
import type { Timer } from '../../core/clock.ts';
import type { CheckHome, CheckState, RunningCheck } from '../check.ts';
import type { Attempt, Method, Outcome, Standing } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import type { Places } from './places.ts';

/** Before anything is checked after a start: addresses and routes may come just now. */
const FIRST_AFTER_MS = 1000;

export interface CheckRunSetup {
  readonly timing: CheckTiming;
  readonly method: Method;
  readonly home: CheckHome;
  readonly services: CheckServices;
  readonly places: Places;
}

export class CheckRun implements RunningCheck {
  readonly #setup: CheckRunSetup;
  readonly #next = (): void => this.#due();
  readonly #begun = (): void => this.#begin();
  #state: CheckState;
  #standing: Standing;
  #attempt: Attempt | null = null;
  #timer: Timer;
  #suspended = false;
  #startedMs = 0;
  /** Why the last attempt could not be made; said once. */
  #unmade = '';

  constructor(setup: CheckRunSetup, before: CheckState | null) {
    this.#setup = setup;
    const { timing, method, services, home } = setup;
    const hasRun = before !== null && before.checkedWallMs !== null;
    this.#state = before ?? { isUp: !timing.alpha, weightChange: 0, why: '', checkedWallMs: null };
    const tries = !hasRun && method.isStrictAtFirst ? timing.retries : 0;
    this.#standing = { isUp: this.#state.isUp, hasRun, tries };
    services.journal.info(`Activating healthchecker for service ${home.server} for VS ${home.service}`);
    this.#timer = services.timers.after(FIRST_AFTER_MS + timing.warmupMs * services.random.next(), this.#next);
  }

  get state(): CheckState {
    return this.#state;
  }

  suspend(on: boolean): void {
    if (on === this.#suspended) return;
    this.#suspended = on;
    const { home, services } = this.#setup;
    const verb = on ? 'Suspending' : 'Activating';
    services.journal.info(`${verb} healthchecker for service ${home.server} for VS ${home.service}`);
    if (on && this.#abandon()) this.#wait(this.#setup.timing.intervalMs);
  }

  stop(): void {
    this.#timer.cancel();
    this.#abandon();
  }

  /** False: no attempt is under way, nor waits for its place. */
  #abandon(): boolean {
    const { places } = this.#setup;
    if (this.#attempt === null) return places.giveUp(this.#begun);
    this.#attempt.cancel();
    this.#attempt = null;
    places.leave();
    return true;
  }

  #wait(delayMs: number): void {
    this.#timer = this.#setup.services.timers.after(delayMs, this.#next);
  }

  #due(): void {
    const { timing, places } = this.#setup;
    if (this.#suspended) this.#wait(timing.intervalMs);
    else places.enter(this.#begun);
  }

  #begin(): void {
    const { method, services } = this.#setup;
    this.#startedMs = services.clock.monotonicMs();
    this.#attempt = method.begin((outcome) => this.#ended(outcome));
  }

  #ended(outcome: Outcome): void {
    this.#attempt = null;
    this.#setup.places.leave();
    if (outcome.kind === 'unmade') this.#notMade(outcome.why);
    else this.#judge(outcome);
  }

  #notMade(why: string): void {
    const { services, timing, home } = this.#setup;
    this.#wait(timing.intervalMs);
    if (why === this.#unmade) return;
    this.#unmade = why;
    this.#state = { ...this.#state, why: `cannot be made: ${why}` };
    const { server, service } = home;
    services.journal.warning(`The check of ${server} of ${service} cannot be made: ${why}. Rescheduling.`);
  }

  #judge(outcome: Exclude<Outcome, { kind: 'unmade' }>): void {
    const { method, timing, services, home } = this.#setup;
    const was = this.#standing;
    const good = outcome.kind === 'good';
    const { standing, delayMs } = method.judge(timing, was, good);
    this.#unmade = '';
    this.#standing = standing;
    this.#wait(this.#left(delayMs));
    this.#say(outcome, was);
    const before = this.#state;
    const isFirst = before.checkedWallMs === null;
    this.#state = {
      isUp: standing.isUp,
      weightChange: good ? (outcome.weightChange ?? 0) : standing.isUp ? before.weightChange : 0,
      why: outcome.why,
      checkedWallMs: services.clock.wallMs(),
    };
    const { isUp, weightChange } = this.#state;
    if (isFirst || isUp !== before.isUp || weightChange !== before.weightChange) home.changed(this.#state);
  }

  #left(delayMs: number): number {
    const { method, services } = this.#setup;
    if (!method.countsFromStart) return delayMs;
    return Math.max(0, delayMs - (services.clock.monotonicMs() - this.#startedMs));
  }

  /** In keepalived's words, with the reason behind them. */
  #say(outcome: Exclude<Outcome, { kind: 'unmade' }>, was: Standing): void {
    const { method, timing, services } = this.#setup;
    const isNews = this.#standing.isUp !== was.isUp || (!was.hasRun && this.#standing.hasRun);
    if (outcome.kind === 'good') {
      const text = isNews ? method.succeeded() : null;
      if (text !== null) services.journal.info(text);
      return;
    }
    if (timing.logAllFailures && (was.isUp || !was.hasRun)) services.journal.info(`${outcome.said}: ${outcome.why}.`);
    if (!isNews) return;
    const after = was.hasRun && timing.retries > 0 ? ` after ${timing.retries} retries` : '';
    services.journal.warning(`${method.failed()} failed${after}: ${outcome.why}.`);
  }
}
