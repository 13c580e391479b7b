/**
 * `usesrc client`, `clientip`, `hdr_ip(…)`: the address that a server is to see depends on whose request it is. Such
 * connections belong to their clients (server-pool.ts), and those for a field of the request to that field's address, too.
 *
 * Not here: binding to it (src/sys/connect-source.ts).
 */
import { isIPv4 } from 'node:net';
import type { Endpoint } from '../core/address.ts';
import { endpointOf } from '../core/proxy-header.ts';
import type { ForeignSource } from '../core/source-address.ts';
import type { ClientConnection, ServerConnection } from './connection.ts';
import { sourceOf } from './peer-endpoint.ts';
import type { Stream } from './stream.ts';

export function dependsOnClient(foreign: ForeignSource | null): boolean {
  return foreign !== null && foreign.kind !== 'address';
}

/** Chooses where a connection for this stream leaves from. False: its request does not say. */
export function leaveFrom(connection: ServerConnection, stream: Stream): boolean {
  const { server } = connection;
  const foreign = server.plan.source?.foreign ?? null;
  const { source } = server.connectOptions;
  if (foreign === null || source === null) return true;
  switch (foreign.kind) {
    case 'address':
      return true;
    case 'client':
      source.useForeign(sourceOf(stream.client));
      return true;
    case 'clientip':
      source.useForeign({ ...sourceOf(stream.client), port: 0 });
      return true;
    case 'header': {
      const from = addressIn(stream, foreign.name, foreign.occurrence);
      if (from === null) return false;
      connection.from = from;
      source.useForeign(from);
      return true;
    }
  }
}

/** Whether the next request of its client may go out on it: it would say the same of it. */
export function isStillTrue({ from, server }: ServerConnection, { stream }: ClientConnection): boolean {
  const foreign = server.plan.source?.foreign ?? null;
  // Its header has told of another stream.
  if (server.plan.proxyHeader?.uniqueId === true) return false;
  if (from === null || foreign?.kind !== 'header' || stream === null) return true;
  const wanted = addressIn(stream, foreign.name, foreign.occurrence);
  return wanted !== null && Buffer.compare(wanted.address, from.address) === 0;
}

/**
 * The n-th of the comma-separated values of all fields of that name, from the end if `occurrence` is negative; null without
 * it. Of the request as it is about to leave, so X-Forwarded-For has our own line, as in HAProxy. What is no IPv4 address
 * leaves the choice to the kernel.
 */
function addressIn(stream: Stream, name: string, occurrence: number): Endpoint | null {
  if (stream.request === null) return null;
  const head = stream.request.bytes.toString('latin1', stream.requestStart, stream.requestEnd).split('\r\n\r\n', 1)[0];
  const values: string[] = [];
  for (const line of (head ?? '').split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() !== name) continue;
    values.push(...line.slice(colon + 1).split(','));
  }
  const value = values.at(occurrence > 0 ? occurrence - 1 : occurrence);
  if (value === undefined || occurrence === 0) return null;
  const ip = value.trim();
  return endpointOf(isIPv4(ip) ? ip : '0.0.0.0', 0);
}
