/**
 * Files → logical lines, by keepalived's reading rules (lib/parser.c, read_line), in this order:
 *
 *   comment cut ─▶ rest of a definition ─▶ `@id` ─▶ `$NAME=` ─▶ `~SEQ`/`~LST` ─▶ `$NAME` replaced ─▶ `include` ─▶ line
 *                                             ▲───────────────────────┴ as long as something was replaced
 *
 * Not here: braces and words (blocks.ts), what they mean.
 */
import { dirname, isAbsolute, join } from 'node:path';
import type { Origin } from '../model.ts';
import { decomment } from './comments.ts';
import { Definitions, parseAssignment, undefinedNames } from './definitions.ts';
import { expandGlob, hasWildcard } from './glob.ts';
import { LineText } from './line-text.ts';
import { isRepetition, parseRepetition } from './sequences.ts';
import type { LoadContext, LogicalLine, ProblemSink, SourceFile } from './source.ts';
import { standardDefinitions } from './standard-definitions.ts';

const INCLUDE = /^(include|includer|includem|includew|includeb|includea)[ \t]+(.+)$/;

/** A file that includes itself, or lines that repeat lines, end here. */
const MAX_INCLUDE_DEPTH = 32;
const MAX_LINES = 200_000;
const MAX_REPEATS_INSIDE = 64;

export function readLines(files: readonly SourceFile[], context: LoadContext, sink: ProblemSink): LogicalLine[] {
  const reader = new Reader(context, sink);
  for (const file of files) reader.file(file, 0);
  return reader.lines;
}

class Reader {
  readonly lines: LogicalLine[] = [];
  readonly #context: LoadContext;
  readonly #sink: ProblemSink;
  readonly #definitions: Definitions;
  #full = false;
  /** A definition that goes on in the next line. */
  #open: { readonly name: string; readonly lines: string[] } | null = null;

  constructor(context: LoadContext, sink: ProblemSink) {
    this.#context = context;
    this.#sink = sink;
    this.#definitions = new Definitions(standardDefinitions(context));
  }

  file(file: SourceFile, depth: number): void {
    for (const [index, text] of file.text.split('\n').entries()) {
      const origin = { file: file.name, line: index + 1 };
      const written = LineText.of(text.replace(/\r+$/, ''));
      const nul = written.text.indexOf('\0');
      if (nul >= 0) {
        this.#sink.report('error', origin, nul + 1, 'stray-nul', 'stray NUL character');
        continue;
      }
      const { line, openQuoteColumn } = decomment(written);
      if (openQuoteColumn !== null) {
        const hint = 'a string ends on the line where it starts';
        this.#sink.report('error', origin, openQuoteColumn, 'open-quote', 'this quote is not closed', hint);
      } else if (line.text === '') this.#closeDefinition(written.text.trim() === '');
      else this.#physical(line, origin, depth);
    }
    this.#closeDefinition(true);
  }

  /** An empty line ends a definition; one with nothing but a comment does not. */
  #closeDefinition(empty: boolean): void {
    if (!empty || this.#open === null) return;
    this.#definitions.set(this.#open.name, this.#open.lines);
    this.#open = null;
  }

