/** Virtual servers as the status tells of them: all is well, unless said otherwise; and a pair that has them. */
import type { PairSide } from '../../src/daemon/pair-side.ts';
import type { DestinationFigures } from '../../src/l4/kernel.ts';
import type { RealServerStatus, VirtualServerStatus } from '../../src/l4/status.ts';

export function destinationFigures(more: Partial<DestinationFigures> = {}): DestinationFigures {
  const counted = { connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 };
  return { ...counted, active: 0, inactive: 0, isFull: false, ...more };
}

export function realServerStatus(address: string, more: Partial<RealServerStatus> = {}): RealServerStatus {
  const [, ip = '', port = '0'] = /^(.*):(\d+)$/.exec(address) ?? [];
  return {
    name: `[${ip}]:tcp:${port}`,
    ...{ ip, port: Number(port), forwarding: 'NAT', isSorryServer: false, isUp: true },
    ...{ configuredWeight: 1, weight: 1, held: null, ownWeight: null, isBalanced: true, lastChangeMs: null },
    checks: [{ kind: 'http', isUp: true, why: 'status 200', checkedMs: null }],
    figures: destinationFigures(),
    ...more,
  };
}

/** One that is down, as its check says. */
export function deadServer(address: string, why: string, more: Partial<RealServerStatus> = {}): RealServerStatus {
  const checks = [{ kind: 'http', isUp: false, why, checkedMs: null }];
  return realServerStatus(address, { isUp: false, isBalanced: false, checks, ...more });
}

export function sorryServer(address: string, isBalanced = false): RealServerStatus {
  return realServerStatus(address, { isSorryServer: true, isBalanced, weight: isBalanced ? 1 : 0, checks: [] });
}

/** Weights, quorum and sorry server follow from the servers. */
export function virtualServerStatus(more: Partial<VirtualServerStatus> = {}): VirtualServerStatus {
  const { servers = [realServerStatus('10.0.0.71:80'), realServerStatus('10.0.0.72:80')], quorum = 1 } = more;
  const weightUp = servers.reduce(
    (sum, { isUp, isSorryServer, weight }) => sum + (isUp && !isSorryServer ? weight : 0),
    0,
  );
  return {
    ...{ name: '[192.0.2.1]:tcp:80', family: 4, protocol: 'TCP', scheduler: 'rr', places: ['192.0.2.1 80'] },
    ...{ persistenceTimeoutS: null, weightUp, quorum, hasQuorum: weightUp >= quorum },
    sorry: servers.some(({ isSorryServer, isBalanced }) => isSorryServer && isBalanced),
    suspended: false,
    servers,
    ...more,
  };
}

/** `virtualServers` may be another list each time. */
export function pairWith(virtualServers: () => readonly VirtualServerStatus[], pair: PairSide | null = null): PairSide {
  const nobody = () => {
    throw new Error('nobody asks for that');
  };
  const head = () => pair?.head() ?? { instances: [], groups: [], rulesTrouble: null };
  return {
    view: nobody,
    set: nobody,
    setRealServer: nobody,
    figures: () => pair?.figures() ?? { instances: [], scripts: [] },
    head,
    look: async () => {},
    virtualServers,
    status: () => ({ ...head(), virtualServers: virtualServers() }),
  };
}
