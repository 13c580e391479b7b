/**
 * The sockets of checks: where they lead and what they leave from. What Node has no words for is set on the descriptor before
 * Node gets it (src/sys/bound-socket.ts).
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { Socket } from 'node:net';
import type { CheckConnection } from '../../config/l4-model.ts';
import { openBoundSocket } from '../../sys/bound-socket.ts';

/** Begins to connect. Throws what the system says if a mark or an interface is refused. */
export function connectStream({ address, from, interface: device, mark }: CheckConnection): Socket {
  const place = { family: address.family, kind: 'stream', device, mark, from: null } as const;
  const socket = device === null && mark === null ? new Socket() : new Socket(ofDescriptor(openBoundSocket(place)));
  const leaving = from === null ? {} : { localAddress: from.ip, ...(from.port === 0 ? {} : { localPort: from.port }) };
  return socket.connect({ host: address.ip, port: address.port, ...leaving });
}

/** Node must not read before it is connected; its types do not know the word. */
function ofDescriptor(fd: number): { fd: number; readable: boolean; writable: boolean } {
  const options = { fd, readable: true, writable: true, manualStart: true };
  return options;
}

/** ICMP has no ports, and Node knows no 0. */
const NO_PORT = 1;

/**
 * Connected when it says so: only who it leads to is heard, and what ICMP says of it is an error. Throws what the system says
 * if it cannot be opened.
 */
export function connectDatagrams(connection: CheckConnection, kind: 'datagram' | 'echo'): DatagramSocket {
  const { address, from, interface: device, mark } = connection;
  const port = kind === 'echo' ? NO_PORT : address.port;
  const fd = openBoundSocket({ family: address.family, kind, device, mark, from });
  const socket = createSocket(address.family === 4 ? 'udp4' : 'udp6');
  socket.once('listening', () => socket.connect(port, address.ip));
  socket.bind({ fd });
  return socket;
}
