/**
 * Services → tables of nftables of our own, and text for `nft -f -`. Nothing else's table is touched.
 *
 *   inet tandem     servers with NAT      ruleset-nat.ts
 *   netdev tandem   servers with DR       ruleset-direct.ts
 *
 * Pure. Not here: running nft, reading counters (traffic.ts), shares of connections (shares.ts).
 */
import { changeText, type NftTable, removalText, wholeText } from './nft-table.ts';
import { DIRECT_TABLE, type DirectLinks, directTable } from './ruleset-direct.ts';
import { NAT_TABLE, natTable } from './ruleset-nat.ts';
import type { L4Service } from './service.ts';

/** null: nothing is to be there. */
export interface Ruleset {
  readonly nat: NftTable | null;
  readonly direct: NftTable | null;
}

export function rulesetOf(services: readonly L4Service[], links: DirectLinks): Ruleset {
  return { nat: natTable(services), direct: directTable(services, links) };
}

/** The whole, in place of whatever is there of ours. */
export function rulesetText({ nat, direct }: Ruleset): string {
  return `${tableText(nat, NAT_TABLE)}${tableText(direct, DIRECT_TABLE)}`;
}

/** What makes `after` of `before`; '': they are the same. It fails whole if somebody else changed our tables. */
export function rulesetChange(before: Ruleset, after: Ruleset): string {
  return `${tableChange(before.nat, after.nat, NAT_TABLE)}${tableChange(before.direct, after.direct, DIRECT_TABLE)}`;
}

/** Takes all of it away. */
export function rulesetRemoval(): string {
  return rulesetText({ nat: null, direct: null });
}

function tableText(table: NftTable | null, name: string): string {
  return table === null ? `${removalText(name)}\n` : wholeText(table);
}

function tableChange(before: NftTable | null, after: NftTable | null, name: string): string {
  if (before !== null && after !== null) return changeText(before, after);
  return before === null && after === null ? '' : tableText(after, name);
}
