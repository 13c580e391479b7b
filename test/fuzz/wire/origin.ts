/**
 * The server behind one proxy: keeps every byte of every connection, answers each whole request at once, and reads them with
 * the strict reader only (test/e2e/hostile/strict-http.ts). What that does not take ends the connection.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Messages, readMessages } from '../../e2e/hostile/strict-http.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
/** Nobody tunnels here: what comes after CONNECT would be anything. */
const NO_TUNNEL = 'HTTP/1.1 405 No Tunnel\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export interface Seen {
  readonly raw: string;
  readonly messages: Messages;
}

interface Upstream {
  raw: string;
  answered: number;
}

export class Origin {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections: Upstream[] = [];
  #answer: string | null = null;
  #wake: () => void = () => undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async listen(port: number): Promise<Origin> {
    const server = createServer({ allowHalfOpen: true });
    const origin = new Origin(server, port);
    server.on('connection', (socket) => origin.#serve(socket));
    server.listen(port, '127.0.0.1', 1024);
    await once(server, 'listening');
    return origin;
  }

  /** Forgets what came so far. With an answer: each connection gets these bytes for its first request, then the end. */
  begin(answer: string | null = null): void {
    this.#connections = [];
    this.#answer = answer;
  }

  /** What came since `begin`, once nobody is connected any more. False: somebody stayed. */
  async quiet(deadline: AbortSignal): Promise<boolean> {
    // A connection that the proxy has made before it ended the client's is in the accept queue by now.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    while (this.#sockets.size > 0 && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.#sockets.size === 0;
  }

  seen(): Seen[] {
    return this.#connections
      .filter(({ raw }) => raw !== '')
      .map(({ raw }) => ({ raw, messages: readMessages(raw, true, false) }));
  }

  /** Ends all connections. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.drop();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    const connection: Upstream = { raw: '', answered: 0 };
    this.#connections.push(connection);
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      connection.raw += chunk.toString('latin1');
      const { complete, fault } = readMessages(connection.raw, true, false);
      for (; connection.answered < complete.length; connection.answered++) {
        if (this.#answer !== null) {
          socket.end(this.#answer, 'latin1');
          return;
        }
        const line = complete[connection.answered]?.startLine ?? '';
        if (line.startsWith('CONNECT ')) socket.end(NO_TUNNEL);
        else socket.write(line.startsWith('HEAD ') ? OK : `${OK}ok`);
      }
      if (fault !== undefined) socket.end();
    });
  }
}
