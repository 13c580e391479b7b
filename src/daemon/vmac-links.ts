/** The macvlans that `use_vmac` asks for: made before an instance opens its socket, taken away at the end. */
import type { VrrpInstance } from '../config/pair-model.ts';
import type { Timers } from '../core/clock.ts';
import type { IpBatch } from '../netlink/batch.ts';
import type { Network } from '../netlink/network.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';
import { prepareVmac, vmacAdoptCommands, vmacCommands, vmacRemoveCommand } from '../vrrp/vmac.ts';

const VISIBLE_WITHIN_MS = 1000;

export class VmacLinks {
  readonly #batch: IpBatch;
  readonly #network: Network;
  readonly #timers: Timers;
  readonly #journal: VrrpJournal;
  readonly #made = new Set<string>();

  constructor(batch: IpBatch, network: Network, timers: Timers, journal: VrrpJournal) {
    this.#batch = batch;
    this.#network = network;
    this.#timers = timers;
    this.#journal = journal;
  }

  /** Resolves when they are up, or will not be. One that an earlier life has left is used. */
  async create(models: readonly VrrpInstance[]): Promise<void> {
    for (const model of models) {
      if (model.vmac === null) continue;
      const { name } = model.vmac;
      const there = this.#network.link(name) !== null;
      this.#batch.run(there ? vmacAdoptCommands(name) : vmacCommands(model, name));
      this.#made.add(name);
      await this.#running(name);
      const trouble = prepareVmac(model.interface, name);
      if (trouble !== null) this.#journal.warning(`(${model.name}) ${trouble}`);
    }
  }

  /** Those that nobody uses any more go. */
  retain(models: readonly VrrpInstance[]): void {
    const used = new Set(models.map(({ vmac }) => vmac?.name));
    const gone = [...this.#made].filter((name) => !used.has(name));
    this.#batch.run(gone.map(vmacRemoveCommand));
    for (const name of gone) this.#made.delete(name);
  }

  remove(): void {
    this.#batch.run([...this.#made].map(vmacRemoveCommand));
    this.#made.clear();
  }

  #running(name: string): Promise<void> {
    if (this.#network.link(name)?.running) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        unlisten();
        timer.cancel();
        resolve();
      };
      const timer = this.#timers.after(VISIBLE_WITHIN_MS, done);
      const unlisten = this.#network.onChange(() => {
        if (this.#network.link(name)?.running) done();
      });
    });
  }
}
