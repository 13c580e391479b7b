/**
 * A check of a real server, and what was last heard of it. It may outlive the pool that began it: after a reload in which it means
 * the same it goes on, for somebody else.
 */
import type { L4Check } from '../config/l4-model.ts';
import type { InetAddress } from '../core/address.ts';
import type { BeginCheck, CheckState, RunningCheck } from './check.ts';

/** Who judges by it. */
export interface CheckOwner {
  heard(check: PoolCheck, before: CheckState): void;
}

export interface CheckPlace {
  readonly service: string;
  readonly server: string;
  readonly address: InetAddress;
  readonly weight: number;
}

export class PoolCheck {
  readonly model: L4Check;
  /** What its owner knows. */
  state: CheckState;
  owner: CheckOwner;
  readonly #running: RunningCheck;

  constructor(model: L4Check, place: CheckPlace, begin: BeginCheck, before: CheckState | null, owner: CheckOwner) {
    this.model = model;
    this.owner = owner;
    this.#running = begin(model, { ...place, changed: (state) => this.#heard(state) }, before);
    this.state = this.#running.state;
  }

  /** Whether it was made at all. */
  get hasRun(): boolean {
    return this.state.checkedWallMs !== null;
  }

  /** As it is at this moment: `state` changes only when it matters. */
  get latest(): CheckState {
    return this.#running.state;
  }

  suspend(on: boolean): void {
    this.#running.suspend(on);
  }

  stop(): void {
    this.#running.stop();
  }

  #heard(state: CheckState): void {
    const before = this.state;
    this.state = state;
    this.owner.heard(this, before);
  }
}
