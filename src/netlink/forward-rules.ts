/**
 * A hand-over, in the kernel: connections to a virtual address that begin from now on are passed to the box that takes the
 * address over, though clients still send them here; those that began earlier go on here.
 *
 *   SYN to the address ──▶ remembered, on to the other box          (nftables, where packets come in from the interface)
 *   the rest of those  ──▶ on to the other box
 *   everything else    ──▶ as ever
 *
 * The other box answers clients directly. The rules have an end of their own: a daemon that is killed in the middle leaves
 * nothing behind that acts. As text for `nft -f -`. Not here: when (src/vrrp/hand-over.ts).
 */
import { nftName } from './nft-name.ts';

/** Connections that begin during a hand-over; what begins beyond that is served here. */
const MOVED_AT_MOST = 65_536;

export interface Forwarding {
  /** Of the virtual router. */
  readonly name: string;
  readonly device: string;
  readonly addresses: readonly { readonly family: 4 | 6; readonly ip: string }[];
  /** The other box, on the same link. */
  readonly to: string;
  /** After this the rules do nothing any more. */
  readonly endS: number;
}

/** What is printed has `elements` when anything was passed on. */
export function forwardedList(name: string): readonly string[] {
  return ['nft', 'list', 'set', ...tableOf(name).split(' '), 'moved'];
}

export function forwardEnd(name: string): string {
  const table = tableOf(name);
  return `table ${table} {}\ndelete table ${table}\n`;
}

export function forwardRules({ name, device, addresses, to, endS }: Forwarding): string {
  const family = to.includes(':') ? 6 : 4;
  const [ip, type] = family === 4 ? ['ip', 'ipv4_addr'] : ['ip6', 'ipv6_addr'];
  const moving = addresses.filter((one) => one.family === family).map((one) => `${one.ip} timeout ${endS}s`);
  const connection = `${ip} saddr . tcp sport . ${ip} daddr . tcp dport`;
  const forward = `fwd ${ip} to ${to} device "${device}"`;
  return `${forwardEnd(name)}table ${tableOf(name)} {
 set moving {
  type ${type}; flags timeout; elements = { ${moving.join(', ')} }
 }
 set moved {
  type ${type} . inet_service . ${type} . inet_service; flags dynamic, timeout; timeout ${endS}s; size ${MOVED_AT_MOST};
 }
 chain ingress {
  type filter hook ingress device "${device}" priority -500; policy accept;
  ${ip} daddr @moving tcp flags & (fin | syn | rst | ack) == syn update @moved { ${connection} } ${forward}
  ${connection} @moved ${forward}
 }
}
`;
}

function tableOf(name: string): string {
  return `netdev tandem_move_${nftName(name)}`;
}
