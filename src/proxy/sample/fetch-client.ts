/** The client's connection: `src`, `dst`, … */
import type { ClientConnection } from '../connection.ts';
import { destinationOf } from '../destination.ts';
import type { MakeFetch } from './fetches.ts';
import type { SampleScope } from './scope.ts';
import { SAMPLE_IP6, type SampleValue } from './value.ts';

const HTTP_1 = 1;

/** Into the value; false for a unix socket. */
export function clientAddress(client: ClientConnection, value: SampleValue): boolean {
  if (client.peerFamily === 4) return value.setIp4(client.peerIp4);
  const { peerIp6 } = client;
  if (peerIp6 === null) return false;
  const into = value.other();
  into.set(peerIp6, 0);
  return value.setRange(SAMPLE_IP6, into, 0, peerIp6.length);
}

/** What the client has connected to: asked for once. */
function connectedTo(scope: SampleScope, value: SampleValue, whole: boolean): boolean {
  const { client } = scope;
  // A connection that is closed cannot be asked any more.
  if (client === null || client.peerFamily === 0 || (client.destination === null && client.fd < 0)) return false;
  const { family, address, port } = destinationOf(client, scope.context.poller);
  if (family === 0) return false;
  if (!whole) return value.setInteger(port);
  const into = value.other();
  into.set(address, 0);
  if (family === 4) return value.setIp4(into.readUInt32BE(0));
  return value.setRange(SAMPLE_IP6, into, 0, address.length);
}

export const CLIENT_FETCHES: Readonly<Record<string, MakeFetch>> = {
  src: () => (scope, value) => scope.client !== null && clientAddress(scope.client, value),
  src_port: () => (scope, value) => {
    const { client } = scope;
    return client !== null && client.peerFamily !== 0 && value.setInteger(client.peerPort);
  },
  dst: () => (scope, value) => connectedTo(scope, value, true),
  dst_port: () => (scope, value) => connectedTo(scope, value, false),
  fc_http_major: () => (scope, value) => {
    const frontend = scope.client?.listener.frontend;
    return frontend !== undefined && value.setInteger(frontend.plan.http ? HTTP_1 : 0);
  },
  // There is no TLS.
  ssl_fc: () => (_scope, value) => value.setBool(false),
};
