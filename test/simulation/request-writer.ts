/** Requests of every kind, good and bad, several behind each other, and where each of them ends. */
import {
  BAD_BODY,
  BAD_HEAD,
  CHUNKED,
  CLOSES,
  DIRECT,
  EXPECTS,
  HEAD,
  OLD,
  POST,
  PUT,
  type Requests,
  requestBody,
  SENT,
  UPGRADES,
} from './requests.ts';
import type { Entrance, Stage } from './stage.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** By the method's number. */
const STARTS = ['GET /', 'HEAD /', 'POST /', 'PUT /', 'DELETE /'].map(latin1);
const VERSION_11 = latin1(' HTTP/1.1\r\nHost: simulated\r\n');
const VERSION_10 = latin1(' HTTP/1.0\r\n');
const LENGTH = latin1('Content-Length: ');
const CRLF = latin1('\r\n');
const IS_CHUNKED = latin1('Transfer-Encoding: chunked\r\n');
const LAST_CHUNK = latin1('0\r\n\r\n');
const LAST_CHUNK_AND_TRAILER = latin1('0\r\nX-Trailer: 1\r\n\r\n');
const EXTENSION = latin1(';a="b"');
const EXPECT = latin1('Expect: 100-continue\r\n');
const CLOSE = latin1('Connection: close\r\n');
const KEEP_ALIVE = latin1('Connection: keep-alive\r\n');
const UPGRADE = latin1('Connection: upgrade\r\nUpgrade: simulated\r\n');
const FILL = latin1('X-Fill: ');
const OTHER_COOKIE = latin1('Cookie: other=1\r\n');

/** What makes a head one that nobody may pass on (RFC 9112 5.1, 5.2, 6.3; RFC 9110 5.5, 7.2). */
const BAD_FIELDS = [
  'Content-Length: 5\r\nContent-Length: 6\r\n',
  'Content-Length: 5, 6\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Host: other\r\n',
  'Name : value\r\n',
  'Name\r\n',
  'N\u0000ame: value\r\n',
  'Name: va\u0000lue\r\n',
  ': value\r\n',
].map(latin1);
const BAD_SIZES = ['x\r\n', '-1\r\n', '\r\n', '0x5\r\n', 'fffffffffffffffff\r\n', '5 5\r\n'].map(latin1);

const SMALL_BYTES = 200;
const MEDIUM_BYTES = 6_000;
const LARGE_BYTES = 40_000;
const HUGE_BYTES = 250_000;

export class RequestWriter {
  readonly #stage: Stage;
  #entrance: Entrance | null = null;
  /** Requests of this batch, and where they end. */
  readonly #ids: number[] = [];
  readonly #ends: number[] = [];
  /** The request whose body was not written, because its client asks first; -1: none. */
  heldBack = -1;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get bytes(): Buffer {
    return this.#stage.writer.bytes;
  }

  get length(): number {
    return this.#stage.writer.length;
  }

  begin(entrance: Entrance): void {
    this.#entrance = entrance;
    this.#stage.writer.begin();
    this.#ids.length = 0;
    this.#ends.length = 0;
    this.heldBack = -1;
  }

