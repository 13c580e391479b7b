/**
 * `$NAME=value` and its use as `$NAME` or `${NAME}` (lib/parser.c: check_definition, find_definition, replace_param).
 *
 *   $VIP=10.0.0.1          one line: replaced wherever `$VIP` is followed by a blank, `,`, `)` or the end
 *   $BLOCK= \              more lines, each ended by `\`: replaced only at the end of a line
 *       state BACKUP \
 *       priority 100
 *
 * Replaced when used, again and again until nothing is left to replace; an unknown name stays as it is written.
 */
import type { LineText } from './line-text.ts';

export interface Definition {
  readonly lines: readonly string[];
}

/** What names that begin with `_` stand for. */
export type StandardDefinition = (parameters: readonly string[]) => string | null;

/** Stops `$A=$A` and doubling chains: keepalived's own limit is the length of its line buffer. */
const MAX_REPLACEMENTS = 500;
const MAX_LINE_LENGTH = 8192;

export interface Assignment {
  readonly name: string;
  readonly value: string;
  /** The value goes on in the next line. */
  readonly open: boolean;
}

export function parseAssignment(text: string): Assignment | null {
  const match = /^\$([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$/.exec(text);
  if (match === null) return null;
  const [, name = '', value = ''] = match;
  const open = value.endsWith('\\');
  return { name, value: open ? value.slice(0, -1).trimEnd() : value, open };
}

export interface Replaced {
  readonly line: LineText;
  /** The lines after the first one of a definition with several. */
  readonly following: readonly string[];
  /** Something did not come to an end. */
  readonly endless: boolean;
}

export class Definitions {
  readonly #values = new Map<string, Definition>();
  readonly #standard: ReadonlyMap<string, StandardDefinition>;

  constructor(standard: ReadonlyMap<string, StandardDefinition>) {
    this.#standard = standard;
  }

  set(name: string, lines: readonly string[]): void {
    this.#values.set(name, { lines });
  }

  replace(written: LineText): Replaced {
    let line = written;
    let from = 0;
    const following: string[] = [];
    for (let count = 0; count < MAX_REPLACEMENTS; ) {
      const at = line.text.indexOf('$', from);
      if (at < 0) return { line, following, endless: false };
      const use = parseUse(line.text, at);
      const lines = use === null ? null : this.#lookUp(use);
      if (use === null || lines === null) {
        from = at + 1;
        continue;
      }
      line = line.replace(at, use.length, lines[0] ?? '');
      following.unshift(...lines.slice(1));
      if (line.text.length > MAX_LINE_LENGTH) break;
      // A repetition in a value repeats the whole line: what follows is replaced each time anew.
      if ((lines[0] ?? '').trimStart().startsWith('~')) return { line, following, endless: false };
      from = at;
      count++;
    }
    return { line, following, endless: true };
  }

  #lookUp(use: Use): readonly string[] | null {
    const defined = this.#values.get(use.name);
    if (defined !== undefined) {
      if (use.parameters.length > 0 || (defined.lines.length > 1 && !use.last)) return null;
      return defined.lines;
    }
    const value = this.#standard.get(use.name)?.(use.parameters) ?? null;
    return value === null ? null : [value];
  }
}

interface Use {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly length: number;
  /** Nothing stands behind it. */
  readonly last: boolean;
}

/** A parameter is a word without blanks; keepalived 2.2 knows numbers only (`${_RANDOM 1 10}`), later ones names too. */
function parseUse(text: string, at: number): Use | null {
  const rest = text.slice(at + 1);
  const braced = /^\{([A-Za-z_]\w*)((?: +\w+)*)\}/.exec(rest);
  if (braced !== null) {
    const [whole, name = '', parameters = ''] = braced;
    const words = parameters.split(' ').filter((word) => word !== '');
    return { name, parameters: words, length: whole.length + 1, last: rest.length === whole.length };
  }
  const bare = /^([A-Za-z_]\w*)(?=[ \t,)]|$)/.exec(rest);
  if (bare === null) return null;
  const [, name = ''] = bare;
  return { name, parameters: [], length: name.length + 1, last: rest.length === name.length };
}

/** Names that were meant as a definition and are none: for a warning. */
export function undefinedNames(line: LineText): readonly { readonly name: string; readonly index: number }[] {
  const found: { name: string; index: number }[] = [];
  let quoted = false;
  for (let index = 0; index < line.text.length; index++) {
    if (line.text[index] === '"') quoted = !quoted;
    const use = quoted || line.text[index] !== '$' ? null : parseUse(line.text, index);
    if (use !== null) found.push({ name: use.name, index });
  }
  return found;
}
