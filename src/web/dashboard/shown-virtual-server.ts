/**
 * What of a virtual server the dashboard shows: not when its checks were made, which changes all the time and nobody looks at.
 *
 *   Balancer ─▶ VirtualServerStatus ─▶ ShownVirtualServer ─▶ patches ─▶ the page
 */
import type { RealServerStatus, VirtualServerStatus } from '../../l4/status.ts';
import { difference } from './patch.ts';

export type ShownL4Check = Omit<RealServerStatus['checks'][number], 'checkedMs'>;

export interface ShownRealServer extends Omit<RealServerStatus, 'checks'> {
  readonly checks: readonly ShownL4Check[];
}

export interface ShownVirtualServer extends Omit<VirtualServerStatus, 'servers'> {
  readonly servers: readonly ShownRealServer[];
}

/** `before`: how it was shown last; what is as it was, is the same object. */
export function shownVirtualServer(
  { servers, ...virtual }: VirtualServerStatus,
  before: ShownVirtualServer | null,
): ShownVirtualServer {
  const real = servers.map((server, at) => kept(shownRealServer(server), before?.servers[at]));
  const isSame = real.length === before?.servers.length && real.every((one, at) => one === before.servers[at]);
  if (!isSame) return { ...virtual, servers: real };
  return kept({ ...virtual, servers: before.servers }, before);
}

function shownRealServer({ checks, ...server }: RealServerStatus): ShownRealServer {
  return { ...server, checks: checks.map(({ kind, isUp, why }) => ({ kind, isUp, why })) };
}

function kept<T>(now: T, before: T | undefined): T {
  return before !== undefined && difference(before, now) === undefined ? before : now;
}