  /** So many bytes were sent of what was written. */
  noteSent(length: number): void {
    const { requests } = this.#stage;
    for (let i = 0; i < this.#ids.length; i++) {
      const id = this.#ids[i] as number;
      if ((this.#ends[i] as number) <= length && id !== this.heldBack) requests.note(id, SENT);
    }
  }

  /** Another request, and its number. `last`: its client will ask nothing more. `mayWait`: its body may come later. */
  write(last: boolean, mayWait: boolean): number {
    const { random, manners, requests, writer } = this.#stage;
    const entrance = this.#entrance as Entrance;
    const share = (of: number): boolean => random.below(1000) < of;
    const method = methodOf(random.below(100));
    let facts = entrance.http ? 0 : DIRECT;
    const hasBody = method === POST || method === PUT;
    if (share(manners.old)) facts |= random.below(2) === 0 ? OLD : OLD | CLOSES;
    if (hasBody && (facts & OLD) === 0 && random.below(2) === 0) facts |= CHUNKED;
    if (last && share(manners.closes)) facts |= CLOSES;
    if (share(manners.bad) && entrance.http && last && (facts & OLD) === 0)
      facts |= random.below(3) === 0 && hasBody ? BAD_BODY : BAD_HEAD;
    if ((facts & BAD_BODY) !== 0) facts |= CHUNKED;
    if (hasBody && mayWait && (facts & (OLD | BAD_HEAD | BAD_BODY)) === 0 && share(manners.expects)) facts |= EXPECTS;
    if (last && method === 0 && (facts & (OLD | BAD_HEAD | CLOSES)) === 0 && share(manners.upgrades)) facts |= UPGRADES;
    if ((facts & (OLD | CHUNKED)) === (OLD | CHUNKED)) facts &= ~OLD;
    const sends = hasBody || (facts & UPGRADES) !== 0;
    const requestBytes = sends ? this.#size() : 0;
    // Without a body its head is all of it.
    if (requestBytes === 0 && (facts & CHUNKED) === 0) facts &= ~EXPECTS;
    const id = requests.add(method, facts, requestBytes, this.#size());
    writer.put(STARTS[method] as Buffer);
    writer.id(id);
    writer.put((facts & OLD) !== 0 ? VERSION_10 : VERSION_11);
    this.#fields(id, facts, hasBody, requests);
    writer.put(CRLF);
    if (hasBody && (facts & BAD_HEAD) === 0) {
      if ((facts & EXPECTS) !== 0) this.heldBack = id;
      else this.writeBody(id);
    }
    this.#ids.push(id);
    this.#ends.push(writer.length);
    return id;
  }

  #fields(id: number, facts: number, hasBody: boolean, requests: Requests): void {
    const { random, manners, writer } = this.#stage;
    const { cookies, headBytes } = this.#entrance as Entrance;
    if (random.below(1000) < manners.largeHeads) {
      // In calm weather it fits, with what is added to it.
      const room = manners.mood === 2 ? headBytes + 200 : headBytes - 500;
      writer.put(FILL);
      writer.fill(0x66, random.below(Math.max(1, room)));
      writer.put(CRLF);
    }
    if (random.below(1000) < manners.cookies) {
      const cookie = cookies.length === 0 ? undefined : cookies[random.below(cookies.length)];
      writer.put(cookie === undefined ? OTHER_COOKIE : cookie.field);
      if (cookie !== undefined) requests.cookie[id] = cookie.server;
    }
    if ((facts & BAD_HEAD) !== 0) {
      writer.put(BAD_FIELDS[random.below(BAD_FIELDS.length)] as Buffer);
      return;
    }
    if ((facts & CHUNKED) !== 0) writer.put(IS_CHUNKED);
    else if (hasBody) {
      writer.put(LENGTH);
      writer.decimal(requests.requestBytes[id] as number);
      writer.put(CRLF);
    }
    if ((facts & EXPECTS) !== 0) writer.put(EXPECT);
    if ((facts & UPGRADES) !== 0) writer.put(UPGRADE);
    else if ((facts & CLOSES) !== 0) {
      if ((facts & OLD) === 0) writer.put(CLOSE);
    } else if ((facts & OLD) !== 0) writer.put(KEEP_ALIVE);
  }

  /** Only the body, of one that was held back or in its place. */
  writeBody(id: number): void {
    const { random, requests, writer } = this.#stage;
    const total = requests.requestBytes[id] as number;
    const body = requestBody(id);
    if (!requests.is(id, CHUNKED)) {
      writer.body(body, 0, total);
      return;
    }
    const bad = requests.is(id, BAD_BODY);
    const breaksAt = bad ? random.below(total + 1) : total;
    let at = 0;
    while (at < breaksAt) {
      const length = Math.min(breaksAt - at, 1 + random.size(4000));
      writer.hex(length);
      if (!requests.is(id, DIRECT) && random.below(16) === 0) writer.put(EXTENSION);
      writer.put(CRLF);
      writer.body(body, at, at + length);
      writer.put(CRLF);
      at += length;
    }
    if (bad) writer.put(BAD_SIZES[random.below(BAD_SIZES.length)] as Buffer);
    else writer.put(random.below(8) === 0 ? LAST_CHUNK_AND_TRAILER : LAST_CHUNK);
  }

  #size(): number {
    const { random } = this.#stage;
    const chance = random.below(1000);
    if (chance < 700) return random.below(SMALL_BYTES);
    if (chance < 960) return random.size(MEDIUM_BYTES);
    return random.size(chance < 997 ? LARGE_BYTES : HUGE_BYTES);
  }
}

function methodOf(chance: number): number {
  if (chance < 55) return 0;
  if (chance < 63) return HEAD;
  if (chance < 83) return POST;
  return chance < 95 ? PUT : 4;
}
