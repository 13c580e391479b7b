/** A TCP server that answers whatever it is asked with the same bytes, and keeps what it was asked. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface Script {
  readonly bytes?: string;
  /** What happens to the connection afterwards; it is kept open when not given. */
  readonly ending?: 'close' | 'reset';
}

export class ScriptedServer {
  readonly port: number;
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(script: Script, port = 0): Promise<ScriptedServer> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    const scripted = new ScriptedServer(server, address.port);
    server.on('connection', (socket) => scripted.#serve(socket, script));
    return scripted;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket, script: Script): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    // A connection that is kept may be used again, by another client of a proxy.
    socket.on('data', (chunk: Buffer) => {
      this.requests.push(chunk.toString('latin1'));
      if (script.ending === 'reset') socket.resetAndDestroy();
      else if (script.ending === 'close') socket.end(script.bytes ?? '');
      else if (script.bytes !== undefined) socket.write(script.bytes);
    });
  }
}
