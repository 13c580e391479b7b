/** A server that does something else at each attempt: what it was asked is kept, in the order of all servers of a case. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Nobody listens there, and no test will. */
const CLOSED_PORT = 1;

/** What it does with one request, or with one connection. */
export type Manner =
  /** Closed before anything was read. */
  'hangs up' | 'closes' | 'resets' | 'is silent' | 'junk' | 'half a head' | 'interim, closes' | 'half a body' | number;

export interface Attempt {
  readonly server: string;
  readonly request: string;
}

/** `refuses`: nobody listens there; otherwise what is done each time, the last one for ever. */
export type Script = 'refuses' | readonly Manner[];

function answerOf(manner: number, body: string): string {
  return `HTTP/1.1 ${manner} Whatever\r\nX-From: here\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

export class AttemptServer {
  readonly #name: string;
  readonly #script: readonly Manner[];
  readonly #attempts: Attempt[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #count = 0;

  private constructor(name: string, script: readonly Manner[], attempts: Attempt[]) {
    this.#name = name;
    this.#script = script;
    this.#attempts = attempts;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  /** Its port, and the server unless it refuses. */
  static async start(
    name: string,
    script: Script,
    attempts: Attempt[],
  ): Promise<{ port: number; server: AttemptServer | null }> {
    if (script === 'refuses') return { port: CLOSED_PORT, server: null };
    const started = new AttemptServer(name, script, attempts);
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return { port: (started.#server.address() as AddressInfo).port, server: started };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #next(): Manner {
    const at = Math.min(this.#count++, this.#script.length - 1);
    return this.#script[at] as Manner;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    let text = '';
    if (this.#script[Math.min(this.#count, this.#script.length - 1)] === 'hangs up') {
      this.#count++;
      this.#attempts.push({ server: this.#name, request: '' });
      socket.end();
      socket.resume();
      return;
    }
    socket.on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      this.#attempts.push({ server: this.#name, request: text });
      text = '';
      this.#answer(socket, this.#next());
    });
  }

  #answer(socket: Socket, manner: Manner): void {
    switch (manner) {
      case 'closes':
      case 'hangs up':
        socket.end();
        return;
      case 'resets':
        socket.resetAndDestroy();
        return;
      case 'is silent':
        return;
      case 'junk':
        socket.end('This is no HTTP.\r\n\r\n');
        return;
      case 'half a head':
        socket.end('HTTP/1.1 200 OK\r\nContent-Le');
        return;
      case 'interim, closes':
        socket.end('HTTP/1.1 103 Early\r\nX-Early: yes\r\n\r\n');
        return;
      case 'half a body':
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
        return;
      default:
        socket.write(answerOf(manner, `${manner} from ${this.#name}`));
    }
  }
}
