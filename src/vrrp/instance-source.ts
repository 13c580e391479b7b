/** The address that adverts leave from. Pure. */
import type { VrrpInstance } from '../config/pair-model.ts';
import type { LinkAddress } from '../netlink/network.ts';
import { canonicalIp } from './ip-text.ts';

/**
 * As configured; else the interface's primary address (5798 5.1.1.1), for IPv6 a link-local one (5.1.2.1) unless peers are
 * spoken to one by one. `own`: virtual addresses, which are not ours to speak from. null: there is none.
 */
export function sourceAddress(
  instance: VrrpInstance,
  addresses: readonly LinkAddress[],
  own: ReadonlySet<string>,
): string | null {
  if (instance.sourceIp !== null) {
    const wanted = canonicalIp(instance.sourceIp);
    const there = !instance.trackSourceIp || addresses.some(({ ip }) => ip === wanted);
    return there ? wanted : null;
  }
  const usable = addresses.filter(({ family, ip }) => family === instance.family && !own.has(ip));
  if (instance.family === 4) return usable[0]?.ip ?? null;
  const linkLocal = usable.filter(({ ip }) => ip.startsWith('fe80:'));
  const global = usable.filter(({ ip }) => !ip.startsWith('fe80:'));
  return (instance.transport.kind === 'unicast' ? (global[0] ?? linkLocal[0]) : linkLocal[0])?.ip ?? null;
}
