/** Answers of every kind. */
import { retryBit } from '../../src/proxy/retry-on.ts';
import { CUT_WHOLE, DIRECT, HEAD, OLD, responseBody } from './requests.ts';
import type { Stage } from './stage.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const OK = latin1('HTTP/1.1 200 OK\r\nX-Id: ');
/** `retry-on` may know their statuses. */
const FAILING = [401, 404, 408, 500, 503].map((status) => ({
  line: latin1(`HTTP/1.1 ${status} Failed\r\nX-Id: `),
  bit: retryBit(status),
}));
const NO_CONTENT = latin1('HTTP/1.1 204 No Content\r\nX-Id: ');
const NOT_MODIFIED = latin1('HTTP/1.1 304 Not Modified\r\nX-Id: ');
const LENGTH = latin1('Content-Length: ');
const IS_CHUNKED = latin1('Transfer-Encoding: chunked\r\n');
const CLOSE = latin1('Connection: close\r\n');
const KEEP_ALIVE = latin1('Connection: keep-alive\r\n');
const CRLF = latin1('\r\n');
const LAST_CHUNK = latin1('0\r\n\r\n');
const EXTENSION = latin1(';a="b"');
const EARLY_HINTS = latin1('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');
const CONTINUE = latin1('HTTP/1.1 100 Continue\r\n\r\n');
const SWITCHING = latin1('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: simulated\r\n\r\n');

/** What no client may ever see: X-Bad marks it. */
const GARBAGE = [
  'HTTP/1.1 200 OK\r\nX-Bad: 1\r\nContent-Length: 2\r\n\r\nno',
  'HTTP/1.1 408 Late\r\nX-Bad: 1\r\n\r\n',
].map(latin1);
const MALFORMED = [
  'HTTP/1.1 200 OK\r\nX-Bad: 1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  'HTTP/1.1 20 OK\r\nX-Bad: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-Bad: 1\r\nContent-Length: -1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-Bad: 1\r\nName\r\n\r\n',
  'HTP/1.1 200 OK\r\nX-Bad: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-Bad: \u0000\r\n\r\n',
  'hello\r\n\r\n',
].map(latin1);

export class ResponseWriter {
  readonly #stage: Stage;
  /** The end of what was written is the end of the connection. */
  closes = false;
  /** Nothing but the end of the connection tells the end of the answer. */
  untilClose = false;
  /** Where the body begins. */
  bodyAt = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** The whole answer to a request. `mustClose`: it is the last one. */
  write(id: number, mustClose: boolean, keepAlive: boolean): void {
    const { random, manners, requests, writer } = this.#stage;
    const share = (of: number): boolean => random.below(1000) < of;
    writer.begin();
    if (share(manners.interim) && !requests.is(id, OLD)) writer.put(EARLY_HINTS);
    const direct = requests.is(id, DIRECT);
    const total = requests.responseBytes[id] as number;
    const bodyless = share(manners.bodyless);
    const chunked = !bodyless && share(manners.chunked) && !(direct && requests.is(id, OLD));
    this.untilClose = !bodyless && !chunked && share(manners.untilClose) && requests.method[id] !== HEAD;
    this.closes = mustClose || this.untilClose || share(manners.announcedCloses);
    if (bodyless) writer.put(random.below(2) === 0 ? NO_CONTENT : NOT_MODIFIED);
    else if (share(manners.failing)) {
      const { line, bit } = FAILING[random.below(FAILING.length)] as { line: Buffer; bit: number };
      requests.fail(id, bit);
      writer.put(line);
    } else writer.put(OK);
    writer.id(id);
    writer.put(CRLF);
    if (chunked) writer.put(IS_CHUNKED);
    else if (!this.untilClose && !bodyless) {
      writer.put(LENGTH);
      writer.decimal(total);
      writer.put(CRLF);
    }
    if (this.closes) {
      // Without a length the end is announced already.
      if (!this.untilClose || random.below(2) === 0) writer.put(CLOSE);
    } else if (keepAlive) writer.put(KEEP_ALIVE);
    writer.put(CRLF);
    this.bodyAt = writer.length;
    if (bodyless || requests.method[id] === HEAD) return;
    if (chunked) this.#chunks(id, total, direct);
    else writer.body(responseBody(id), 0, total);
  }

  #chunks(id: number, total: number, direct: boolean): void {
    const { random, writer } = this.#stage;
    let at = 0;
    while (at < total) {
      const length = Math.min(total - at, 1 + random.size(8000));
      writer.hex(length);
      if (!direct && random.below(16) === 0) writer.put(EXTENSION);
      writer.put(CRLF);
      writer.body(responseBody(id), at, at + length);
      writer.put(CRLF);
      at += length;
    }
    writer.put(LAST_CHUNK);
  }

  /** A FIN after `length` bytes looks as if all had been said. */
  noteCut(id: number, length: number): void {
    const { requests } = this.#stage;
    if (this.untilClose && length >= this.bodyAt) requests.note(id, CUT_WHOLE);
  }

  garbage(): void {
    this.#stage.writer.put(GARBAGE[this.#stage.random.below(GARBAGE.length)] as Buffer);
  }

  malformed(): void {
    this.#stage.writer.begin();
    this.#stage.writer.put(MALFORMED[this.#stage.random.below(MALFORMED.length)] as Buffer);
  }

  goOn(): void {
    this.#stage.writer.begin();
    this.#stage.writer.put(CONTINUE);
  }

  switching(): void {
    this.#stage.writer.begin();
    this.#stage.writer.put(SWITCHING);
  }
}
