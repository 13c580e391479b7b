/** What a session is at this moment, for who asks; made only then. Not here: who asks (responder.ts). */
import type { Endpoint } from '../core/address.ts';
import type { Socket } from '../sys/poller.ts';
import type { ClientConnection } from './connection.ts';
import { destinationOf } from './destination.ts';
import { writeIpv4, writeIpv6 } from './log/address-text.ts';
import { type EndReport, SESSION_PHASES, type SessionReport } from './questions.ts';
import type { ThreadContext } from './runtime.ts';
import type { Stream } from './stream.ts';

const NO_TIME = -1;
const text = Buffer.alloc(64);
const ipv4 = Buffer.alloc(4);

export function reportOf(context: ThreadContext, stream: Stream, whole: boolean): SessionReport {
  const { poller } = context;
  const { client, server, backend, target } = stream;
  return {
    serial: client.serial,
    request: client.requests,
    listener: client.listener.plan.index,
    backend: backend.plan.isBackend ? backend.plan.index : -1,
    server: target === null ? -1 : target.plan.index,
    source: sourceOf(client),
    destination: whole ? endOf(destinationOf(client, poller)) : null,
    outgoing: whole && server !== null ? endOf(poller.localEnd(server)) : null,
    clientFd: client.fd,
    serverFd: server === null ? -1 : server.fd,
    acceptedWallMs: client.acceptedWallMs,
    ageMs: poller.nowMs - client.acceptedMs,
    phase: SESSION_PHASES[stream.state] ?? 'new',
    tunnel: stream.tunnel,
    requestDone: stream.requestDone,
    responseStarted: stream.responseStarted,
    responseDone: stream.responseDone,
    method: stream.method,
    status: stream.status,
    bytesIn: stream.bytesIn,
    bytesOut: stream.bytesOut,
    requestHeld: requestHeld(stream),
    responseHeld: heldBy(client),
    clientMs: leftMs(client, poller.nowMs),
    serverMs: server === null ? NO_TIME : leftMs(server, poller.nowMs),
    retries: stream.retries,
    clientEnded: client.ended,
    serverEnded: server?.ended ?? false,
    serverUses: server?.exchanges ?? 0,
  };
}

export function endOf({ family, address, port }: Endpoint): EndReport {
  if (family === 4) return { family, ip: ipText(writeIpv4, address), port };
  if (family === 6) return { family, ip: ipText(writeIpv6, address), port };
  return { family: 0, ip: '', port: 0 };
}

function sourceOf({ peerFamily, peerIp4, peerIp6, peerPort: port }: ClientConnection): EndReport {
  if (peerFamily === 4) {
    ipv4.writeUInt32BE(peerIp4, 0);
    return { family: 4, ip: ipText(writeIpv4, ipv4), port };
  }
  if (peerFamily === 6 && peerIp6 !== null) return { family: 6, ip: ipText(writeIpv6, peerIp6), port };
  return { family: 0, ip: '', port: 0 };
}

function ipText(write: typeof writeIpv4, address: Uint8Array): string {
  return text.toString('latin1', 0, write(text, 0, address, 0));
}

/** What the server has not taken yet: of a request that waits for one, all that is here. */
function requestHeld({ request, requestSent, requestStart, requestEnd, server }: Stream): number {
  const unsent = request !== null && !requestSent ? requestEnd - requestStart : 0;
  return unsent + (server === null ? 0 : heldBy(server));
}

function heldBy({ pending, pendingStart, pendingEnd }: Socket): number {
  return pending === null ? 0 : pendingEnd - pendingStart;
}

function leftMs({ deadlineMs }: Socket, nowMs: number): number {
  return deadlineMs === 0 ? NO_TIME : Math.max(0, deadlineMs - nowMs);
}
