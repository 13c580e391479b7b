/**
 * What a check says first to a server that expects the PROXY protocol: in version 1 who asks whom, in version 2 that this
 * is nobody's connection but our own (LOCAL).
 */
import type { Socket } from 'node:net';
import { endpointOf, PROXY_HEADER_MAX_BYTES, type ProxyHeaderOptions, writeProxyHeader } from '../core/proxy-header.ts';

export function helloBytes(options: ProxyHeaderOptions, socket: Socket): Buffer {
  const bytes = Buffer.alloc(PROXY_HEADER_MAX_BYTES);
  const { localAddress, remoteAddress, localPort = 0, remotePort = 0 } = socket;
  const unknown = options.version === 2 || localAddress === undefined || remoteAddress === undefined;
  const from = unknown ? null : endpointOf(localAddress, localPort);
  const to = unknown ? null : endpointOf(remoteAddress, remotePort);
  return bytes.subarray(0, writeProxyHeader(bytes, 0, options, from, to));
}
