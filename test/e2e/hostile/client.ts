/** A client that sends what it is told, and notes what it gets. */
import { connect, type Socket } from 'node:net';
import { Signal } from './wire-events.ts';

export class Client {
  /** What came, as latin1. */
  text = '';
  /** The other side has ended, or the connection is gone. */
  over = false;
  /** It ended by a reset, which is no end of a body. libuv tells only of one that comes apart from data. */
  reset = false;
  connected = false;
  readonly changed = new Signal();
  readonly #socket: Socket;

  constructor(port: number) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#socket = socket;
    socket.on('connect', () => {
      this.connected = true;
      this.changed.fire();
    });
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.changed.fire();
    });
    const end = (): void => {
      this.over = true;
      this.changed.fire();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', () => {
      this.reset = true;
    });
  }

  send(text: string): void {
    if (text !== '' && this.#socket.writable) this.#socket.write(text, 'latin1');
  }

  /** No more from this side. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  until(condition: () => boolean, withinMs: number): Promise<boolean> {
    return this.changed.until(condition, withinMs);
  }
}
