/**
 * llhttp, the parser inside Node, as a second reader of the same bytes: what messages it sees, with all of its strictness.
 *
 * It comes with Node's private `_http_common`, because `http.createServer` would add rules of its own and an event loop.
 *
 * Not here: what it means when it disagrees (differences.ts).
 */
import { createRequire } from 'node:module';

export interface LlhttpMessage {
  /** Requests only. */
  readonly method: string;
  readonly url: string;
  /** Responses only. */
  readonly status: number;
  readonly reason: string;
  readonly minor: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  body: string;
  trailers: (readonly [name: string, value: string])[];
  /** The end of the message was seen. */
  complete: boolean;
  readonly upgrade: boolean;
}

export interface LlhttpReading {
  readonly messages: readonly LlhttpMessage[];
  /** `HPE_…: reason`, or null. */
  readonly error: string | null;
}

interface Parser {
  initialize(type: number, resource: object, maxHeaderSize: number, leniency: number): void;
  execute(bytes: Buffer): number | (Error & { code: string; reason: string });
  finish(): undefined | number | (Error & { code: string; reason: string });
  [callback: number]: unknown;
}

interface ParserClass {
  new (): Parser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kLenientNone: number;
  readonly kOnMessageBegin: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const load = createRequire(import.meta.url);
const { HTTPParser } = load('_http_common') as { HTTPParser: ParserClass };
const MAX_HEAD_BYTES = 1 << 20;
const SKIP_BODY = 1;

const pairs = (flat: readonly string[]): (readonly [string, string])[] => {
  const list: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) list.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return list;
};

export class Llhttp {
  readonly #parser = new HTTPParser();
  #messages: LlhttpMessage[] = [];
  #flushed: string[] = [];
  #url = '';
  #skipBody = false;
  readonly #methods = new Map<number, string>();
  #probed = -1;

  constructor() {
    const parser = this.#parser;
    parser[HTTPParser.kOnMessageBegin] = () => {
      this.#flushed = [];
      this.#url = '';
    };
    // Many fields come in parts, and trailers come this way only.
    parser[HTTPParser.kOnHeaders] = (flat: string[], url: string) => {
      this.#flushed.push(...flat);
      this.#url += url;
    };
    parser[HTTPParser.kOnHeadersComplete] = (
      _major: number,
      minor: number,
      flat: string[] | undefined,
      method: number | undefined,
      url: string,
      status: number | undefined,
      reason: string | undefined,
      upgrade: boolean,
    ) => {
      const fields = pairs([...this.#flushed, ...(flat ?? [])]);
      this.#flushed = [];
      this.#probed = method ?? -1;
      this.#messages.push({
        method: this.#methods.get(method ?? -1) ?? '',
        url: url ?? this.#url,
        status: status ?? 0,
        reason: reason ?? '',
        minor,
        fields,
        body: '',
        trailers: [],
        complete: false,
        upgrade,
      });
      return this.#skipBody ? SKIP_BODY : 0;
    };
    parser[HTTPParser.kOnBody] = (bytes: Buffer) => {
      const message = this.#messages.at(-1);
      if (message !== undefined) message.body += bytes.toString('latin1');
    };
    parser[HTTPParser.kOnMessageComplete] = () => {
      const message = this.#messages.at(-1);
      if (message === undefined) return;
      message.complete = true;
      message.trailers = pairs(this.#flushed);
      this.#flushed = [];
    };
    this.#learnMethods();
  }

  requests(bytes: string): LlhttpReading {
    return this.#read(HTTPParser.REQUEST, bytes, false, false);
  }

  /** `ended`: no byte will follow. `noBody`: it answers HEAD. */
  responses(bytes: string, ended: boolean, noBody = false): LlhttpReading {
    return this.#read(HTTPParser.RESPONSE, bytes, ended, noBody);
  }

  /** Whether it has this method at all: its list is closed. */
  knowsMethod(method: string): boolean {
    return [...this.#methods.values()].includes(method);
  }

  #read(type: number, bytes: string, ended: boolean, noBody: boolean): LlhttpReading {
    const parser = this.#parser;
    this.#messages = [];
    this.#flushed = [];
    this.#skipBody = noBody;
    parser.initialize(type, {}, MAX_HEAD_BYTES, HTTPParser.kLenientNone);
    const result = parser.execute(Buffer.from(bytes, 'latin1'));
    let error = result instanceof Error ? `${result.code}: ${result.reason}` : null;
    if (error === null && ended) {
      const end = parser.finish();
      if (end instanceof Error) error = `${end.code}: ${end.reason}`;
    }
    return { messages: this.#messages, error };
  }

  /** Numbers of methods are private to a version: each name that it may know is tried. */
  #learnMethods(): void {
    for (const name of METHOD_NAMES) {
      this.#probed = -1;
      // CONNECT has another form of target.
      this.requests(`${name} ${name === 'CONNECT' ? 'a:1' : '/'} HTTP/1.1\r\nHost: a\r\n\r\n`);
      if (this.#probed >= 0) this.#methods.set(this.#probed, name);
    }
  }
}

const METHOD_NAMES = (
  'ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY ' +
  'OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK ' +
  'UNLOCK UNSUBSCRIBE'
).split(' ');
