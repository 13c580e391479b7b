/** `static_ipaddress`, `static_routes`, `static_rules`: set while we run, whoever is master. */
import type { PairModel } from '../config/pair-model.ts';
import type { IpBatch } from '../netlink/batch.ts';
import { addressDeleteCommand, addressReplaceCommand } from '../netlink/kept-address.ts';
import { keptAddressOf, routeCommands, ruleCommands } from '../vrrp/instance-plan.ts';

interface Entry {
  readonly family: 4 | 6;
  readonly add: string;
  readonly remove: string;
}

export class PairStatics {
  readonly #batches: { readonly 4: IpBatch; readonly 6: IpBatch };
  #entries: readonly Entry[] = [];

  constructor(batches: { readonly 4: IpBatch; readonly 6: IpBatch }) {
    this.#batches = batches;
  }

  /** What is there and is wanted stays untouched. */
  apply(model: PairModel): void {
    const before = this.#entries;
    this.#entries = entriesOf(model);
    const stays = new Set(this.#entries.map(({ add }) => add));
    const has = new Set(before.map(({ add }) => add));
    for (const { family, add, remove } of before) if (!stays.has(add)) this.#batches[family].run([remove]);
    for (const { family, add } of this.#entries) if (!has.has(add)) this.#batches[family].run([add]);
  }

  remove(): void {
    for (const { family, remove } of [...this.#entries].reverse()) this.#batches[family].run([remove]);
    this.#entries = [];
  }
}

function entriesOf(model: PairModel): Entry[] {
  return [
    ...model.staticAddresses.map((address) => {
      const kept = keptAddressOf(address);
      return { family: address.family, add: addressReplaceCommand(kept, null), remove: addressDeleteCommand(kept) };
    }),
    ...model.staticRoutes.map((route) => routeCommands(route)),
    ...model.staticRules.map((rule) => ruleCommands(rule)),
  ];
}
