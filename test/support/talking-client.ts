/** A client that says one thing after the other, as the test wants it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class TalkingClient {
  readonly #socket: Socket;
  #received = '';
  /** The connection is over, whoever ended it. */
  readonly ended: Promise<unknown>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    this.ended = once(socket, 'close');
  }

  static async connect(port: number): Promise<TalkingClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new TalkingClient(socket);
  }

  say(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Until what came is like this, or nothing more comes. */
  async hear(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received) && !this.#socket.closed) {
      await Promise.race([once(this.#socket, 'data'), this.ended]);
    }
    return this.#received;
  }

  /** What was heard so far is not heard again. */
  forget(): void {
    this.#received = '';
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}
