/** A real server of a virtual server: its checks, what they and operators make of it. What follows from that: pool.ts. */
import type { L4Check, RealServer, VirtualServer } from '../config/l4-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { BeginCheck, CheckState } from './check.ts';
import { type CheckOwner, type CheckPlace, PoolCheck } from './pool-check.ts';
import type { ServerStanding } from './pool-destinations.ts';
import { destinationKey, serverName } from './pool-names.ts';

const MOST_WEIGHT = 65_535;

export class PoolServer implements ServerStanding {
  readonly model: RealServer;
  /** `[10.0.0.71]:tcp:80` */
  readonly name: string;
  readonly key: string;
  /** What everybody was told; `wantsUp` and `wantedWeight` are what its checks say. */
  isUp = false;
  weight: number;
  /** Somebody was told in which state it is. */
  wasTold = false;
  changedWallMs: number | null = null;
  /** An operator's, in place of what the file and checks say. */
  ownWeight: number | null = null;
  held: 'up' | 'down' | null = null;
  #checks: readonly PoolCheck[] = [];

  constructor(model: RealServer, { protocol }: VirtualServer) {
    this.model = model;
    this.weight = model.weight;
    this.name = serverName(model.address, protocol);
    this.key = destinationKey(model.address);
  }

  get checks(): readonly PoolCheck[] {
    return this.#checks;
  }

  get wantsUp(): boolean {
    return this.held === null ? this.#checks.every(({ state }) => state.isUp) : this.held === 'up';
  }

  get wantedWeight(): number {
    if (this.ownWeight !== null) return this.ownWeight;
    const changes = this.#checks.reduce((sum, { state }) => sum + state.weightChange, 0);
    return Math.min(MOST_WEIGHT, Math.max(0, this.model.weight + changes));
  }

  beginChecks(service: string, begin: BeginCheck, owner: CheckOwner): void {
    this.#checks = this.model.checks.map((check) => new PoolCheck(check, this.#place(service), begin, null, owner));
  }

  /** After a reload: the same server, as it was written before. Its checks go on, or begin with what others knew. */
  takeOver(old: PoolServer, service: string, begin: BeginCheck, owner: CheckOwner): void {
    this.isUp = old.isUp;
    this.weight = old.weight;
    this.wasTold = old.wasTold;
    this.changedWallMs = old.changedWallMs;
    this.ownWeight = old.ownWeight;
    this.held = old.held;
    const left = [...old.#checks];
    const known = this.model.checks.map((check) => take(left, (one) => isSameCheck(check, one.model)));
    const assumed = assumptionOf(old, known);
    this.#checks = this.model.checks.map((check, at) => {
      const before = known[at];
      if (before !== undefined && this.#goesOn(check, before, old.model)) {
        before.owner = owner;
        return before;
      }
      before?.stop();
      const state = before === undefined ? assumed : knownState(before, old.model.weight - this.model.weight);
      return new PoolCheck(check, this.#place(service), begin, state, owner);
    });
    for (const one of left) one.stop();
  }

  suspend(on: boolean): void {
    for (const check of this.#checks) check.suspend(on);
  }

  stopChecks(): void {
    for (const check of this.#checks) check.stop();
  }

  #place(service: string): CheckPlace {
    return { service, server: this.name, address: this.model.address, weight: this.model.weight };
  }

  /** misc_dynamic was told the weight. */
  #goesOn(check: L4Check, before: PoolCheck, old: RealServer): boolean {
    return sameMeaning(check, before.model) && (check.kind !== 'misc' || this.model.weight === old.weight);
  }
}

/** Whether it finds out the same, whenever it is made. */
function isSameCheck(a: L4Check, b: L4Check): boolean {
  return a.kind === b.kind && sameMeaning({ ...a, timing: null }, { ...b, timing: null });
}

function take(from: PoolCheck[], is: (one: PoolCheck) => boolean): PoolCheck | undefined {
  const at = from.findIndex(is);
  return at < 0 ? undefined : from.splice(at, 1)[0];
}

/** misc_dynamic sets a whole weight: what it adds is another number when the configured one is. */
function knownState({ model, latest }: PoolCheck, lostWeight: number): CheckState {
  const isWhole = model.kind === 'misc' && latest.weightChange !== 0;
  return isWhole ? { ...latest, weightChange: latest.weightChange + lostWeight } : latest;
}

/**
 * Of checks that a reload brings. A server that is up does not go down because it is to be checked in one more way, but one
 * that has not been found well yet begins as a new one would. null: as is written (`alpha`).
 */
function assumptionOf(old: PoolServer, known: readonly (PoolCheck | undefined)[]): CheckState | null {
  const ran = known.filter((one) => one?.hasRun);
  const failed = ran.some((one) => one?.state.isUp === false);
  if (failed || (!old.isUp && ran.length === 0)) return null;
  return { isUp: true, weightChange: 0, why: '', checkedWallMs: null };
}
