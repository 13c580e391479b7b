/** Peers of the tests: agents that say one line, a server that answers as it is told. */
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** Says its words to whoever has asked something; `RESET` breaks the connection. */
export class AgentPeer {
  readonly port: number;
  readonly heard = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(words: string): Promise<AgentPeer> {
    const server = createTcpServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peer = new AgentPeer(server);
    server.on('connection', (socket) => {
      peer.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => peer.#sockets.delete(socket));
      socket.once('data', (chunk: Buffer) => {
        peer.heard.add(chunk.toString('latin1'));
        if (words === 'RESET') socket.resetAndDestroy();
        else socket.end(words, 'latin1');
      });
    });
    return peer;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Checks (`/check…`) are answered with one status, others by `manner`. */
export class WebPeer {
  readonly port: number;
  manner = '200';
  checkStatus = '200';
  /** What checks said of the server's state, by their path. */
  readonly told = new Map<string, string[]>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(): Promise<WebPeer> {
    const server = createTcpServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peer = new WebPeer(server);
    server.on('connection', (socket) => peer.#serve(socket));
    return peer;
  }

  /** One request through a proxy; what becomes of it does not matter. */
  async visit(port: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const visitor = request({ host: '127.0.0.1', port, agent: false }, (response) => {
        response.resume();
        response.once('close', resolve);
      });
      visitor.once('error', () => resolve());
      visitor.end();
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.once('data', (chunk: Buffer) => {
      const head = chunk.toString('latin1');
      const [, path = ''] = /^\S+ (\S+)/.exec(head) ?? [];
      const isCheck = path.startsWith('/check');
      const state = /^x-haproxy-server-state: (.*?)\r$/im.exec(head)?.[1];
      if (state !== undefined) this.told.set(path, [...(this.told.get(path) ?? []), state]);
      this.#answer(socket, isCheck ? this.checkStatus : this.manner);
    });
  }

  #answer(socket: Socket, manner: string): void {
    switch (manner) {
      case 'close':
        socket.end();
        return;
      case 'reset':
        socket.resetAndDestroy();
        return;
      case 'bad':
        socket.end('HTTP/1.1 200 OK\r\nno header\r\n\r\n');
        return;
      default:
        socket.end(`HTTP/1.1 ${manner} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    }
  }
}
