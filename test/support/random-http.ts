/**
 * Clients and servers that speak HTTP/1.1 with bodies whose every byte follows from its position, and misbehave as a seed
 * says: what comes out at the other end can be checked to the byte, whatever the network did to it.
 */
import type { SeededRandom } from './random.ts';
import type { Peer } from './simulated-network.ts';

/** Byte `i` of body `id`. */
export function patternByte(id: number, i: number): number {
  return (Math.imul(i, 31) + Math.imul(id, 17) + (i >>> 8)) & 0xff;
}

export function patternBody(id: number, length: number): Buffer {
  const body = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) body[i] = patternByte(id, i);
  return body;
}

/** The body in its framing; chunks of sizes that the seed says. */
export function framed(random: SeededRandom, body: Buffer, chunked: boolean): Buffer {
  if (!chunked) return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const length = Math.min(body.length - at, 1 + random.size(8191));
    parts.push(Buffer.from(`${length.toString(16)}\r\n`), body.subarray(at, at + length), Buffer.from('\r\n'));
    at += length;
  }
  parts.push(Buffer.from('0\r\n\r\n'));
  return Buffer.concat(parts);
}

export function framing(chunked: boolean, length: number): string {
  return chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
}

export interface Message {
  /** Start line and fields, without the blank line. */
  readonly head: string;
  readonly body: Buffer;
}

/** Takes messages out of a stream of bytes as they become complete. An independent, unhurried reader. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);
  /** The message has no body whatever its head says. */
  bodyless: (head: string) => boolean = () => false;

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** Whatever of a message has come. */
  get partial(): Buffer {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  next(): Message | null {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.#bytes.toString('latin1', 0, end);
    const at = end + 4;
    if (this.bodyless(head)) return this.#take(head, at, Buffer.alloc(0));
    if (/^transfer-encoding: chunked/im.test(head)) return this.#chunked(head, at);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#bytes.length < at + length) return null;
    return this.#take(head, at + length, this.#bytes.subarray(at, at + length));
  }

  #chunked(head: string, from: number): Message | null {
    const parts: Buffer[] = [];
    for (let at = from; ; ) {
      const line = this.#bytes.indexOf('\r\n', at);
      if (line < 0) return null;
      const size = Number.parseInt(this.#bytes.toString('latin1', at, line), 16);
      if (Number.isNaN(size)) throw new Error(`not a chunk size: ${this.#bytes.toString('latin1', at, at + 20)}`);
      const end = line + 2 + size;
      if (this.#bytes.length < end + 2) return null;
      parts.push(this.#bytes.subarray(line + 2, end));
      at = end + 2;
      if (size === 0) return this.#take(head, at, Buffer.concat(parts));
    }
  }

  #take(head: string, end: number, body: Buffer): Message {
    this.#bytes = this.#bytes.subarray(end);
    return { head, body };
  }
}

/** What a request asks of the server, in its path: `/id/requestBytes/responseBytes/kind`. */
export function pathOf(id: number, requestBytes: number, responseBytes: number, kind: string): string {
  return `/${id}/${requestBytes}/${responseBytes}/${kind}`;
}

export interface Misdeeds {
  /** Of 1000 requests. */
  readonly resetsBefore: number;
  readonly resetsWithin: number;
  readonly closesAfter: number;
  readonly interim: number;
}

/** A server that answers as the path says, and checks every body that it gets. */
export class RandomServer {
  readonly #random: SeededRandom;
  readonly #misdeeds: Misdeeds;
  requests = 0;
  /** How often each POST was seen whole: more than once would be a replay. */
  readonly posts = new Map<number, number>();
  readonly wrong: string[] = [];

  constructor(random: SeededRandom, misdeeds: Misdeeds) {
    this.#random = random;
    this.#misdeeds = misdeeds;
  }

  serve(peer: Peer): void {
    const reader = new MessageReader();
    peer.onEnd = () => {
      peer.close();
      peer.onReceived = null;
    };
    peer.onReceived = (chunk) => {
      reader.push(chunk);
      for (let request = reader.next(); request !== null && !peer.closed; request = reader.next()) {
        this.#answer(peer, request);
      }
    };
  }

  #answer(peer: Peer, request: Message): void {
    const random = this.#random;
    this.requests++;
    const match = /^(\S+) \/(\d+)\/(\d+)\/(\d+)\/(\w+) HTTP\/1\.1/.exec(request.head);
    if (match === null) {
      this.wrong.push(`not a request: ${request.head.slice(0, 100)}`);
      return;
    }
    const [method, id, requestBytes, responseBytes] = [match[1] ?? '', ...match.slice(2, 5).map(Number)] as const;
    const kind = match[5];
    if (!request.body.equals(patternBody(id ?? 0, requestBytes ?? 0))) this.wrong.push(`body of request ${id}`);
    if (method === 'POST') this.posts.set(id ?? 0, (this.posts.get(id ?? 0) ?? 0) + 1);
    const chance = random.below(1000);
    const { resetsBefore, resetsWithin, closesAfter, interim } = this.#misdeeds;
    if (chance < resetsBefore) {
      peer.reset();
      return;
    }
    const body = patternBody((id ?? 0) + 1, responseBytes ?? 0);
    const chunked = kind === 'chunked';
    const closing = kind === 'close';
    const early = random.below(1000) < interim ? 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' : '';
    const fields = closing ? 'Connection: close' : framing(chunked, body.length);
    const head = Buffer.from(`${early}HTTP/1.1 200 OK\r\nX-Id: ${id}\r\n${fields}\r\n\r\n`);
    const content = method === 'HEAD' ? Buffer.alloc(0) : framed(random, body, chunked);
    const answer = Buffer.concat([head, content]);
    if (chance < resetsBefore + resetsWithin) {
      peer.send(answer.subarray(0, random.below(answer.length)));
      peer.reset();
      return;
    }
    peer.send(answer);
    if (closing || chance < resetsBefore + resetsWithin + closesAfter) peer.close();
  }
}
