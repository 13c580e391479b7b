/**
 * The firewall rules that adverts need: IP protocol 112 to the multicast group, or from the unicast peers, on the interface
 * of each instance. A blocked advert means two masters, on every firewall that is closed by default.
 */
import type { IpFamily, PairModel, VrrpInstance } from '../pair-model.ts';

export interface FirewallRules {
  readonly firewalld: readonly string[];
  readonly nftables: readonly string[];
  readonly iptables: readonly string[];
}

const PROTOCOL = 112;

/** What one rule lets in. */
interface Opening {
  readonly family: IpFamily;
  readonly interface: string;
  readonly match: 'to' | 'from';
  readonly address: string;
}

export function firewallRules({ instances }: PairModel): FirewallRules {
  const openings = distinct(instances.flatMap(openingsOf));
  const firewalld = [...new Set(openings.map(firewalldRule))];
  return {
    firewalld: firewalld.length === 0 ? [] : [...firewalld, 'firewall-cmd --reload'],
    nftables: openings.map(nftablesRule),
    iptables: openings.map(iptablesRule),
  };
}

function openingsOf(instance: VrrpInstance): readonly Opening[] {
  // Adverts are heard on the base interface, also by a router that sends from a macvlan.
  const { family, transport, interface: name } = instance;
  if (transport.kind === 'multicast') return [{ family, interface: name, match: 'to', address: transport.group }];
  return transport.peers.map(({ ip }) => ({ family, interface: name, match: 'from' as const, address: ip }));
}

function distinct(openings: readonly Opening[]): readonly Opening[] {
  return [...new Map(openings.map((one) => [JSON.stringify(one), one])).values()];
}

function firewalldRule({ family, match, address }: Opening): string {
  const side = match === 'to' ? 'destination' : 'source';
  const rule = `rule family="ipv${family}" ${side} address="${address}" protocol value="vrrp" accept`;
  return `firewall-cmd --permanent --add-rich-rule='${rule}'`;
}

function nftablesRule({ family, interface: name, match, address }: Opening): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const side = match === 'to' ? 'daddr' : 'saddr';
  return `nft insert rule inet filter input iifname "${name}" ${ip} ${side} ${address} meta l4proto ${PROTOCOL} accept`;
}

function iptablesRule({ family, interface: name, match, address }: Opening): string {
  const program = family === 4 ? 'iptables' : 'ip6tables';
  const side = match === 'to' ? '-d' : '-s';
  return `${program} -I INPUT -i ${name} ${side} ${address} -p ${PROTOCOL} -j ACCEPT`;
}
