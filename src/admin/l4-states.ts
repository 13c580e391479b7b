/**
 * What a virtual server and its servers are, in a word each, and what they have together. Pure; the dashboard's page has it, too.
 *
 * Not here: how words look (l4-text.ts, src/web/dashboard/page/words.ts), what is complained of (l4-complaints.ts).
 */
import type { DestinationFigures } from '../l4/kernel.ts';
import type { RealServerStatus, VirtualServerStatus } from '../l4/status.ts';

/** `no quorum`: some serve all the same. */
export type VirtualServerState = 'up' | 'no quorum' | 'sorry' | 'down' | 'suspended';
/** `full`: uthreshold; `out`: up, and not asked for; `serving`, `spare`: a sorry server. */
export type RealServerState = 'up' | 'full' | 'out' | 'down' | 'serving' | 'spare';

type VirtualServerFacts = Pick<VirtualServerStatus, 'suspended' | 'sorry' | 'hasQuorum'> & {
  readonly servers: readonly Pick<RealServerStatus, 'isBalanced' | 'weight'>[];
};
type RealServerFacts = Pick<RealServerStatus, 'isSorryServer' | 'isUp' | 'isBalanced' | 'weight'> & {
  readonly figures: Pick<DestinationFigures, 'isFull'>;
};

export function virtualServerState({ suspended, sorry, hasQuorum, servers }: VirtualServerFacts): VirtualServerState {
  if (suspended) return 'suspended';
  if (sorry) return 'sorry';
  if (!servers.some(({ isBalanced, weight }) => isBalanced && weight > 0)) return 'down';
  return hasQuorum ? 'up' : 'no quorum';
}

export function realServerState({
  isSorryServer,
  isUp,
  isBalanced,
  weight,
  figures,
}: RealServerFacts): RealServerState {
  // One that inhibits stays in the kernel without weight.
  if (isSorryServer) return isBalanced && weight > 0 ? 'serving' : 'spare';
  if (!isUp) return 'down';
  if (!isBalanced) return 'out';
  return figures.isFull ? 'full' : 'up';
}

/** `10.0.0.71:80`; port 0 is the client's. */
export function realServerAddress({ ip, port }: Pick<RealServerStatus, 'ip' | 'port'>): string {
  if (port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** `0 of 3`, where it is not as configured. */
export function weightText(server: Pick<RealServerStatus, 'weight' | 'configuredWeight' | 'isSorryServer'>): string {
  const { weight, configuredWeight, isSorryServer } = server;
  return weight === configuredWeight || isSorryServer ? `${weight}` : `${weight} of ${configuredWeight}`;
}

/** `held down, weight 5 by hand`; empty: no operator has had a say. */
export function byHandText({ held, ownWeight }: Pick<RealServerStatus, 'held' | 'ownWeight'>): string {
  const parts = [held === null ? [] : `held ${held}`, ownWeight === null ? [] : `weight ${ownWeight}`].flat();
  return parts.length === 0 ? '' : `${parts.join(', ')} by hand`;
}

/** Of all of its servers. */
export function figuresOfAll(servers: readonly { readonly figures: DestinationFigures }[]): DestinationFigures {
  const sum = { connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 };
  let active = 0;
  let inactive = 0;
  for (const { figures } of servers) {
    sum.connections += figures.connections;
    sum.requestPackets += figures.requestPackets;
    sum.requestBytes += figures.requestBytes;
    sum.replyPackets += figures.replyPackets;
    sum.replyBytes += figures.replyBytes;
    active += figures.active;
    inactive += figures.inactive;
  }
  return { ...sum, active, inactive, isFull: false };
}
