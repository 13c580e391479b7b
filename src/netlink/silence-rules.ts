/**
 * An address that is on this box, and of which the link must not learn here: no answers to who asks for it, and who is
 * asked for others is not asked in its name (a question tells where the asker is as well as an answer does).
 *
 * Connections to it that begin all the same are counted: they come by way of the box that has it so far.
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
  return tablesOf(name, family)
    .map((table) => `table ${table} {}\ndelete table ${table}\n`)
    .join('');
}

/** What is printed has `packets 0` as long as no connection to the addresses has begun here since. */
export function arrivedList(name: string, family: 4 | 6): readonly string[] {
  const [, hosts = ''] = tablesOf(name, family);
  return ['nft', 'list', 'counter', ...hosts.split(' '), 'arrived'];
}

export function silenceRules({ name, addresses, own, endS }: Silencing): string {
  const family = own.includes(':') ? 6 : 4;
  const [ip, type] = family === 6 ? ['ip6', 'ipv6_addr'] : ['ip', 'ipv4_addr'];
  const [link, hosts] = tablesOf(name, family);
  const held = addresses.filter((one) => one.family === family).map((one) => `${one.ip} timeout ${endS}s`);
  const set = `set held {
  type ${type}; flags timeout; elements = { ${held.join(', ')} }
 }`;
  const rules =
    family === 6
      ? `icmpv6 type nd-neighbor-advert ip6 saddr @held drop
  icmpv6 type nd-neighbor-solicit ip6 saddr @held ip6 saddr set ${own}`
      : `arp operation reply arp saddr ip @held drop
  arp operation request arp saddr ip @held arp saddr ip set ${own}`;
  return `${silenceEnd(name, family)}table ${link} {
 ${set}
 chain output {
  type filter hook output priority 0; policy accept;
  ${rules}
 }
}
table ${hosts} {
 ${set}
 counter arrived {
 }
 chain input {
  type filter hook input priority -500; policy accept;
  ${ip} daddr @held tcp flags & (fin | syn | rst | ack) == syn counter name arrived
 }
}
`;
}

/** Where the link is asked and answered, and where connections come in. */
function tablesOf(name: string, family: 4 | 6): readonly [string, string] {
  const table = nftName(name);
  return family === 6
    ? [`ip6 tandem_hold_${table}`, `ip6 tandem_come_${table}`]
    : [`arp tandem_hold_${table}`, `ip tandem_come_${table}`];
}
