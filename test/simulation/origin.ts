/**
 * A server: it answers what comes, or does whatever else its manners say, and checks that what comes is what was asked.
 *
 * Not here: one connection to it (origin-connection.ts).
 */
import type { Destination } from './network.ts';
import { OriginConnection } from './origin-connection.ts';
import type { Stage } from './stage.ts';
import { violated } from './violation.ts';
import { CONNECTING, CONNECTING_EARLY, type Wire } from './wire.ts';

const EADDRNOTAVAIL = 99;
const ENETUNREACH = 101;
const ECONNREFUSED = 111;

/** Of its backend. */
export interface RetryRules {
  readonly retries: number;
  readonly retryOn: number;
}

export class Origin implements Destination {
  /** Its index in the plan. */
  readonly index: number;
  readonly http: boolean;
  /** How many requests it may have at once (in TCP mode: connections); 0: no limit. */
  readonly maxconn: number;
  /** A cookie's word counts: its server does not change its state in this run. */
  readonly isSteady: boolean;
  readonly rules: RetryRules;
  readonly #stage: Stage;
  /** Connections that are over, of all servers. */
  readonly #spare: OriginConnection[];
  /** Requests that it has, and the most there were. */
  active = 0;
  most = 0;

  constructor(
    stage: Stage,
    spare: OriginConnection[],
    index: number,
    http: boolean,
    maxconn: number,
    isSteady: boolean,
    rules: RetryRules,
  ) {
    this.#stage = stage;
    this.#spare = spare;
    this.index = index;
    this.http = http;
    this.maxconn = maxconn;
    this.isSteady = isSteady;
    this.rules = rules;
  }

  attempt(wire: Wire): number {
    const { random, manners } = this.#stage;
    const chance = random.below(1000);
    if (chance < manners.refusals) {
      if (random.below(2) === 0) return random.below(2) === 0 ? ENETUNREACH : EADDRNOTAVAIL;
      wire.refuse(random.below(30), ECONNREFUSED);
      return 0;
    }
    this.#connect(wire);
    if (chance < manners.refusals + manners.silences) {
      wire.connect(CONNECTING, Number.POSITIVE_INFINITY);
      return 0;
    }
    const slow = random.below(1000) < manners.slowConnects;
    wire.connect(random.below(2) === 0 ? CONNECTING_EARLY : CONNECTING, slow ? random.below(40) : random.below(2));
    return 0;
  }

  #connect(wire: Wire): void {
    const connection = this.#spare.pop() ?? new OriginConnection(this.#stage, this.#spare);
    connection.begin(this, wire);
  }

  enter(): void {
    this.active++;
    if (this.active > this.most) this.most = this.active;
    if (this.maxconn > 0 && this.active > this.maxconn) {
      violated(`server ${this.index} has ${this.active} requests at once, and its maxconn is ${this.maxconn}`);
    }
  }

  leave(): void {
    this.active--;
  }
}
