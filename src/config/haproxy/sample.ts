/**
 * Sample expressions, read as HAProxy 2.6 reads them: a fetch, then converters, with commas between them. On a line of words
 * further words may be converters too (`balance hash req.hdr(host) lower`).
 *
 *   expression := fetch [ '(' arguments ')' ] { ',' converter [ '(' arguments ')' ] }
 *
 * Not here: where each may be used (`placeProblem` says it, the caller asks), names of proxies (sample-names.ts).
 */
import type { SampleExpression, SampleStep, SampleType } from '../sample-model.ts';
import { nearestWord } from '../suggest.ts';
import { readArguments, SampleSyntaxError } from './sample-arguments.ts';
import type { SampleCheck } from './sample-checks.ts';
import { converterNamed, converterWords, missingConverter } from './sample-converters.ts';
import { fetchNamed, fetchWords, missingFetch, type SampleFetch } from './sample-fetches.ts';
import { canCast, needWords, placesOf } from './sample-types.ts';

export type SampleResult =
  | {
      readonly expression: SampleExpression;
      /** Offset in the text behind the expression; at the end of the words: the length of the last one. */
      readonly end: number;
      /** Words that it took. */
      readonly words: number;
    }
  | { readonly expression: null; readonly error: string; readonly hint: string | undefined };

/**
 * Reads the expression that begins `text`, and ends at the first character that is not its own: `]` in a log-format.
 */
export function parseSamplePrefix(text: string): SampleResult {
  return parse([text], true);
}

/** Reads the expression that the words begin with; it ends before the first word that is no converter. */
export function parseSampleWords(words: readonly string[]): SampleResult {
  return parse(words, false);
}

/** What is wrong with using it at a place (PLACE_*), in HAProxy's words; null: nothing. */
export function placeProblem(expression: SampleExpression, places: number): string | null {
  if ((expression.places & places) !== 0) return null;
  return (
    `sample fetch <${expression.text}> may not be reliably used here because it needs '${expression.needs}' ` +
    'which is not available here'
  );
}

function parse(words: readonly string[], isPrefix: boolean): SampleResult {
  try {
    return new SampleParser(words, isPrefix).whole();
  } catch (failure) {
    if (failure instanceof SampleSyntaxError) return { expression: null, error: failure.message, hint: failure.hint };
    throw failure;
  }
}

class SampleParser {
  readonly #words: readonly string[];
  readonly #isPrefix: boolean;
  #word = 0;
  #at = 0;

  constructor(words: readonly string[], isPrefix: boolean) {
    this.#words = words;
    this.#isPrefix = isPrefix;
  }

  whole(): SampleResult {
    const name = this.#name();
    if (name === '') throw new SampleSyntaxError('missing fetch method');
    const row = fetchNamed(name);
    if (row === undefined) throw unknownFetch(name);
    const fetch = this.#fetch(name, row);
    const converters: SampleStep[] = [];
    let type = row.type;
    let last = `fetch keyword '${name}'`;
    while (this.#goesOn(last)) {
      const word = this.#name();
      const step = this.#converter(word, type);
      if (step === null) break;
      converters.push(step.step);
      type = step.gives;
      last = `converter '${word}'`;
    }
    const words = this.#word + (this.#at > 0 ? 1 : 0);
    const text = [...this.#words.slice(0, this.#word), this.#text.slice(0, this.#at)].join(' ').trim();
    const { needs } = row;
    return {
      expression: { text, fetch, converters, type, places: placesOf(needs), needs: needWords(needs) },
      end: this.#at,
      words,
    };
  }

  get #text(): string {
    return this.#words[this.#word] ?? '';
  }

  #name(): string {
    return /^[A-Za-z0-9._+:-]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
  }

  #fetch(name: string, row: SampleFetch): SampleStep {
    const values = this.#arguments(name, row.usage, `fetch method '${name}' : `);
    check(row.check, values, `invalid args in fetch method '${name}' : `);
    return { word: row.word, arguments: values };
  }

  /** null: the word is not a converter, and not ours then. */
  #converter(word: string, from: SampleType): { step: SampleStep; gives: SampleType } | null {
    const row = converterNamed(word);
    if (row === undefined) {
      if (this.#at === 0 && missingConverter(word) === null) return null;
      throw unknownConverter(word);
    }
    if (!canCast(from, row.takes)) throw new SampleSyntaxError(`converter '${word}' cannot be applied`);
    const values = this.#arguments(word, row.usage, `converter '${word}' : `);
    check(row.check, values, `invalid args in converter '${word}' : `);
    return { step: { word, arguments: values }, gives: row.gives };
  }

  #arguments(name: string, usage: string, before: string): SampleStep['arguments'][number][] {
    try {
      const { values, end } = readArguments(this.#text, this.#at + name.length, usage);
      this.#at = end;
      return values;
    } catch (failure) {
      throw prefixed(failure, before);
    }
  }

  /** Past commas, and to the next word; false at the end. */
  #goesOn(last: string): boolean {
    const next = this.#text[this.#at];
    if (next !== undefined && next !== ',') {
      if (this.#isPrefix) return false;
      throw new SampleSyntaxError(`missing comma after ${last}`);
    }
    while (this.#text[this.#at] === ',') this.#at++;
    if (this.#at < this.#text.length) return true;
    if (this.#isPrefix) return false;
    this.#word++;
    this.#at = 0;
    return this.#text !== '';
  }
}

function check(run: SampleCheck | null, values: SampleStep['arguments'][number][], before: string): void {
  try {
    run?.(values);
  } catch (failure) {
    throw prefixed(failure, before);
  }
}

function prefixed(failure: unknown, before: string): unknown {
  return failure instanceof SampleSyntaxError ? new SampleSyntaxError(before + failure.message, failure.hint) : failure;
}

function unknownFetch(word: string): SampleSyntaxError {
  const note = missingFetch(word);
  if (note !== null) return new SampleSyntaxError(`fetch method '${word}' is not supported yet`, note);
  return new SampleSyntaxError(`unknown fetch method '${word}'`, suggestion(word, fetchWords()));
}

function unknownConverter(word: string): SampleSyntaxError {
  const note = missingConverter(word);
  if (note !== null) return new SampleSyntaxError(`converter '${word}' is not supported yet`, note);
  return new SampleSyntaxError(`unknown converter '${word}'`, suggestion(word, converterWords()));
}

function suggestion(word: string, known: Iterable<string>): string | undefined {
  const near = nearestWord(word, known);
  return near === null ? undefined : `did you mean '${near}'?`;
}
