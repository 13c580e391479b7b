/**
 * Text of one line → words, by HAProxy's rules (configuration.txt 2.2 "Quoting and escaping", 2.3 "Environment variables").
 *
 *   outside quotes   space separates · # comments · \ escapes · ' and " open
 *   inside "…"       \ escapes · $VAR ${VAR} ${VAR-default} ${VAR[*]} are replaced
 *   inside '…'       nothing is special
 *
 * There is no line continuation, and a variable outside double quotes is not replaced. Not here: conditional blocks
 * (condition-blocks.ts), files (reader.ts).
 */
import type { Word } from './statement.ts';

/** HAProxy's MAX_LINE_ARGS. */
const MAX_WORDS = 64;

export type Environment = Record<string, string | undefined>;

/** Own variables only: a configuration may well say `${constructor}`. */
export function readVariable(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

/** What `${.FILE}`, `${.LINE}` and `${.SECTION}` stand for. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly section: string;
}

export interface TokenError {
  readonly code: string;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

export type TokenResult =
  | { readonly words: readonly Word[]; readonly error: null }
  | { readonly words: null; readonly error: TokenError };

export function tokenize(line: string, env: Environment, place: Place): TokenResult {
  return new Tokenizer(line, env, place).run();
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { ' ': ' ', '\\': '\\', t: '\t', n: '\n', r: '\r' };

class Tokenizer {
  readonly #line: string;
  readonly #env: Environment;
  readonly #place: Place;
  readonly #words: Word[] = [];
  #at = 0;
  #text = '';
  #column = 1;
  #separators = 0;
  #quote: '' | '"' | "'" = '';
  #quoteAt = 0;
  #error: TokenError | null = null;

  constructor(line: string, env: Environment, place: Place) {
    this.#line = line;
    this.#env = env;
    this.#place = place;
  }

  run(): TokenResult {
    while (isSpace(this.#peek())) this.#at++;
    this.#column = this.#at + 1;
    while (this.#error === null && !this.#atEnd()) this.#step();
    if (this.#error !== null) return { words: null, error: this.#error };
    if (this.#quote !== '') {
      const column = this.#quoteAt + 1;
      const message = `unmatched quote ${this.#quote}`;
      return { words: null, error: { code: 'unmatched-quote', column, message, hint: 'close it on the same line' } };
    }
    if (this.#separators >= MAX_WORDS) {
      const message = `too many words on one line (at most ${MAX_WORDS})`;
      return { words: null, error: { code: 'too-many-words', column: this.#column, message } };
    }
    // A space at the end of the line starts no word.
    if (this.#text !== '' || this.#column <= this.#at) this.#words.push({ text: this.#text, column: this.#column });
    return { words: this.#words, error: null };
  }

  #atEnd(): boolean {
    const c = this.#peek();
    return c === '' || c === '\n' || c === '\r' || (c === '#' && this.#quote === '');
  }

  #peek(ahead = 0): string {
    return this.#line[this.#at + ahead] ?? '';
  }

  #step(): void {
    const c = this.#peek();
    if ((c === '"' && this.#quote !== "'") || (c === "'" && this.#quote !== '"')) this.#toggleQuote(c);
    else if (c === '\\' && this.#quote !== "'") this.#escape();
    else if (this.#quote === '' && isSpace(c)) this.#separate();
    else if (c === '$' && this.#quote === '"') this.#variable();
    else {
      this.#text += c;
      this.#at++;
    }
  }

  #toggleQuote(c: '"' | "'"): void {
    this.#quoteAt = this.#at;
    this.#quote = this.#quote === '' ? c : '';
    this.#at++;
  }

  #separate(): void {
    this.#endWord();
    while (isSpace(this.#peek())) this.#at++;
    this.#column = this.#at + 1;
  }

  #endWord(): void {
    this.#words.push({ text: this.#text, column: this.#column });
    this.#text = '';
    this.#separators++;
  }

  #escape(): void {
    const next = this.#peek(1);
    const simple = SIMPLE_ESCAPES[next];
    if (simple !== undefined) this.#emit(simple, 2);
    else if (next === '#' || next === "'" || next === '"') this.#emit(next, 2);
    else if (next === '$' && this.#quote === '"') this.#emit('$', 2);
    else if (next === 'x') this.#hexEscape();
    else this.#emit('\\', 1);
  }

  #emit(text: string, consumed: number): void {
    this.#text += text;
    this.#at += consumed;
  }

  #hexEscape(): void {
    const digits = this.#peek(2) + this.#peek(3);
    if (/^[0-9a-fA-F]{2}$/.test(digits)) this.#emit(String.fromCharCode(Number.parseInt(digits, 16)), 4);
    else
      this.#fail('bad-hex-escape', this.#at, 'truncated or invalid hexadecimal sequence', 'write \\x and two digits');
  }

  #fail(code: string, at: number, message: string, hint?: string): void {
    const error = { code, column: at + 1, message };
    this.#error ??= hint === undefined ? error : { ...error, hint };
  }

  /** At `$` inside double quotes. */
  #variable(): void {
    this.#at++;
    const braceAt = this.#peek() === '{' ? this.#at++ : -1;
    const name = /^(?:[A-Za-z_]|\.)[A-Za-z0-9_]*/.exec(this.#line.slice(this.#at))?.[0];
    if (name === undefined) {
      this.#fail('bad-variable-name', this.#at, 'forbidden first character in the name of an environment variable');
      return;
    }
    let value = name.startsWith('.') ? this.#pseudoVariable(name) : readVariable(this.#env, name);
    this.#at += name.length;
    const expandWords = braceAt >= 0 && this.#peek() === '[';
    if (expandWords && !this.#line.startsWith('[*]', this.#at)) {
      this.#fail('bad-word-expansion', this.#at, 'invalid word expansion', '[*] may follow the name inside the braces');
      return;
    }
    if (expandWords) this.#at += 3;
    if (braceAt >= 0) value = this.#closeBrace(braceAt, value);
    if (this.#error !== null || value === undefined) return;
    if (expandWords) this.#appendWords(value);
    else this.#text += value;
  }

  #pseudoVariable(name: string): string | undefined {
    if (name === '.FILE') return this.#place.file;
    if (name === '.LINE') return String(this.#place.line);
    if (name === '.SECTION') return this.#place.section;
    this.#fail(
      'bad-variable-name',
      this.#at,
      `unknown pseudo-variable '${name}'`,
      'there are .FILE, .LINE and .SECTION',
    );
    return undefined;
  }

  /** Eats `}` or `-default}`; the value is the default when the variable is not set. */
  #closeBrace(braceAt: number, value: string | undefined): string | undefined {
    const hasDefault = this.#peek() === '-';
    const end = hasDefault ? this.#line.indexOf('}', this.#at) : this.#at;
    if (end < 0 || this.#line[end] !== '}') {
      this.#fail('unmatched-brace', braceAt, 'unmatched brace in the name of an environment variable');
      return undefined;
    }
    const fallback = hasDefault ? this.#line.slice(this.#at + 1, end) : undefined;
    this.#at = end + 1;
    return value ?? fallback;
  }

  /** `${VAR[*]}`: every run of spaces in the value starts another word. */
  #appendWords(value: string): void {
    const [first, ...more] = value.split(/[ \t\n\v\f\r]+/);
    this.#text += first ?? '';
    for (const part of more) {
      this.#endWord();
      this.#text = part;
    }
  }
}

function isSpace(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\n' || c === '\v' || c === '\f' || c === '\r';
}
