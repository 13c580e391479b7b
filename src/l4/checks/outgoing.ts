/**
 * The sockets of checks: where they lead and what they leave from. What Node has no words for is set on the descriptor before
 * Node gets it (src/sys/bound-socket.ts).
 */
import { Socket } from 'node:net';
import type { CheckConnection } from '../../config/l4-model.ts';
import { openBoundSocket } from '../../sys/bound-socket.ts';

/** Begins to connect. Throws what the system says if a mark or an interface is refused. */
export function connectStream({ address, from, interface: device, mark }: CheckConnection): Socket {
  const place = { family: address.family, kind: 'stream', device, mark } as const;
  const socket = device === null && mark === null ? new Socket() : new Socket(ofDescriptor(openBoundSocket(place)));
  const leaving = from === null ? {} : { localAddress: from.ip, ...(from.port === 0 ? {} : { localPort: from.port }) };
  return socket.connect({ host: address.ip, port: address.port, ...leaving });
}

/** Node must not read before it is connected; its types do not know the word. */
function ofDescriptor(fd: number): { fd: number; readable: boolean; writable: boolean } {
  const options = { fd, readable: true, writable: true, manualStart: true };
  return options;
}
