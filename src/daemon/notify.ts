/** sd_notify(3): tells systemd how we are, through the datagram socket that it named in NOTIFY_SOCKET. */
import { UnixDatagramOutlet } from '../sys/datagram.ts';
import { allocate } from '../sys/memory.ts';

/** `state`: lines such as READY=1. False: nobody took it. */
export function notifySystemd(socketPath: string, state: string): boolean {
  const message = Buffer.from(state);
  const region = allocate(message.length);
  message.copy(region.bytes);
  // Its abstract names are not filled up, other than HAProxy's.
  const path = socketPath.startsWith('@') ? `\0${socketPath.slice(1)}` : socketPath;
  const outlet = new UnixDatagramOutlet({ family: 'unix', path });
  const sent = outlet.send(region.address, message.length);
  outlet.close();
  return sent;
}
