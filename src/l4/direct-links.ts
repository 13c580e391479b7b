/** This box's interfaces as rules of DR need them: where packets come in, and which one leads to a server. */
import { subnetTest } from '../core/subnet.ts';
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
        subnets.push({ link: { name, index }, ip, prefixLength, has: subnetTest(ip, prefixLength) });
  // Of equals the oldest interface: a VMAC has the subnet of the one that it lies on, too.
  subnets.sort((a, b) => b.prefixLength - a.prefixLength);
  const interfaces = some.map(({ name, index }) => ({ name, index }));
  const own = new Set(links.flatMap(({ addresses }) => addresses.map(({ ip }) => ip)));
  const ways = subnets.map(({ link, ip, prefixLength }) => [link.index, ip, prefixLength]);
  const text = JSON.stringify([interfaces, ways, [...own].sort()]);
  if (before?.text === text) return before;
  return {
    text,
    interfaces,
    deviceOf: (ip) => (isLoopback(ip) || own.has(ip) ? HERE : (subnets.find(({ has }) => has(ip))?.link ?? null)),
  };
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
  readonly ip: string;
  readonly prefixLength: number;
  readonly has: (ip: string) => boolean;
}
