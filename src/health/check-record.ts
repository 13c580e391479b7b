/**
 * What is known from one kind of check of a server: its health checks, or its agent. HAProxy's rules for a result, pure: what
 * follows for the server's state is src/daemon/server-states.ts.
 */
import { type CheckResult, hasCode, type Verdict, verdictOf } from './result.ts';
import { initialHealth, type RiseFall, transition } from './rise-fall.ts';

export interface Outcome {
  readonly verdict: Verdict;
  /** It failed, and had something to lose. */
  readonly counts: boolean;
  /** It is not just the last one again. */
  readonly isNews: boolean;
}

export class CheckRecord implements RiseFall {
  readonly configured: boolean;
  readonly isAgent: boolean;
  readonly rise: number;
  readonly fall: number;
  /** An operator may say otherwise. */
  enabled: boolean;
  /** Its server is in maintenance. */
  paused = false;
  health: number;
  last: CheckResult | null = null;
  /** Of the last one that had an opinion. */
  verdict: Verdict | null = null;

  constructor(configured: boolean, isAgent: boolean, { rise, fall }: RiseFall) {
    this.configured = configured;
    this.enabled = configured;
    this.isAgent = isAgent;
    this.rise = rise;
    this.fall = fall;
    this.health = initialHealth(this);
  }

  get top(): number {
    return this.rise + this.fall - 1;
  }

  get isUp(): boolean {
    return this.health >= this.rise;
  }

  /** It is asked, and it says that its server is not well. */
  get objects(): boolean {
    return this.enabled && !this.isUp;
  }

  /** Goes on as another one that asked the same. */
  follow(before: CheckRecord): void {
    this.enabled = before.enabled;
    this.paused = before.paused;
    this.health = before.health;
    this.last = before.last;
    this.verdict = before.verdict;
  }

  conclude(result: CheckResult): Outcome {
    const { last, health } = this;
    const verdict = verdictOf(result);
    this.last = result;
    let counts = false;
    if (verdict === 'failed') {
      // Nobody at home at the agent's says nothing of the server.
      counts = health > 0 && (!this.isAgent || hasCode(result.result));
      if (counts) this.health = transition(this, health, false).health;
    } else if (verdict !== 'neutral') this.health = transition(this, health, true).health;
    if (verdict !== 'neutral') this.verdict = verdict;
    const isNews = verdict !== 'neutral' && (this.health !== health || counts || last?.result !== result.result);
    return { verdict, counts, isNews };
  }
}
