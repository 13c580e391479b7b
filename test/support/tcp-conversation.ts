/** Clients that say one thing: and listen to the end, or leave. */
import { connect } from 'node:net';

/** Everything that came until the other side ended, or until it ends with `enough`. */
export function converse(port: number, text: string, enough: string | null = null): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('connect', () => socket.write(text, 'latin1'));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (enough !== null && received.endsWith(enough)) socket.end();
    });
    socket.on('error', (error) => (received === '' ? reject(error) : resolve(received)));
    socket.on('close', () => resolve(received));
  });
}

/** Says something and ends at once; returns when the other side has ended, too. */
export function leave(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'));
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}
