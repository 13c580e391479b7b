/**
 * An address that is on this box, and of which the link must not learn here: no answers to who asks for it, and who is
 * asked for others is not asked in its name (a question tells where the asker is as well as an answer does).
 *
 * What is sent past the kernel's tables, as our own announcements are (announcer.ts), is not held back. The rules have an
 * end of their own. As text for `nft -f -`. Not here: when (src/vrrp/silence.ts).
 */
import { nftName } from './nft-name.ts';

export interface Silencing {
  /** Of the virtual router. */
  readonly name: string;
  readonly addresses: readonly { readonly family: 4 | 6; readonly ip: string }[];
  /** This box's own address on the link; addresses of its family are silenced. */
  readonly own: string;
  /** After this the rules do nothing any more. */
  readonly endS: number;
}

export function silenceEnd(name: string, family: 4 | 6): string {
  const table = tableOf(name, family);
  return `table ${table} {}\ndelete table ${table}\n`;
}

export function silenceRules({ name, addresses, own, endS }: Silencing): string {
  const v6 = own.includes(':');
  const family = v6 ? 6 : 4;
  const held = addresses.filter((one) => one.family === family).map(({ ip }) => `${ip} timeout ${endS}s`);
  const rules = v6
    ? `icmpv6 type nd-neighbor-advert ip6 saddr @held drop
  icmpv6 type nd-neighbor-solicit ip6 saddr @held ip6 saddr set ${own}`
    : `arp operation reply arp saddr ip @held drop
  arp operation request arp saddr ip @held arp saddr ip set ${own}`;
  return `${silenceEnd(name, family)}table ${tableOf(name, family)} {
 set held {
  type ${v6 ? 'ipv6_addr' : 'ipv4_addr'}; flags timeout; elements = { ${held.join(', ')} }
 }
 chain output {
  type filter hook output priority 0; policy accept;
  ${rules}
 }
}
`;
}

function tableOf(name: string, family: 4 | 6): string {
  return `${family === 6 ? 'ip6' : 'arp'} tandem_hold_${nftName(name)}`;
}
