/** The descriptors of a thread, for who asks: its listeners, its clients, and its connections to servers. */
import type { Socket } from '../sys/poller.ts';
import type { AcceptGate } from './accept-gate.ts';
import type { ServerConnection } from './connection.ts';
import {
  DESCRIPTOR_CLIENT,
  DESCRIPTOR_IDLE,
  DESCRIPTOR_LISTENER,
  DESCRIPTOR_SERVER,
  type DescriptorReport,
  type DescriptorsAnswer,
  type EndReport,
  PIECE_ENTRIES,
} from './questions.ts';
import type { ThreadContext } from './runtime.ts';
import { endOf } from './session-report.ts';

const NOWHERE: EndReport = { family: 0, ip: '', port: 0 };

/** Listeners, then clients with their servers, then (`before` is negative) idle connections, counted from -1 down. */
export function descriptorsOf(context: ThreadContext, gate: AcceptGate, before: number): DescriptorsAnswer {
  if (before < 0) return idlePiece(context, -before - 1);
  const found: DescriptorReport[] = before === 0 ? listeners(gate) : [];
  const first = found.length;
  for (let client = gate.first; client !== null; client = client.next) {
    if (before !== 0 && client.serial >= before) continue;
    if (found.length - first >= PIECE_ENTRIES)
      return { type: 'descriptors', descriptors: found, next: client.serial + 1 };
    const { plan } = client.listener;
    found.push(connection(context, client, DESCRIPTOR_CLIENT, plan.index, client.peerPort));
    const server = client.stream?.server ?? null;
    if (server !== null) found.push(ofServer(context, server, DESCRIPTOR_SERVER));
    if (client.ownServer !== null) found.push(ofServer(context, client.ownServer, DESCRIPTOR_IDLE));
  }
  return { type: 'descriptors', descriptors: found, next: -1 };
}

function listeners(gate: AcceptGate): DescriptorReport[] {
  return gate.listening().map(({ fd, index, accepting }) => ({
    fd,
    kind: DESCRIPTOR_LISTENER,
    owner: index,
    reads: accepting,
    writes: false,
    ended: false,
    shut: false,
    local: NOWHERE,
    remotePort: 0,
  }));
}

function idlePiece(context: ThreadContext, from: number): DescriptorsAnswer {
  const servers = context.proxies.flatMap((proxy) => proxy.servers);
  const all = servers.flatMap(({ idleProven, idleFresh }) => [...idleProven, ...idleFresh]);
  const end = from + PIECE_ENTRIES;
  const descriptors = all.slice(from, end).map((one) => ofServer(context, one, DESCRIPTOR_IDLE));
  return { type: 'descriptors', descriptors, next: end < all.length ? -end - 1 : 0 };
}

function ofServer(context: ThreadContext, one: ServerConnection, kind: number): DescriptorReport {
  return connection(context, one, kind, one.server.plan.index, one.port);
}

function connection(
  { poller }: ThreadContext,
  socket: Socket,
  kind: number,
  owner: number,
  remotePort: number,
): DescriptorReport {
  const { fd, paused, pending, ended, shut } = socket;
  const local = endOf(poller.localEnd(socket));
  return { fd, kind, owner, reads: !paused, writes: pending !== null, ended, shut, local, remotePort };
}
