/**
 * What keepalived puts right in a virtual server, and says so: words that have no effect, a quorum that nobody could reach,
 * ports that direct routing cannot change. The same here, and `keepalived -t` ends with an error in each of these cases.
 */
import type { InetAddress } from '../../../core/address.ts';
import type { Forwarding, L4Place, RealServer, SorryServer, VirtualServer } from '../../l4-model.ts';
import type { Statement } from '../statement.ts';
import type { VirtualServerDraft } from './virtual-server-draft.ts';
import { DEFAULT_PERSISTENCE_S } from './virtual-server-keywords.ts';

/** Defaults that surprise: they are taken, and named. */
export function reportDefaults({ statement: s, said, realServers, sorryServer, sorryForwarding }: VirtualServerDraft) {
  if (!said.has('lb_algo') && !said.has('lvs_sched'))
    s.warning(0, 'default-taken', 'without `lb_algo` it is wlc', 'lb_algo wlc');
  if (said.has('lb_kind') || said.has('lvs_method')) return;
  const open = realServers.some((real) => real.forwarding === null) || (sorryServer !== null && !sorryForwarding);
  if (open) s.warning(0, 'default-taken', 'without `lb_kind` it is NAT', 'lb_kind NAT');
}

/** Packets with a mark are of any protocol. */
export function reportProtocol({ statement: s, said }: VirtualServerDraft, isOfMarks: boolean): void {
  const protocol = said.get('protocol');
  if (isOfMarks)
    protocol?.warning(0, 'no-effect-protocol', 'packets with a mark are balanced whatever their protocol is');
  else if (protocol === undefined)
    s.warning(0, 'default-taken', 'without `protocol` it balances UDP, as in keepalived', 'protocol TCP');
}

export function onePacketOf({ said, onePacket, protocol }: VirtualServerDraft, isOfMarks: boolean): boolean {
  if (!onePacket || isOfMarks || protocol === 'UDP') return onePacket;
  said.get('ops')?.warning(0, 'only-udp', `'ops' is for UDP: ${protocol} knows connections`, 'leave it out');
  return false;
}

export function haSuspendOf({ said, haSuspend }: VirtualServerDraft, hasMarks: boolean): boolean {
  if (!haSuspend || !hasMarks) return haSuspend;
  said.get('ha_suspend')?.warning(0, 'suspend-with-marks', "'ha_suspend' needs addresses: a mark has none");
  return false;
}

/** Port 0: all of them, and then a client has to stay with its server. */
export function persistenceOf(
  { statement, persistenceTimeoutS, granularity }: VirtualServerDraft,
  family: 4 | 6,
  places: readonly L4Place[],
): VirtualServer['persistence'] {
  const whole = family === 4 ? 32 : 128;
  const prefixLength = granularity?.prefixLength ?? whole;
  if (persistenceTimeoutS !== null) return { timeoutS: persistenceTimeoutS, prefixLength };
  if (granularity !== null) return { timeoutS: DEFAULT_PERSISTENCE_S, prefixLength };
  if (places.every(({ firstPort }) => firstPort !== 0)) return null;
  const message = `without a port it has to be persistent: it is, for ${DEFAULT_PERSISTENCE_S} s`;
  statement.warning(2, 'made-persistent', message, `persistence_timeout ${DEFAULT_PERSISTENCE_S}`);
  return { timeoutS: DEFAULT_PERSISTENCE_S, prefixLength };
}

/** At most what all weights make together; but one: where all are 0, it is lost. */
export function quorumOf(
  { said, statement, quorum, hysteresis }: VirtualServerDraft,
  servers: readonly RealServer[],
): Pick<VirtualServer, 'quorum' | 'hysteresis'> {
  const sum = servers.reduce((total, { weight }) => total + weight, 0);
  const most = Math.max(1, sum);
  if (quorum > sum) {
    const at = said.get('quorum') ?? statement;
    at.warning(1, 'quorum-lowered', `all servers together have the weight ${sum}: the quorum is ${most}`);
  }
  const reached = Math.min(quorum, most);
  if (hysteresis < reached) return { quorum: reached, hysteresis };
  const message = `hysteresis has to be less than the quorum (${reached}): it is ${reached - 1}`;
  said.get('hysteresis')?.warning(1, 'hysteresis-lowered', message);
  return { quorum: reached, hysteresis: reached - 1 };
}

/** A real server without a port has that of the virtual server, one with direct routing has it always. */
export function withPort(
  address: InetAddress,
  forwarding: Forwarding,
  places: readonly L4Place[],
  isGroup: boolean,
  s: Statement,
): InetAddress {
  const { port } = address;
  const [place] = places;
  const own = isGroup || place === undefined ? 0 : place.firstPort;
  if (port === 0) return { ...address, port: own };
  if (forwarding === 'NAT' || places.every(({ firstPort }) => firstPort === port)) return address;
  const kept = own === 0 ? 'the one that the client asked for' : String(own);
  s.warning(2, 'port-kept', `DR leaves the port as it is: not ${port}, but ${kept}`, 'lb_kind NAT changes ports');
  return { ...address, port: own };
}

/** One that is a real server, too, stays or goes with it. */
export function sorryInhibits(sorry: SorryServer, servers: readonly RealServer[], s: Statement): SorryServer {
  const same = servers.find(({ address: { ip, port } }) => ip === sorry.address.ip && port === sorry.address.port);
  if (same === undefined || same.inhibitOnFailure === sorry.inhibits) return sorry;
  const word = same.inhibitOnFailure ? 'inhibit_on_failure' : 'no inhibit_on_failure';
  s.warning(1, 'sorry-server-inhibit', `it is a real server, too, with ${word}: so is the sorry server`);
  return { ...sorry, inhibits: same.inhibitOnFailure };
}
