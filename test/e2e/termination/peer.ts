/**
 * A client or a server of a row, told step by step what to do: nothing happens by itself, and a step waits for what it needs
 * to have seen. So the order of events is the row's, on a slow machine too.
 */
import { connect, type Socket } from 'node:net';
import { STEP_MS } from './poll.ts';

export type Ending = 'FIN' | 'RST';

export class Peer {
  readonly socket: Socket;
  /** All that came. */
  received = '';
  ending: Ending | null = null;
  /** It left by RST itself: what it was told is lost. */
  hasReset = false;
  #seen = 0;
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.#changed();
    });
    socket.on('end', () => this.#ends('FIN'));
    socket.on('error', () => this.#ends('RST'));
    socket.on('close', () => this.#ends('FIN'));
  }

  static async connect(host: string, port: number): Promise<Peer> {
    const peer = new Peer(connect({ host, port, allowHalfOpen: true }));
    await new Promise((resolve) => peer.socket.once('connect', resolve).once('error', resolve));
    return peer;
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends this, and then no end of bytes, as fast as they are taken. */
  flood(text: string): void {
    const more = Buffer.alloc(65_536, 'x');
    const go = (): void => {
      while (this.socket.writable && this.socket.write(more));
    };
    this.send(text);
    this.socket.on('drain', go);
    go();
  }

  /** Waits until `text` has come, behind what was waited for before. */
  async until(text: string): Promise<void> {
    await this.#when(`"${text}"`, () => {
      const at = this.received.indexOf(text, this.#seen);
      if (at < 0) return false;
      this.#seen = at + text.length;
      return true;
    });
  }

  /** Waits for the other side's end. */
  async ended(): Promise<void> {
    await this.#when('its end', () => this.ending !== null);
  }

  fin(): void {
    this.socket.end();
  }

  reset(): void {
    this.hasReset = true;
    this.socket.resetAndDestroy();
  }

  /** Reads nothing more. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  async #when(what: string, isThere: () => boolean): Promise<void> {
    const until = Date.now() + STEP_MS;
    while (!isThere()) {
      if (Date.now() > until)
        throw new Error(`${what} never came; so far: ${this.received.slice(-500)} ${this.ending ?? ''}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #ends(ending: Ending): void {
    this.ending ??= ending;
    this.#changed();
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
