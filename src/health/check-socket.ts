/**
 * One connection of a check: new each time, never reused. What arrives waits here until it is asked for, and no more is
 * read from the system meanwhile: a server that talks without end costs nothing.
 *
 *   connecting ─▶ (PROXY header) ─▶ connected ─▶ ended | failed
 *
 * Not here: deadlines and what any of it means (rule-run.ts).
 */
import { connect, type Socket } from 'node:net';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { errorText } from '../core/error-text.ts';
import type { ProxyHeaderOptions } from '../core/proxy-header.ts';
import { helloBytes } from './check-hello.ts';

/** `sun_path` of a socket address (unix(7)). */
const UNIX_PATH_BYTES = 108;

export interface CheckSocketSetup {
  readonly address: InetAddress | UnixAddress;
  readonly hello: ProxyHeaderOptions | null;
  /** null: as the kernel likes. */
  readonly localAddress: string | null;
  /** Close it in the usual way; else it is reset, which leaves no TIME_WAIT behind, neither here nor there. */
  readonly linger: boolean;
  /** Something has happened. */
  readonly changed: () => void;
}

export class CheckSocket {
  connected = false;
  /** The server has said its last word; what it said may still be unread. */
  #ended = false;
  /** What the system says of the failure; '' when it says nothing. */
  failure: string | null = null;
  /** Not everything that was sent has left. */
  sending = false;
  readonly #setup: CheckSocketSetup;
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #closed = false;

  constructor(setup: CheckSocketSetup) {
    this.#setup = setup;
    this.#socket = open(setup);
    this.#socket.once('connect', () => this.#established());
    this.#socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    this.#socket.on('end', () => {
      this.#ended = true;
      this.#tell();
    });
    this.#socket.on('error', (error) => {
      this.#fail(error);
      this.#tell();
    });
  }

  get ended(): boolean {
    return this.#ended && this.#unread.length === 0;
  }

  /** Up to `most` bytes of what is there. */
  read(most: number): Buffer {
    const part = this.#unread.subarray(0, most);
    this.#unread = this.#unread.subarray(part.length);
    if (this.#unread.length === 0 && this.#socket.isPaused()) this.#socket.resume();
    return part;
  }

  send(bytes: Buffer): void {
    this.sending = true;
    this.#socket.write(bytes, (error) => {
      this.sending = false;
      // Told here first, and again as an event.
      if (error) this.#fail(error);
      this.#tell();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { address, linger } = this.#setup;
    if (linger || this.#ended || !this.connected || address.family === 'unix') this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #established(): void {
    const { hello } = this.#setup;
    if (hello === null) {
      this.connected = true;
      this.#tell();
      return;
    }
    // Only who has taken the header is connected.
    this.#socket.write(helloBytes(hello, this.#socket), (error) => {
      if (error !== undefined && error !== null) return;
      this.connected = true;
      this.#tell();
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.failure ??= error.errno === undefined ? '' : errorText(-error.errno);
  }

  #arrived(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#tell();
    if (this.#unread.length > 0) this.#socket.pause();
  }

  /** What falls over because the connection is taken away interests nobody. */
  #tell(): void {
    if (!this.#closed) this.#setup.changed();
  }
}

function open({ address, localAddress }: CheckSocketSetup): Socket {
  // A server that has ended may still be told something.
  const options = { allowHalfOpen: true };
  if (address.family !== 'unix') {
    const from = localAddress === null ? {} : { localAddress };
    return connect({ ...options, ...from, host: address.ip, port: address.port, noDelay: true });
  }
  return connect({ ...options, path: address.path.startsWith('@') ? abstractName(address.path) : address.path });
}

/** Filled up with zero bytes, as HAProxy does: Node versions differ in whether they do. */
function abstractName(path: string): string {
  return `\0${path.slice(1)}`.padEnd(UNIX_PATH_BYTES, '\0');
}
