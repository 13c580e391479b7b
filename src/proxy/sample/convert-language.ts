/** `language(list,default)`: of the languages of an Accept-Language field the one that is liked best (RFC 9110 12.5.4). */
import { startsWith } from '../../http1/byte-match.ts';
import type { Converter } from './converters.ts';
import { SAMPLE_TEXT, type SampleValue } from './value.ts';

const COMMA = 44;
const SEMICOLON = 59;
const EQUALS = 61;
const HYPHEN = 45;
const DOT = 46;
const LETTER_Q = 113;
const BEST = 1000;

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);
}

/** A reader of the field: HAProxy goes on with the next part where one is not what it should be. */
class Preferences {
  quality = 0;
  start = 0;
  end = 0;
  #at = 0;
  readonly #value: SampleValue;

  constructor(value: SampleValue) {
    this.#value = value;
    this.#at = value.start;
  }

  /** The next range and its quality; false: the end. */
  next(): boolean {
    const { bytes, end } = this.#value;
    this.#skip();
    if (this.#at >= end) return false;
    this.start = this.#at;
    while (this.#at < end && !isSpace(bytes[this.#at]) && bytes[this.#at] !== SEMICOLON && bytes[this.#at] !== COMMA) {
      this.#at++;
    }
    this.end = this.#at;
    this.quality = this.end === this.start ? 0 : this.#quality();
    while (this.#at < end && bytes[this.#at] !== COMMA) this.#at++;
    this.#at++;
    return true;
  }

  #skip(): void {
    while (this.#at < this.#value.end && isSpace(this.#value.bytes[this.#at])) this.#at++;
  }

  #eats(byte: number): boolean {
    this.#skip();
    if (this.#at >= this.#value.end || this.#value.bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** In thousandths. */
  #quality(): number {
    const { bytes, end } = this.#value;
    this.#skip();
    if (this.#at >= end || bytes[this.#at] === COMMA) return BEST;
    if (!this.#eats(SEMICOLON)) return 0;
    if (!this.#eats(LETTER_Q) || !this.#eats(EQUALS)) return BEST;
    this.#skip();
    if (this.#at >= end) return BEST;
    return parseQuality(bytes, this.#at, end);
  }
}

/** `0.5`, `1`, `1.000`; more than 1 is 1, and what is no number counts as the best. */
function parseQuality(bytes: Uint8Array, at: number, end: number): number {
  const first = digitAt(bytes, at, end);
  if (first < 0) return BEST;
  let quality = first * BEST;
  if (bytes[at + 1] !== DOT) return Math.min(BEST, quality);
  for (let i = 2, unit = 100; unit >= 1; i++, unit /= 10) {
    const digit = digitAt(bytes, at + i, end);
    if (digit < 0) break;
    quality += digit * unit;
  }
  return Math.min(BEST, quality);
}

function digitAt(bytes: Uint8Array, at: number, end: number): number {
  const digit = (bytes[at] as number) - 48;
  return at < end && digit >= 0 && digit <= 9 ? digit : -1;
}

/** What the client likes is the language itself, or begins with it and a hyphen: `en-GB` gets `en`. */
function matches(range: SampleValue, { start, end }: Preferences, language: Buffer): boolean {
  const { length } = language;
  if (end - start < length || !startsWith(range.bytes, start, language)) return false;
  return end - start === length || range.bytes[start + length] === HYPHEN;
}

export const LANGUAGES: Readonly<Record<string, Converter>> = {
  language: {
    takes: SAMPLE_TEXT,
    make: (args) => {
      const languages = args
        .text(0)
        .split(';')
        .map((language) => Buffer.from(language));
      const otherwise = args.bytes(1);
      return (value) => {
        const preferences = new Preferences(value);
        let best: Buffer = otherwise;
        let quality = 0;
        while (quality < BEST && preferences.next()) {
          if (preferences.quality <= quality) continue;
          const found = languages.find((language) => matches(value, preferences, language));
          if (found === undefined) continue;
          best = found;
          quality = preferences.quality;
        }
        return best.length > 0 && value.setRange(SAMPLE_TEXT, best, 0, best.length);
      };
    },
  },
};
