/**
 * A client of a world: requests, each when the answer to the one before has come, or several at once. It ends when it has
 * nothing more to say and the proxy has not ended before.
 *
 * Not here: what servers do (origin.ts), what is compared (transcript.ts).
 */
import { connect, type Socket } from 'node:net';
import { readMessage } from '../hostile/strict-http.ts';
import { keyLine, type Origin, resetOrClose } from './origin.ts';
import type { Client, Request } from './world.ts';

export interface Heard {
  readonly raw: string;
  /** How many answers came before the client ended its side. */
  readonly answers: number;
  readonly ended: 'by the proxy' | 'by the client' | 'reset' | 'never';
  readonly methods: readonly string[];
}

export interface ClientPlace {
  /** Of the frontend: an address and a port, or a path. */
  readonly to: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly from: string;
}

const methodOf = (request: Request): string => request.startLine.split(' ')[0] ?? '';
const isLast = (request: Request | undefined): boolean => request === undefined || !request.pipelined;

export class ClientRun {
  readonly #client: Client;
  readonly #key: string;
  readonly #origin: Origin | undefined;
  readonly #deadline: AbortSignal;
  readonly #socket: Socket;
  #raw = '';
  #read = 0;
  #answers = 0;
  #over = false;
  #reset = false;
  #closed = false;
  #saysClose = false;
  readonly #methods: string[] = [];
  readonly #jar = new Map<string, string>();
  #wake: () => void = () => undefined;

  /** `key`: world and client. */
  constructor(place: ClientPlace, client: Client, key: string, origin: Origin | undefined, deadline: AbortSignal) {
    this.#client = client;
    this.#key = key;
    this.#origin = origin;
    this.#deadline = deadline;
    const options = 'path' in place.to ? place.to : { ...place.to, localAddress: place.from };
    this.#socket = connect({ ...options, allowHalfOpen: true, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#raw += chunk.toString('latin1');
      this.#take();
      this.#wake();
    });
    this.#socket.on('error', () => {
      this.#reset = true;
    });
    this.#socket.on('connect', () => this.#wake());
    this.#socket.on('end', () => {
      this.#over = true;
      this.#wake();
    });
    this.#socket.on('close', () => {
      this.#over = true;
      this.#closed = true;
      this.#wake();
    });
    deadline.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** All requests; with `hold` it is still there afterwards, see `leave`. */
  async run(): Promise<void> {
    const { requests, ending } = this.#client;
    for (let at = 0; at < requests.length && !this.#over && !this.#saysClose; ) {
      let text = '';
      let last = at;
      for (; ; last++) {
        const request = requests[last];
        if (request === undefined) break;
        text += this.#textOf(request, last);
        if (isLast(requests[last])) break;
      }
      const final = requests[Math.min(last, requests.length - 1)];
      this.#socket.write(text, 'latin1');
      at = last + 1;
      if (final === undefined) break;
      if (final.expects) await this.#sendExpected(final, Math.min(last, requests.length - 1) + 1);
      if (at >= requests.length && ending !== 'end') {
        const before = this.#answers;
        const answered = new AbortController();
        const either = AbortSignal.any([this.#deadline, answered.signal]);
        const arrived = this.#origin?.arrived(`${this.#key}-${requests.length - 1}`, either);
        await Promise.race([arrived, this.#until(() => this.#over || this.#answers > before)]);
        answered.abort();
        return;
      }
      await this.#until(() => this.#over || this.#answers >= at);
    }
  }

  /** Ends its side, or waits for the end that was announced; `settled`: when the proxy has done what it was about to do. */
  async leave(settled: () => Promise<void> = async () => undefined): Promise<Heard> {
    await settled();
    const before = this.#answers;
    const byProxy = this.#over || this.#saysClose;
    if (this.#client.ending === 'leave' && !this.#closed) {
      await this.#connected();
      resetOrClose(this.#socket);
    } else if (!byProxy) this.#socket.end();
    await this.#until(() => this.#over);
    const ended = this.#over ? (this.#reset ? 'reset' : byProxy ? 'by the proxy' : 'by the client') : 'never';
    this.#socket.destroy();
    await this.#until(() => this.#closed);
    return { raw: this.#raw, answers: before, ended, methods: this.#methods };
  }

  /** A client that is held gets its answer before it leaves. */
  async answered(): Promise<void> {
    await this.#until(() => this.#over || this.#answers >= this.#client.requests.length);
  }

  async #connected(): Promise<void> {
    if (this.#socket.connecting) await this.#until(() => this.#over || !this.#socket.connecting);
  }

  async #sendExpected(request: Request, answers: number): Promise<void> {
    const continued = (): boolean => /^HTTP\/1\.[01] 100 /.test(this.#raw.slice(this.#read));
    await this.#until(() => this.#over || this.#answers >= answers || continued());
    if (!this.#over && this.#answers < answers) this.#socket.write(request.body, 'latin1');
    // Whoever is answered without having been asked for its body cannot go on.
    else this.#saysClose = true;
  }

  #textOf(request: Request, index: number): string {
    this.#methods.push(methodOf(request));
    const cookies = [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const lines = [request.startLine, ...request.headers];
    if (request.jar && cookies !== '') lines.push(`Cookie: ${cookies}`);
    lines.push(keyLine(`${this.#key}-${index}`));
    return `${lines.join('\r\n')}\r\n\r\n${request.expects ? '' : request.body}`;
  }

  /** Counts the final answers that are there. */
  #take(): void {
    for (;;) {
      const rest = this.#raw.slice(this.#read);
      const message = readMessage(rest, false, false, this.#methods[this.#answers] === 'HEAD');
      if (message.kind !== 'complete') return;
      const status = Number(message.startLine.slice(9, 12));
      // 100 is still looked for (see sendExpected): it is read with what follows it.
      if (status === 100 && message.end === rest.length) return;
      this.#read += message.end;
      if (status < 200) continue;
      this.#answers++;
      for (const [name, value] of message.fields) {
        if (name.toLowerCase() === 'connection' && /\bclose\b/i.test(value)) this.#saysClose = true;
        const cookie = name.toLowerCase() === 'set-cookie' ? /^([^=;]+)=([^;]*)/.exec(value) : null;
        if (cookie !== null) this.#jar.set(cookie[1] ?? '', cookie[2] ?? '');
      }
      if (message.startLine.startsWith('HTTP/1.0') && !/^connection: *keep-alive/im.test(rest.slice(0, message.end)))
        this.#saysClose = true;
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
