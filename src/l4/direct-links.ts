/** This box's interfaces as rules of DR need them: where packets come in, and which one leads to a server. */
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import type { Link } from '../netlink/network.ts';
import { isLoopback } from './own-address.ts';
import { type DirectLinks, HERE, type LinkId } from './ruleset-direct.ts';

/** `before` itself, if nothing that counts has changed. */
export function directLinksOf(links: readonly Link[], before: BoxLinks | null): BoxLinks {
  const some = [...links].filter(({ name }) => mayBeNamed(name)).sort((a, b) => a.index - b.index);
  const subnets: Subnet[] = [];
  for (const { name, index, up, addresses } of some)
    if (up)
      for (const { ip, prefixLength } of addresses)
        subnets.push({ link: { name, index }, network: bytesOf(ip), prefixLength });
  // Of equals the oldest interface: a VMAC has the subnet of the one that it lies on, too.
  subnets.sort((a, b) => b.prefixLength - a.prefixLength);
  const interfaces = some.map(({ name, index }) => ({ name, index }));
  const own = new Set(links.flatMap(({ addresses }) => addresses.map(({ ip }) => ip)));
  const ways = subnets.map((one) => [one.link.index, [...one.network], one.prefixLength]);
  const text = JSON.stringify([interfaces, ways, [...own].sort()]);
  if (before?.text === text) return before;
  return { text, interfaces, deviceOf: (ip) => (isLoopback(ip) || own.has(ip) ? HERE : deviceOf(subnets, ip)) };
}

/** A name with `"` cannot be written in nft's words: one such interface must not take all the others along. */
function mayBeNamed(name: string): boolean {
  return name !== 'lo' && !name.includes('"');
}

export interface BoxLinks extends DirectLinks {
  readonly text: string;
}

interface Subnet {
  readonly link: LinkId;
  readonly network: Uint8Array;
  readonly prefixLength: number;
}

function deviceOf(subnets: readonly Subnet[], ip: string): LinkId | null {
  const address = bytesOf(ip);
  return subnets.find((subnet) => contains(subnet, address))?.link ?? null;
}

function contains({ network, prefixLength }: Subnet, address: Uint8Array): boolean {
  if (network.length !== address.length) return false;
  for (let i = 0, left = prefixLength; left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff00 >> left) & 0xff;
    if (((network[i] ?? 0) & mask) !== ((address[i] ?? 0) & mask)) return false;
  }
  return true;
}

function bytesOf(ip: string): Uint8Array {
  return ip.includes(':') ? ipv6Bytes(ip) : ipv4Bytes(ip);
}
