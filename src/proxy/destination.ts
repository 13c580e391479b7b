/** Where a client has connected to: what its PROXY header says, or the socket, which is asked once. */
import type { Endpoint } from '../core/address.ts';
import type { Poller } from '../sys/poller.ts';
import type { ClientConnection } from './connection.ts';

export function destinationOf(client: ClientConnection, poller: Poller): Endpoint {
  client.destination ??= poller.localEnd(client);
  return client.destination;
}
