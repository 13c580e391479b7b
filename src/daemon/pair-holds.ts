/**
 * What an operator has made of virtual routers by hand (`set vrrp`), by name: it outlives reloads. Who is in a sync group goes
 * with all of the group.
 */
import type { PairModel } from '../config/pair-model.ts';
import type { Hold } from '../vrrp/hold.ts';
import type { Instance } from '../vrrp/instance.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';

export class PairHolds {
  readonly #journal: VrrpJournal;
  readonly #holds = new Map<string, Hold>();
  readonly #leaving = new Set<Promise<void>>();

  constructor(journal: VrrpJournal) {
    this.#journal = journal;
  }

  of(name: string): Hold | null {
    return this.#holds.get(name) ?? null;
  }

  /** `goodBye` resolves when clients have been told to come anew; it is asked where a master gives up gently. */
  set(instances: readonly Instance[], hold: Hold | null, goodBye: () => Promise<() => void>): void {
    for (const { model } of instances) {
      if (hold === null) this.#holds.delete(model.name);
      else this.#holds.set(model.name, hold);
      const how = hold === null ? 'released' : `forced to be ${hold}, until it is released`;
      this.#journal.warning(`(${model.name}) ${how}, by 'set vrrp'`);
    }
    for (const instance of instances) instance.hold(hold);
    if (hold !== 'backup' || !instances.some(({ phase }) => phase === 'master')) return;
    const left = goodBye().then(async (over) => {
      await Promise.all(instances.map((instance) => instance.stepAside()));
      over();
      this.#leaving.delete(left);
    });
    this.#leaving.add(left);
  }

  /** Resolves when nobody is on the way: in the middle of it nothing can be changed. */
  async settled(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** The file was read again: names that are gone are forgotten, groups agree. */
  follow({ instances, syncGroups }: PairModel): void {
    const names = new Set(instances.map(({ name }) => name));
    for (const name of [...this.#holds.keys()]) if (!names.has(name)) this.#holds.delete(name);
    for (const { members } of syncGroups) {
      const held = members.find((name) => this.#holds.has(name));
      const hold = held === undefined ? undefined : this.#holds.get(held);
      if (hold !== undefined) for (const name of members) this.#holds.set(name, hold);
    }
    for (const [name, hold] of this.#holds) {
      this.#journal.warning(`(${name}) is still forced to be ${hold}, until 'set vrrp ${name} release'`);
    }
  }
}
