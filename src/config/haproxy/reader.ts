/**
 * Files → statements → sections, line by line and in order: `setenv` on one line changes how the next ones are read.
 *
 * A file's last line must end with a newline: HAProxy refuses a file that looks cut off.
 */
import type { Problem } from '../../core/problem.ts';
import { ConditionBlocks } from './condition-blocks.ts';
import type { ConditionFacts } from './conditions.ts';
import type { Loading } from './drafts.ts';
import { applyStatement, SECTIONS, type Section } from './sections.ts';
import { type Negation, Statement, type Word } from './statement.ts';
import { tokenize } from './tokenizer.ts';

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Keywords that `no` and `default` may stand before. */
const NEGATABLE = [
  'option',
  'log',
  'busy-polling',
  'set-dumpable',
  'strict-limits',
  'insecure-fork-wanted',
  'numa-cpu-mapping',
];

export interface ReadOptions {
  readonly facts: ConditionFacts;
  /** Report `.diag` lines, as with `haproxy -dD`. */
  readonly diagnostics: boolean;
}

export function readFile(file: SourceFile, loading: Loading, options: ReadOptions, problems: Problem[]): void {
  new Reader(file, loading, options, problems).run();
}

class Reader {
  readonly #file: SourceFile;
  readonly #loading: Loading;
  readonly #options: ReadOptions;
  readonly #problems: Problem[];
  readonly #blocks: ConditionBlocks;
  #section: Section = { kind: 'none' };
  #sectionName = '';

  constructor(file: SourceFile, loading: Loading, options: ReadOptions, problems: Problem[]) {
    this.#file = file;
    this.#loading = loading;
    this.#options = options;
    this.#problems = problems;
    this.#blocks = new ConditionBlocks(options.facts);
  }

  run(): void {
    const lines = this.#file.text.split('\n');
    const rest = lines.pop() ?? '';
    for (const [index, line] of lines.entries()) this.#line(line, index + 1);
    if (rest !== '') {
      this.#line(rest, lines.length + 1);
      const hint = 'end the last line with a newline';
      this.#error('missing-newline', lines.length + 1, rest.length + 1, 'the file ends in the middle of a line', hint);
    }
    this.#blocks.finish();
  }

  #line(line: string, number: number): void {
    const nul = line.indexOf('\0');
    if (nul >= 0) {
      this.#error('stray-nul', number, nul + 1, 'stray NUL character');
      return;
    }
    if (/^\s*\[/.test(line)) {
      this.#error('unsupported-keyword', number, line.indexOf('[') + 1, 'scopes ([…]) are not supported yet');
      return;
    }
    const place = { file: this.#file.name, line: number, section: this.#sectionName };
    const { words, error } = tokenize(line, this.#loading.env, place);
    if (error !== null) this.#error(error.code, number, error.column, error.message, error.hint);
    else this.#words(words, number);
  }

  #words(words: readonly Word[], line: number): void {
    const used = this.#untilEmptyWord(words, line);
    const [first] = used;
    if (first === undefined) return;
    const negation: Negation = first.text === 'no' || first.text === 'default' ? first.text : 'none';
    const rest = negation === 'none' ? used : used.slice(1);
    const origin = { file: this.#file.name, line };
    const s = new Statement(origin, rest, negation, this.#problems);
    if (this.#blocks.handle(s) || !this.#blocks.taking) return;
    if (s.text(0).startsWith('.')) this.#directive(s);
    else if (negation !== 'none' && !NEGATABLE.includes(s.text(0))) {
      const message = `'${negation}' is not possible before '${s.text(0)}'`;
      this.#error('bad-negation', line, first.column, message, `it is for ${NEGATABLE.join(', ')}`);
    } else this.#statement(s);
  }

  /** HAProxy takes an empty word for the end of the line. */
  #untilEmptyWord(words: readonly Word[], line: number): readonly Word[] {
    const empty = words.findIndex((word) => word.text === '');
    if (empty < 0) return words;
    const { column } = words[empty] ?? { column: 1 };
    if (this.#blocks.taking) {
      const message = 'an empty argument ends the line; what follows is not looked at, as in HAProxy';
      const hint = 'is a variable not set?';
      this.#problems.push({
        severity: 'warning',
        code: 'empty-argument',
        file: this.#file.name,
        line,
        column,
        message,
        hint,
      });
    }
    return words.slice(0, empty);
  }

  #statement(s: Statement): void {
    if (SECTIONS.keywords.has(s.text(0))) this.#sectionName = s.has(1) ? s.text(1) : s.text(0);
    this.#section = applyStatement(s, this.#section, this.#loading);
  }

  /** `.notice "…"` and its like; conditions are handled before. */
  #directive(s: Statement): void {
    const word = s.text(0);
    if (!['.alert', '.warning', '.notice', '.diag'].includes(word)) {
      s.error(0, 'unknown-keyword', `unknown directive '${word}'`, "'.if', '.notice', '.warning', '.alert' …");
      return;
    }
    if (s.has(2)) {
      s.error(2, 'extra-argument', `'${word}' takes one argument`, 'put the message in quotes');
      return;
    }
    if (word === '.alert') s.error(0, 'alert', s.text(1));
    else if (word === '.warning' || (word === '.diag' && this.#options.diagnostics)) s.warning(0, 'warning', s.text(1));
    else if (word === '.notice') s.notice(0, 'notice', s.text(1));
  }

  #error(code: string, line: number, column: number, message: string, hint?: string): void {
    const problem = { severity: 'error' as const, code, file: this.#file.name, line, column, message };
    this.#problems.push(hint === undefined ? problem : { ...problem, hint });
  }
}
