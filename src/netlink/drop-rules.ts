/**
 * `no_accept`: packets to a virtual address are dropped on this box, but for those that keep the address alive on the link
 * (neighbour discovery). As text for `nft -f -`; one table a virtual router, so that each can be taken away by itself.
 */
import { nftName } from './nft-name.ts';

export interface DropRules {
  readonly add: string;
  readonly remove: string;
}

/** `name`: of the virtual router; addresses as text, of either family. */
export function dropRules(
  name: string,
  addresses: readonly { readonly family: 4 | 6; readonly ip: string }[],
): DropRules {
  const table = `tandem_${nftName(name)}`;
  const set = (family: 4 | 6) => addresses.filter((one) => one.family === family).map(({ ip }) => ip);
  const rules: string[] = [];
  if (set(4).length > 0) rules.push(`ip daddr { ${set(4).join(', ')} } drop`);
  if (set(6).length > 0) {
    rules.push('icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept');
    rules.push(`ip6 daddr { ${set(6).join(', ')} } drop`);
  }
  const chain = `chain input {\n  type filter hook input priority -1; policy accept;\n  ${rules.join('\n  ')}\n }`;
  const remove = `table inet ${table} {}\ndelete table inet ${table}\n`;
  return { add: `${remove}table inet ${table} {\n ${chain}\n}\n`, remove };
}
