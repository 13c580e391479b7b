/** Whether an address is one of those that a virtual server listens on, or of the loopback. */
import { BlockList, isIPv6 } from 'node:net';
import type { L4Place } from '../config/l4-model.ts';

/** `ip` as the kernel says it, without a zone. */
export function isPlaceOf(places: readonly L4Place[], ip: string): boolean {
  const kind = isIPv6(ip) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  for (const { family, first, last } of places)
    if ((family === 6) === (kind === 'ipv6')) list.addRange(first, last, kind);
  return list.check(ip, kind);
}

export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.');
}
