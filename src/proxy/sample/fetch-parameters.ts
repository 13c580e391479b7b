/** Parameters of the query: `url_param(name)`. */
import { offsetOf, startsWith } from '../../http1/byte-match.ts';
import { asShort } from './fetch-fields.ts';
import type { MakeFetch } from './fetches.ts';
import { SAMPLE_TEXT, type SampleValue } from './value.ts';

const EQUALS = 61;
const AMPERSAND = 38;
const SEMICOLON = 59;
const QUESTION = 63;
const NONE = -1;

/** One after the other in a list; HAProxy takes `;` for a delimiter too. */
class ParameterWalk {
  readonly #name: Buffer;
  readonly #delimiter: number;
  #at = NONE;

  constructor(name: string, delimiter: number) {
    this.#name = Buffer.from(name);
    this.#delimiter = delimiter;
  }

  begin(at: number): void {
    this.#at = at;
  }

  /** Of the list that ends at `end`. */
  next(value: SampleValue, bytes: Buffer, end: number): boolean {
    const start = this.#name.length === 0 ? this.#first(bytes, end) : this.#named(bytes, end);
    if (start === NONE) return false;
    const stop = this.#delimited(bytes, start, end);
    this.#at = stop;
    value.more = value.iterates && stop < end;
    return value.setRange(SAMPLE_TEXT, bytes, start, stop);
  }

  #delimited(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const byte = bytes[at];
      if (byte === AMPERSAND || byte === SEMICOLON || byte === this.#delimiter) break;
      at++;
    }
    return at;
  }

  #first(bytes: Buffer, end: number): number {
    for (let at = this.#at; at < end; at++) if (bytes[at] === EQUALS) return at + 1;
    return NONE;
  }

  #named(bytes: Buffer, end: number): number {
    const name = this.#name;
    let at = this.#at;
    while (at < end) {
      const equals = at + name.length;
      if (equals >= end) return NONE;
      if (bytes[equals] === EQUALS) {
        if (startsWith(bytes, at, name)) return equals + 1;
        at = equals + 1;
      }
      at = this.#delimited(bytes, at, end) + 1;
    }
    return NONE;
  }
}

const urlParameter: MakeFetch = (args) => {
  const delimiter = args.bytes(1)[0] ?? QUESTION;
  const walk = new ParameterWalk(args.text(0), delimiter);
  return (scope, value) => {
    const head = scope.requestHead;
    if (head === null) return false;
    const bytes = scope.requestBytes;
    if (!value.continues) {
      const at = offsetOf(bytes, delimiter, head.targetStart, head.targetEnd);
      if (at === head.targetEnd) return false;
      walk.begin(at + 1);
    }
    return walk.next(value, bytes, head.targetEnd);
  };
};

export const PARAMETER_FETCHES: Readonly<Record<string, MakeFetch>> = {
  url_param: urlParameter,
  urlp_val: asShort(urlParameter),
};
