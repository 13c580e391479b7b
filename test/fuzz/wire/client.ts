/**
 * A client that says all it has to say and listens until the proxy ends the connection. It may end its own side first, which
 * is how a proxy is told that nothing more will come.
 */
import { connect } from 'node:net';

export interface Heard {
  readonly raw: string;
  /** The proxy ended the connection; false: not before the deadline. */
  readonly ended: boolean;
}

export function exchange(port: number, bytes: string, halfCloses: boolean, deadline: AbortSignal): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    let raw = '';
    const done = (ended: boolean): void => {
      deadline.removeEventListener('abort', late);
      socket.destroy();
      resolve({ raw, ended });
    };
    const late = (): void => done(false);
    deadline.addEventListener('abort', late, { once: true });
    socket.on('data', (chunk) => {
      raw += chunk.toString('latin1');
    });
    // A reset is an end, too: the proxy has refused bytes that it did not read, or cut an answer off.
    socket.on('error', () => done(true));
    socket.on('end', () => done(true));
    const sent = Buffer.from(bytes, 'latin1');
    if (halfCloses) socket.end(sent);
    else socket.write(sent);
  });
}
