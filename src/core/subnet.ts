/** Whether an address is in a subnet. */
import { BlockList, isIPv6 } from 'node:net';

/** A test for many addresses; of the other family none is in it. Throws on what is no address or no length of its prefix. */
export function subnetTest(network: string, prefixLength: number): (ip: string) => boolean {
  const kind = kindOf(network);
  const list = new BlockList();
  list.addSubnet(network, prefixLength, kind);
  return (ip) => kindOf(ip) === kind && list.check(ip, kind);
}

function kindOf(ip: string): 'ipv4' | 'ipv6' {
  return isIPv6(ip) ? 'ipv6' : 'ipv4';
}
