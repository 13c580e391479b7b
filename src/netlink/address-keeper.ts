/**
 * Addresses that we hold: set them, renew their leases, put back what somebody else takes away, let them go.
 *
 *   hold ─▶ `ip address replace … valid_lft LEASE` ─▶ seen by the monitor ─▶ resolved
 *             ▲          every third of the lease       │
 *             └──────────────── deleted by others ◀─────┘
 *
 * A lease is what makes one owner out of two without anybody's help: a daemon that was killed, or hangs, stops renewing,
 * and the kernel removes the address. Not here: who is entitled to hold (src/vrrp).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { IpBatch } from './batch.ts';
import { addressDeleteCommand, addressKey, addressReplaceCommand, type KeptAddress } from './kept-address.ts';
import type { Change } from './monitor-line.ts';
import type { Network } from './network.ts';

const RENEWALS_PER_LEASE = 3;
/** The kernel takes milliseconds; when it takes longer, or refuses, the rest must not wait for it. */
const VISIBLE_WITHIN_MS = 100;
/** Who takes it away more often than this is not to be fought with every millisecond. */
const RESTORES_PER_MINUTE = 30;
const RESTORE_LATER_MS = 1000;

export interface KeeperSetup {
  readonly batch: IpBatch;
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  say(text: string): void;
}

interface Held {
  readonly address: KeptAddress;
  readonly leaseS: number | null;
  readonly restored: () => void;
}

export class AddressKeeper {
  readonly #setup: KeeperSetup;
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #restores: number[] = [];
  readonly #unlisten: () => void;
  #renewal: Timer | null = null;

  constructor(setup: KeeperSetup) {
    this.#setup = setup;
    this.#unlisten = setup.network.onChange((change) => this.#changed(change));
  }

  /** Resolves when all of them can be seen, or soon after. `restored`: one was taken away, and is back. */
  async hold(addresses: readonly KeptAddress[], leaseMs: number | null, restored: () => void): Promise<void> {
    const leaseS = leaseMs === null ? null : Math.max(1, Math.round(leaseMs / 1000));
    for (const address of addresses) this.#held.set(addressKey(address), { address, leaseS, restored });
    const visible = addresses
      .filter((address) => !this.#setup.network.has(address.device, address.ip))
      .map((address) => this.#visible(addressKey(address)));
    this.#setup.batch.run(addresses.map((address) => addressReplaceCommand(address, leaseS)));
    this.#renewLater();
    await Promise.all(visible);
  }

  /** Also those that an earlier life of ours has left behind. */
  release(addresses: readonly KeptAddress[]): void {
    const commands: string[] = [];
    for (const address of addresses) {
      const key = addressKey(address);
      const held = this.#held.delete(key);
      if (held || this.#setup.network.has(address.device, address.ip)) commands.push(addressDeleteCommand(address));
    }
    this.#setup.batch.run(commands);
  }

  /** We go, they stay: nobody renews them, nobody removes them. */
  keepForEver(addresses: readonly KeptAddress[]): void {
    for (const address of addresses) this.#held.delete(addressKey(address));
    this.#setup.batch.run(addresses.map((address) => addressReplaceCommand(address, 'forever')));
  }

  stop(): void {
    this.#unlisten();
    this.#renewal?.cancel();
    this.#renewal = null;
  }

  #visible(key: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#setup.timers.after(VISIBLE_WITHIN_MS, resolve);
      const seen = (): void => {
        timer.cancel();
        resolve();
      };
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), seen]);
    });
  }

  #changed(change: Change): void {
    if (change.kind !== 'address') return;
    const key = addressKey(change);
    if (!change.gone) {
      for (const seen of this.#waiting.get(key) ?? []) seen();
      this.#waiting.delete(key);
      return;
    }
    const held = this.#held.get(key);
    if (held === undefined || held.address.untracked) return;
    const { clock, timers, say } = this.#setup;
    const nowMs = clock.monotonicMs();
    while (this.#restores[0] !== undefined && this.#restores[0] < nowMs - 60_000) this.#restores.shift();
    this.#restores.push(nowMs);
    if (this.#restores.length <= RESTORES_PER_MINUTE) {
      say(`${change.ip} was removed from ${change.device} by somebody else - putting it back`);
      this.#restore(held);
      return;
    }
    if (this.#restores.length === RESTORES_PER_MINUTE + 1) {
      say(`${change.ip} is removed from ${change.device} again and again - putting it back once a second`);
    }
    timers.after(RESTORE_LATER_MS, () => {
      if (this.#held.get(key) === held) this.#restore(held);
    });
  }

  #restore(held: Held): void {
    void this.#visible(addressKey(held.address)).then(held.restored);
    this.#setup.batch.run([addressReplaceCommand(held.address, held.leaseS)]);
  }

  #renewLater(): void {
    if (this.#renewal !== null) return;
    const leases = [...this.#held.values()].flatMap(({ leaseS }) => (leaseS === null ? [] : [leaseS]));
    if (leases.length === 0) return;
    this.#renewal = this.#setup.timers.after((Math.min(...leases) * 1000) / RENEWALS_PER_LEASE, () => {
      this.#renewal = null;
      const leased = [...this.#held.values()].filter(({ leaseS }) => leaseS !== null);
      this.#setup.batch.run(leased.map(({ address, leaseS }) => addressReplaceCommand(address, leaseS)));
      this.#renewLater();
    });
  }
}
