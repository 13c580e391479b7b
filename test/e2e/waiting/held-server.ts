/** A server that answers when it is told to. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export class HeldServer {
  /** What it was asked for, in order. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #held: Socket[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (chunk: Buffer) => {
        this.asked.push(/^\S+ (\S+)/.exec(chunk.toString('latin1'))?.[1] ?? '');
        this.#held.push(socket);
      });
    });
  }

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** A request waits for its answer. */
  get isAsked(): boolean {
    return this.#held.length > 0;
  }

  /** The oldest request that waits for it. */
  answer(): void {
    this.#held.shift()?.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