  #physical(line: LineText, origin: Origin, depth: number): void {
    if (this.#open === null) {
      this.#expand(line, origin, depth, 0);
      return;
    }
    const more = line.text.endsWith('\\');
    const text = more ? line.text.slice(0, -1).trimEnd() : line.text;
    if (text !== '') this.#open.lines.push(text);
    if (!more) this.#closeDefinition(true);
  }

  #expand(written: LineText, origin: Origin, depth: number, inside: number): void {
    if (inside > MAX_REPEATS_INSIDE || this.lines.length >= MAX_LINES) {
      if (!this.#full) this.#error(origin, written, 'endless-line', 'this line repeats or replaces itself without end');
      this.#full = true;
      return;
    }
    const line = this.#matchId(written);
    if (line === null || line.text === '') return;
    if (this.#define(line.text)) return;
    if (isRepetition(line.text)) {
      this.#repeat(line, origin, depth, inside);
      return;
    }
    const { line: replaced, following, endless } = this.#definitions.replace(line);
    if (endless) {
      this.#error(origin, line, 'endless-line', 'the definitions in this line replace each other without end');
      return;
    }
    if (replaced === line) this.#finished(line, origin, depth);
    else {
      this.#expand(decomment(replaced).line, origin, depth, inside + 1);
      for (const text of following) {
        this.#expand(LineText.at(text.trim(), replaced.columnAt(0)), origin, depth, inside + 1);
      }
    }
  }

  /** `@id rest` is for one host, `@^id rest` for all others; null: not for this one. */
  #matchId(line: LineText): LineText | null {
    const match = /^@(\^?)([^ \t]*)[ \t]+/.exec(line.text);
    if (match === null) return line.text.startsWith('@') ? null : line;
    const [whole, not = '', id = ''] = match;
    const own = this.#context.configId ?? this.#context.hostname;
    if ((id === own) === (not === '^')) return null;
    return this.#matchId(line.slice(whole.length));
  }

  #define(text: string): boolean {
    const assignment = parseAssignment(text);
    if (assignment === null) return false;
    const { name, value, open } = assignment;
    if (open) this.#open = { name, lines: value === '' ? [] : [value] };
    else this.#definitions.set(name, [value]);
    return true;
  }

  #repeat(line: LineText, origin: Origin, depth: number, inside: number): void {
    // The numbers of a ~SEQ may be definitions; what is repeated is not replaced before its turn.
    const close = line.text.indexOf(')');
    const head = this.#definitions.replace(line.slice(0, close + 1)).line;
    const whole = head.replace(head.text.length, 0, line.text.slice(close + 1));
    const own = parseRepetition(line.text);
    const repetition = own ?? parseRepetition(whole.text);
    if (repetition === null) {
      const hint = '~SEQ(name, start, step, end) text, ~LST(name, value, value) text';
      this.#error(origin, line, 'bad-repetition', 'this repetition is not written right', hint);
      return;
    }
    const repeated = (own === null ? whole : line).slice(repetition.textAt);
    for (const round of repetition.rounds) {
      for (const { name, value } of round) this.#definitions.set(name, [value]);
      this.#expand(repeated, origin, depth, inside + 1);
    }
  }

  #finished(line: LineText, origin: Origin, depth: number): void {
    const include = INCLUDE.exec(line.text);
    if (include !== null) {
      const keyword = this.#context.strictIncludes === true ? 'includea' : (include[1] ?? '');
      this.#include(keyword, include[2] ?? '', line, origin, depth);
      return;
    }
    if (/(^|[ \t])\\$/.test(line.text)) {
      this.#error(origin, line, 'line-continuation', 'a backslash does not join lines here', 'only in $NAME= \\');
      return;
    }
    for (const { name, index } of undefinedNames(line)) {
      const message = `$${name} is not defined and stays as it is written`;
      this.#sink.report('warning', origin, line.columnAt(index), 'undefined-name', message);
    }
    this.lines.push({ origin, line });
  }

  #include(keyword: string, written: string, line: LineText, origin: Origin, depth: number): void {
    if (depth >= MAX_INCLUDE_DEPTH) {
      this.#error(origin, line, 'include-depth', 'files include each other too deeply', 'does a file include itself?');
      return;
    }
    const pattern = written.replace(/^"(.*)"$/, '$1');
    const path = isAbsolute(pattern) ? pattern : join(dirname(origin.file), pattern);
    const names = expandGlob(path, this.#context.listFolder);
    if (names.length === 0 && (keyword === 'includew' || keyword === 'includea')) {
      this.#error(origin, line, 'unreadable-file', `no file matches '${pattern}'`);
    }
    for (const name of names) this.#includeFile(name, keyword, hasWildcard(pattern), line, origin, depth);
  }

  #includeFile(name: string, keyword: string, matched: boolean, line: LineText, origin: Origin, depth: number): void {
    let text: string;
    try {
      text = this.#context.readFile(name).toString('utf8');
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      const message = `cannot read '${name}': ${why}`;
      if (keyword !== 'include') this.#error(origin, line, 'unreadable-file', message);
      else if (!matched) {
        const hint = 'keepalived goes on without saying so';
        this.#sink.report('warning', origin, line.columnAt(0), 'unreadable-file', message, hint);
      }
      return;
    }
    this.file({ name, text }, depth + 1);
  }

  #error(origin: Origin, line: LineText, code: string, message: string, hint?: string): void {
    this.#sink.report('error', origin, line.columnAt(0), code, message, hint);
  }
}
