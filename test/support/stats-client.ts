/** The other side of a stats socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Sends all of `text`, ends its side, and returns everything that comes until the other side ends, too. */
export async function ask(path: string, text: string): Promise<string> {
  const client = new StatsClient(path);
  client.socket.end(text);
  return client.rest();
}

export class StatsClient {
  readonly socket: Socket;
  text = '';
  #ended: Promise<unknown>;

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
    // A reset is an end, too.
    this.socket.on('error', () => {});
    this.#ended = Promise.race([once(this.socket, 'end'), once(this.socket, 'close')]);
    // Only those who wait for it hear that there was nobody to connect to.
    this.#ended.catch(() => {});
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Waits until what was received ends like this. */
  async until(ending: string): Promise<string> {
    while (!this.text.endsWith(ending)) await once(this.socket, 'data');
    return this.text;
  }

  /** Everything, after the other side has ended. */
  async rest(): Promise<string> {
    await this.#ended;
    this.socket.destroy();
    return this.text;
  }
}
