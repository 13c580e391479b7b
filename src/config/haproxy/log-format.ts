/**
 * Log formats, read as HAProxy reads them (parse_logformat_string in 2.6): whatever the text is, it becomes parts or one error.
 *
 *   %name  %{+Q,-E}name  %[sample]  %{+Q}[sample]  %{+Q}o   (flags for all that follows)   %%   literal text
 *
 * Spaces divide, and several are one. Not here: which variables there are (log-variables.ts).
 */
import { LOG_ESCAPE, LOG_HEX, LOG_MANDATORY, LOG_QUOTE, type LogPart } from '../log-model.ts';
import { LOG_VARIABLES } from './log-variables.ts';
import { parseSamplePrefix, placeProblem } from './sample.ts';

export interface FormatUse {
  readonly http: boolean;
  /** Flags that all parts begin with. */
  readonly flags: number;
  /** PLACE_*: where samples are evaluated. */
  readonly places: number;
}

export type FormatResult =
  | { readonly parts: readonly LogPart[]; readonly error: null }
  | { readonly parts: null; readonly error: string; readonly hint?: string };

const FLAGS: Readonly<Record<string, number>> = { M: LOG_MANDATORY, Q: LOG_QUOTE, X: LOG_HEX, E: LOG_ESCAPE };
const PERCENT_HINT = "to write a single '%' itself, write '%%'";

class FormatError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export function parseLogFormat(text: string, use: FormatUse): FormatResult {
  try {
    return { parts: new FormatParser(text, use).whole(), error: null };
  } catch (failure) {
    if (!(failure instanceof FormatError)) throw failure;
    const { message, hint } = failure;
    return hint === undefined ? { parts: null, error: message } : { parts: null, error: message, hint };
  }
}

class FormatParser {
  readonly #text: string;
  readonly #use: FormatUse;
  readonly #parts: LogPart[] = [];
  #flags: number;
  #at = 0;

  constructor(text: string, use: FormatUse) {
    this.#text = text;
    this.#use = use;
    this.#flags = use.flags;
  }

  whole(): readonly LogPart[] {
    while (this.#at < this.#text.length) {
      const letter = this.#text[this.#at];
      if (letter === '%') this.#percent();
      else if (letter === ' ') {
        this.#parts.push({ kind: 'blank' });
        this.#at++;
      } else this.#literal(letter ?? '');
    }
    return this.#parts;
  }

  #literal(letter: string): void {
    this.#at++;
    const last = this.#parts.at(-1);
    if (last?.kind === 'text') this.#parts[this.#parts.length - 1] = { kind: 'text', text: last.text + letter };
    else this.#parts.push({ kind: 'text', text: letter });
  }

  #percent(): void {
    const start = this.#at++;
    const next = this.#peek();
    if (next === '') throw new FormatError("truncated line after '%'", PERCENT_HINT);
    if (next === '{') this.#withFlags();
    else if (next === '[') this.#sample(this.#flags);
    else if (/[A-Za-z]/.test(next)) this.#variable(this.#flags);
    else if (next === '%') this.#literal('%');
    else if (/[\d \t]/.test(next)) {
      throw new FormatError(
        `unexpected variable name near '${next}' at position ${start + 1} of '${this.#text}'`,
        PERCENT_HINT,
      );
    }
    // Otherwise the percent sign means nothing, and is gone.
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #withFlags(): void {
    const close = this.#text.indexOf('}', this.#at);
    const written = this.#text.slice(this.#at + 1, close < 0 ? undefined : close);
    if (close < 0) throw new FormatError(`truncated line after '${written}'`, "'}' is missing");
    this.#at = close + 1;
    const flags = applyFlags(written, this.#flags);
    const next = this.#peek();
    if (next === '[') this.#sample(flags);
    else if (/[A-Za-z0-9]/.test(next)) this.#variable(flags);
    else throw new FormatError(`parse argument modifier without variable name near '%{${written}}'`);
  }

  #variable(flags: number): void {
    const name = /^[A-Za-z0-9]+/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    this.#at += name.length;
    if (name === 'o') {
      this.#flags = flags;
      return;
    }
    const variable = LOG_VARIABLES.get(name);
    if (variable === undefined) throw new FormatError(`no such format variable '${name}'`, PERCENT_HINT);
    if (variable.http && !this.#use.http) throw new FormatError(`format variable '${name}' is reserved for HTTP mode`);
    this.#parts.push({ kind: 'variable', name, flags });
  }

  #sample(flags: number): void {
    const text = this.#text.slice(this.#at + 1);
    const result = parseSamplePrefix(text);
    if (result.expression === null) {
      throw new FormatError(`failed to parse sample expression <${text}> : ${result.error}`, result.hint);
    }
    const problem = placeProblem(result.expression, this.#use.places);
    if (problem !== null) throw new FormatError(problem);
    const end = text[result.end];
    const written = text.slice(0, result.end);
    if (end !== ']') {
      throw new FormatError(
        end === undefined ? `missing ']' after '${written}'` : `expected ']' after '${written}', but found '${end}'`,
      );
    }
    this.#at += result.end + 2;
    this.#parts.push({ kind: 'sample', sample: result.expression, flags });
  }
}

/** `+Q,-E`: what HAProxy does not know it passes over. */
function applyFlags(written: string, before: number): number {
  let flags = before;
  for (const piece of written.split(',')) {
    const sign = Math.max(piece.lastIndexOf('+'), piece.lastIndexOf('-'));
    if (sign < 0) continue;
    const flag = FLAGS[piece.slice(sign + 1)] ?? 0;
    flags = piece[sign] === '+' ? flags | flag : flags & ~flag;
  }
  return flags;
}
