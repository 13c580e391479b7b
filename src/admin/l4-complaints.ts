/** What an operator should see of virtual servers: nobody serves, others do than should, and what is lost. Pure. */
import type { RealServerStatus, VirtualServerStatus } from '../l4/status.ts';
import { type Complaint, failed, listed, SERVERS_TOLD, warning } from './complaints.ts';
import { realServerState, virtualServerState } from './l4-states.ts';

const NONE: readonly Complaint[] = [];

export function virtualServerComplaints(virtual: VirtualServerStatus): readonly Complaint[] {
  const { name, weightUp, quorum, servers } = virtual;
  const real = servers.filter(({ isSorryServer }) => !isSorryServer);
  // What an operator has taken out is no trouble.
  const down = real.filter((server) => realServerState(server) === 'down' && server.held === null);
  switch (virtualServerState(virtual)) {
    case 'suspended':
      return NONE;
    case 'down':
      return [failed(`virtual server ${name} has no server: ${listed(real.map(serverText))}`)];
    case 'sorry':
      return [
        warning(`virtual server ${name} is served by its sorry server: ${quorumText(virtual)}`),
        ...lost(name, down, real),
      ];
    case 'no quorum':
      return [
        warning(`virtual server ${name} has lost its quorum: weight ${weightUp} of ${quorum}`),
        ...lost(name, down, real),
      ];
    case 'up':
      return down.length === 0 ? NONE : lost(name, down, real);
  }
}

function quorumText({ weightUp, quorum }: VirtualServerStatus): string {
  return weightUp === 0 ? 'no other is up' : `weight ${weightUp} of ${quorum} is up`;
}

function lost(name: string, down: readonly RealServerStatus[], of: readonly RealServerStatus[]): readonly Complaint[] {
  if (down.length > SERVERS_TOLD) {
    return [warning(`virtual server ${name} has lost ${down.length} of ${of.length} servers`)];
  }
  return down.map((server) => warning(`server ${serverText(server)}, of virtual server ${name}`));
}

/** `[10.0.0.71]:tcp:80 is DOWN (http: status 503)` */
function serverText(server: RealServerStatus): string {
  const { name, isUp, checks, held } = server;
  if (held === 'down') return `${name} is held down by hand`;
  if (isUp) return `${name} has weight ${server.weight}`;
  const why = checks.filter((check) => !check.isUp && check.why !== '').map((check) => `${check.kind}: ${check.why}`);
  return `${name} is DOWN${why.length === 0 ? '' : ` (${why.join('; ')})`}`;
}
