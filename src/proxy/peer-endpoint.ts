/** A client's own end of its connection, as a value. */
import type { Endpoint } from '../core/address.ts';
import type { ClientConnection } from './connection.ts';

const NOWHERE: Endpoint = { family: 0, address: new Uint8Array(0), port: 0 };

export function sourceOf({ peerFamily, peerIp4, peerIp6, peerPort }: ClientConnection): Endpoint {
  if (peerIp6 !== null) return { family: 6, address: peerIp6, port: peerPort };
  if (peerFamily !== 4) return NOWHERE;
  const address = Uint8Array.of(peerIp4 >>> 24, peerIp4 >>> 16, peerIp4 >>> 8, peerIp4);
  return { family: 4, address, port: peerPort };
}
