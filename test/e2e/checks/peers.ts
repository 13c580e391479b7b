/** Servers that say what they are told to, for checks: right and wrong answers, in pieces, cut off, not at all. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface CheckScript {
  /** Said at once. */
  readonly hello?: string;
  /** Said to each piece that arrives, in this order; the last again and again. */
  readonly answers?: readonly string[];
  /** One byte after the other. */
  readonly inPieces?: true;
  /** After the first thing that was said, or asked if there is nothing to say. */
  readonly ending?: 'close' | 'reset';
}

export class CheckPeer {
  readonly port: number;
  /** What was said on each connection, from its beginning to its end. */
  readonly requests = new Set<string>();
  readonly #server: Server;
  readonly #script: CheckScript;
  readonly #sockets = new Set<Socket>();
  readonly #saying = new WeakMap<Socket, Promise<void>>();

  private constructor(server: Server, port: number, script: CheckScript) {
    this.#server = server;
    this.port = port;
    this.#script = script;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(script: CheckScript): Promise<CheckPeer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return new CheckPeer(server, address.port, script);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    const { hello, answers = [] } = this.#script;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    if (hello !== undefined) this.#say(socket, hello);
    let count = 0;
    let asked = '';
    socket.on('close', () => this.requests.add(asked));
    socket.on('data', (chunk: Buffer) => {
      asked += chunk.toString('latin1');
      const answer = answers[Math.min(count++, answers.length - 1)];
      if (answer !== undefined) this.#say(socket, answer);
      else if (hello === undefined) this.#finish(socket);
    });
    socket.on('end', () => socket.end());
  }

  /** In pieces: one after the other. */
  #say(socket: Socket, text: string): void {
    const before = this.#saying.get(socket) ?? Promise.resolve();
    this.#saying.set(
      socket,
      before.then(() => new Promise((said) => this.#speak(socket, text, said))),
    );
  }

  #speak(socket: Socket, text: string, said: () => void): void {
    const bytes = Buffer.from(text, 'latin1');
    if (this.#script.inPieces !== true) {
      socket.write(bytes, () => this.#finish(socket));
      said();
      return;
    }
    const next = (at: number): void => {
      if (at >= bytes.length) {
        this.#finish(socket);
        said();
      } else if (socket.destroyed) said();
      else socket.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
    };
    next(0);
  }

  #finish(socket: Socket): void {
    if (this.#script.ending === 'close') socket.end();
    if (this.#script.ending === 'reset') socket.resetAndDestroy();
  }
}

const OK = 'HTTP/1.1 200 OK\r\n';
const HELLO = `${OK}X-State: ready\r\nX-List: a,b\r\nContent-Length: 5\r\n\r\nhello`;
const MYSQL_GREETING = packet('\x0a5.5.5-10.4.32-MariaDB\0\x01\x02\x03\x04abcdefgh\0', 0);
const LDAP_BIND = '\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00';

function packet(text: string, sequence: number): string {
  return String.fromCharCode(text.length & 0xff, text.length >> 8, 0, sequence) + text;
}

/** By the name of the server: those that everybody meets. */
export const ODD_PEERS: Readonly<Record<string, CheckScript>> = {
  silent: {},
  closes: { ending: 'close' },
  resets: { ending: 'reset' },
  garbage: { answers: ['\x00\xff"blah", <blah>\r\n\r\n'] },
  /** More than a buffer holds. */
  endless: { answers: ['x'.repeat(20_000)] },
};

export const LINE_PEERS: Readonly<Record<string, CheckScript>> = {
  pong: { answers: ['+PONG\r\n'] },
  pong_pieces: { answers: ['+PONG\r\n'], inPieces: true },
  pong_closes: { answers: ['+PONG\r\n'], ending: 'close' },
  pong_resets: { answers: ['+PONG\r\n'], ending: 'reset' },
  error: { answers: ['-ERR not "now"\r\n'] },
  error_closes: { answers: ['-ERR later\r\n'], ending: 'close' },
  once: { answers: ['+PONG\r\n', '-ERR enough\r\n'] },
};

export const HTTP_PEERS: Readonly<Record<string, CheckScript>> = {
  http: { answers: [HELLO] },
  http_pieces: { answers: [HELLO], inPieces: true },
  http_closes: { answers: ['HTTP/1.0 200 OK\r\nX-State: gone, ready\r\n\r\nhello'], ending: 'close' },
  http_chunked: { answers: [`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`] },
  http_missing: { answers: ['HTTP/1.1 404 Not "Found" <X>\r\nContent-Length: 4\r\n\r\ngone'] },
  http_broken: { answers: ['HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n'] },
  http_empty: { answers: ['HTTP/1.1 204 No Content\r\n\r\n'] },
  http_cut: { answers: [`${OK}Content-Length: 9\r\n\r\nhel`], ending: 'close' },
  http_cut_head: { answers: [`${OK}Content-Len`], ending: 'close' },
  http_part: { answers: [`${OK}Content-Length: 9\r\n\r\nhel`] },
  http_lies: { answers: [`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`] },
  http_bad_name: { answers: [`${OK}X State: ready\r\nContent-Length: 5\r\n\r\nhello`] },
  http_interim: { answers: [`HTTP/1.1 100 Continue\r\n\r\n${HELLO}`] },
};

export const PROTOCOL_PEERS: Readonly<Record<string, CheckScript>> = {
  tls: { answers: ['\x15\x03\x00\x00\x02\x02\x28'] },
  smtp: { hello: '220 mail.example.org ready\r\n', answers: ['250 hello you\r\n', '221 bye\r\n'] },
  smtp_lines: { hello: '220 mail\r\n', answers: ['250-hello\r\n250 you\r\n', '221 bye\r\n'] },
  smtp_busy: { hello: '421 too "busy"\r\n' },
  smtp_refuses: { hello: '220 mail\r\n', answers: ['550  not you\r\n'] },
  mysql: { hello: MYSQL_GREETING, answers: [packet('\x00\x00\x00\x02\x00\x00\x00', 2)] },
  mysql_pieces: { hello: MYSQL_GREETING, answers: [packet('\x00\x00\x00\x02\x00\x00\x00', 2)], inPieces: true },
  mysql_blocked: { hello: packet("\xff\x69\x04Host 'x' is not allowed", 0), ending: 'close' },
  mysql_denied: { hello: MYSQL_GREETING, answers: [packet("\xff\x15\x04#28000Access denied for user 'haproxy'", 2)] },
  pgsql: { answers: ['R\0\0\0\x0c\0\0\0\x05abcd'] },
  pgsql_open: { answers: ['R\0\0\0\x08\0\0\0\0'] },
  pgsql_refuses: { answers: ['E\0\0\0\x62SFATAL\0C28000\0Mno such role\0\0'] },
  ldap: { answers: [LDAP_BIND] },
  ldap_pieces: { answers: [LDAP_BIND], inPieces: true },
  ldap_long: { answers: ['\x30\x84\x00\x00\x00\x10\x02\x01\x01\x61\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00'] },
  ldap_refuses: { answers: ['\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00'] },
};
