/**
 * The address of a server:
 *
 *   10.0.0.1:80   a port           10.0.0.1 / 10.0.0.1:+1000 / :-1000   the client's port, plus an offset
 *   name:80       resolved later   /path, unix@, abns@                  a unix socket
 */
import type { ServerAddress } from '../model.ts';
import { parseAddress } from './addresses.ts';
import type { Statement } from './statement.ts';
import type { Environment } from './tokenizer.ts';

export function serverAddress(s: Statement, at: number, env: Environment): ServerAddress | null {
  const written = s.text(at);
  const { address, error } = parseAddress(written, env);
  if (error !== null) {
    s.error(at, 'bad-address', error);
    return null;
  }
  if (address.kind === 'fd') {
    s.error(at, 'bad-address', `'${written}': a file descriptor is no address of a server`);
    return null;
  }
  if (address.transport === 'datagram' || address.transport === 'quic') {
    s.error(at, 'bad-address', `'${written}': servers are connected to by TCP or unix streams`);
    return null;
  }
  if (address.kind === 'unix') return { host: address.path, kind: 'unix', port: 0, portFromClient: false };
  const { host, port } = address;
  if (host.kind === 'any') {
    const message = `'${written}': connecting to the address that the client asked for is not supported yet`;
    s.error(at, 'unsupported-keyword', message, 'write the address of the server');
    return null;
  }
  if (host.kind === 'name' && host.name.startsWith('_')) {
    s.error(
      at,
      'unsupported-keyword',
      `'${host.name}': service (SRV) names are not supported yet`,
      'write a host name',
    );
    return null;
  }
  const place = host.kind === 'name' ? { host: host.name, kind: host.kind } : { host: host.ip, kind: host.kind };
  switch (port.kind) {
    case 'none':
      return { ...place, port: 0, portFromClient: true };
    case 'offset':
      return { ...place, port: port.offset, portFromClient: true };
    case 'fixed':
      if (port.first !== port.last) {
        s.error(at, 'bad-address', `'${written}': a server has one port, not a range`);
        return null;
      }
      return { ...place, port: port.first, portFromClient: port.first === 0 };
  }
}
