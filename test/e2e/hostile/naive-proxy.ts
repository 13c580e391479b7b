/**
 * A proxy as one might write it in an afternoon: fields by `split`, lengths by `parseInt`, bytes passed on as they came,
 * and connections to the server shared by all clients. It serves what is well formed, and is there so that the judge can
 * be seen to find what is not: a test in which this one passes tests nothing.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Exchange {
  readonly client: Socket;
  readonly request: string;
  readonly done: () => void;
}

/** Where the first message of `text` ends for who reads it in haste; -1 when it is not whole. */
function messageEnd(text: string): number {
  const head = /\r?\n\r?\n/.exec(text);
  if (head === null) return -1;
  const bodyAt = head.index + head[0].length;
  const fields = text.slice(0, head.index).toLowerCase();
  const length = /content-length *: *(.*)/.exec(fields);
  if (length !== null) {
    const end = bodyAt + (Number.parseInt(length[1] ?? '', 10) || 0);
    return text.length < end ? -1 : end;
  }
  if (!fields.includes('chunked')) return bodyAt;
  const last = text.indexOf('0\r\n', bodyAt);
  const end = last < 0 ? -1 : text.indexOf('\r\n\r\n', last);
  return end < 0 ? -1 : end + 4;
}

export class NaiveProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #originPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: Exchange[] = [];
  #upstream: Socket | undefined;
  #current: Exchange | undefined;
  #response = '';

  private constructor(server: Server, port: number, originPort: number) {
    this.#server = server;
    this.port = port;
    this.#originPort = originPort;
    server.on('connection', (client) => this.#serve(client));
  }

  static async listen(originPort: number): Promise<NaiveProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return new NaiveProxy(server, address.port, originPort);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    this.#sockets.add(client);
    let text = '';
    let busy = false;
    let ended = false;
    const next = (): void => {
      const end = busy ? -1 : messageEnd(text);
      if (end < 0) {
        if (ended && !busy) client.end();
        return;
      }
      busy = true;
      const request = text.slice(0, end);
      text = text.slice(end);
      const done = (): void => {
        busy = false;
        if (/\nconnection: *close/i.test(request)) client.end();
        else next();
      };
      this.#waiting.push({ client, request, done });
      this.#forward();
    };
    client.on('data', (chunk) => {
      text += chunk.toString('latin1');
      next();
    });
    client.on('end', () => {
      ended = true;
      next();
    });
    client.on('error', () => undefined);
    client.on('close', () => this.#sockets.delete(client));
  }

  #forward(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) return;
    this.#connection().write(this.#current.request, 'latin1');
    // Whatever is there already must be the answer.
    this.#answer();
  }

  #connection(): Socket {
    if (this.#upstream !== undefined) return this.#upstream;
    const socket = connect({ port: this.#originPort, host: '127.0.0.1', noDelay: true });
    this.#upstream = socket;
    this.#sockets.add(socket);
    socket.on('data', (chunk) => {
      this.#response += chunk.toString('latin1');
      this.#answer();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#upstream = undefined;
      this.#end(this.#response === '' ? 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n' : this.#response);
      this.#response = '';
    });
    return socket;
  }

  #answer(): void {
    const end = messageEnd(this.#response);
    if (end < 0 || this.#current === undefined) return;
    const answer = this.#response.slice(0, end);
    this.#response = this.#response.slice(end);
    this.#end(answer);
  }

  #end(answer: string): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    if (current.client.writable) current.client.write(answer, 'latin1');
    current.done();
    this.#forward();
  }
}
