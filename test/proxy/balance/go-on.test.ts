/** A backend gets or loses a server: the others keep their turns, and who is new comes when it may. */
import { describe, expect, it } from 'vitest';
import type { Balance } from '../../../src/proxy/balance/balance.ts';
import { NO_KEY } from '../../../src/proxy/balance/balance.ts';
import { createBalance } from '../../../src/proxy/balance/create.ts';
import {
  layoutOf,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_WEIGHT,
  SharedState,
  STATE_MAINT,
  STATE_UP,
} from '../../../src/proxy/shared-state.ts';
import { type Algorithm, backendPlan } from './backend.ts';

/** A backend whose servers come and go, as the thread would do it. */
class Crew {
  readonly shared: SharedState;
  readonly #all;
  readonly #algorithm: Algorithm;
  #members: number[];
  balance: Balance;

  constructor(algorithm: Algorithm, weights: readonly number[], members: readonly number[]) {
    const servers = weights.map((weight) => ({ weight }));
    this.#algorithm = algorithm;
    this.#all = backendPlan(algorithm, servers, false);
    const layout = layoutOf({ threads: 1, proxies: [this.#all], listeners: [] });
    this.shared = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    weights.forEach((weight, i) => {
      this.shared.set(this.shared.server(i) + SERVER_WEIGHT, weight);
      this.shared.set(this.shared.server(i) + SERVER_STATE, members.includes(i) ? STATE_UP : STATE_MAINT);
    });
    this.#members = [...members];
    this.balance = this.#create();
  }

  become(members: readonly number[]): void {
    const from = Int32Array.from(members, (server) => this.#members.indexOf(server));
    this.#members = [...members];
    const before = this.balance;
    this.balance = this.#create();
    this.balance.goOn?.(before, from);
  }

  setState(server: number, state: number): void {
    this.shared.set(this.shared.server(server) + SERVER_STATE, state);
    this.balance.refresh();
  }

  picks(count: number): number[] {
    return Array.from({ length: count }, () => this.#serve());
  }

  /** A stream that comes and goes. */
  #serve(): number {
    const position = this.balance.pick(-1, NO_KEY);
    const server = this.#members[position];
    if (server === undefined) return -1;
    const word = this.shared.server(server) + SERVER_SESSIONS;
    this.shared.add(word, 1);
    this.balance.taken(position);
    this.shared.add(word, -1);
    this.balance.released(position);
    return server;
  }

  #create(): Balance {
    const servers = this.#members.map((server) => this.#all.servers[server] ?? this.#all.servers[0]);
    return createBalance({ ...this.#all, balance: this.#algorithm, servers: servers as never }, this.shared, true);
  }
}

const WEIGHTS = [10, 20, 30, 7];

describe.each<Algorithm>(['roundrobin', 'leastconn'])('balance %s', (algorithm) => {
  it.each([0, 1, 2, 3, 5, 8, 13])('goes on after %i picks as if a server in maintenance had not come', (before) => {
    const one = new Crew(algorithm, WEIGHTS, [0, 1, 2]);
    const other = new Crew(algorithm, WEIGHTS, [0, 1, 2]);
    expect(one.picks(before)).toEqual(other.picks(before));
    one.become([0, 1, 2, 3]);
    expect(one.picks(40)).toEqual(other.picks(40));
    one.become([0, 1, 2]);
    expect(one.picks(40)).toEqual(other.picks(40));
  });

  it('goes on as if a server that was in maintenance had stayed', () => {
    const one = new Crew(algorithm, WEIGHTS, [0, 1, 2]);
    const other = new Crew(algorithm, WEIGHTS, [0, 1, 2]);
    for (const crew of [one, other]) {
      crew.picks(4);
      crew.setState(1, STATE_MAINT);
    }
    one.become([0, 2]);
    expect(one.picks(40)).toEqual(other.picks(40));
  });

  it('chooses who is new from the moment that it is up, as one that comes back', () => {
    const one = new Crew(algorithm, WEIGHTS, [0, 1]);
    const other = new Crew(algorithm, WEIGHTS, [0, 1]);
    other.become([0, 1, 3]);
    one.picks(3);
    other.picks(3);
    one.become([0, 1, 3]);
    for (const crew of [one, other]) crew.setState(3, STATE_UP);
    const picks = one.picks(60);
    expect(picks).toEqual(other.picks(60));
    expect(picks).toContain(3);
  });

  it('never chooses who was up a moment ago and is gone', () => {
    const crew = new Crew(algorithm, WEIGHTS, [0, 1, 2]);
    crew.picks(5);
    // The verdict has not been heard yet.
    crew.shared.set(crew.shared.server(2) + SERVER_STATE, STATE_MAINT);
    crew.become([0, 1]);
    expect(new Set(crew.picks(30))).toEqual(new Set([0, 1]));
  });
});

describe('the only server', () => {
  it.each<Algorithm>(['roundrobin', 'leastconn', 'first', 'static-rr'])(
    'may go and come with balance %s',
    (algorithm) => {
      const crew = new Crew(algorithm, [1, 1], [0]);
      expect(crew.picks(2)).toEqual([0, 0]);
      crew.setState(0, STATE_MAINT);
      crew.become([]);
      expect(crew.picks(1)).toEqual([-1]);
      crew.become([1]);
      crew.setState(1, STATE_UP);
      expect(crew.picks(2)).toEqual([1, 1]);
    },
  );
});
