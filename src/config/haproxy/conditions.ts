/**
 * The expression language of `.if` and `.elif` (configuration.txt 2.4 "Conditional blocks"), also HAProxy's `-cc`.
 *
 *   expr := and [ '||' expr ]     and := term [ '&&' and ]     term := '!'* ( integer | '(' expr ')' | name '(' args ')' )
 *
 * An empty expression is false. Not here: nesting of the blocks (condition-blocks.ts).
 */
import { type Environment, readVariable } from './tokenizer.ts';

/** What the predicates may ask about. */
export interface ConditionFacts {
  readonly env: Environment;
  /** The HAProxy version whose behaviour this is, `2.6.12`. */
  readonly version: string;
  /** `+EPOLL -LUA …` as in `haproxy -vv`. */
  readonly features: string;
  /** Names that `enabled()` is true for. */
  readonly enabled: readonly string[];
}

export type ConditionResult =
  | { readonly value: boolean; readonly error: null }
  | { readonly value: null; readonly error: string; readonly at: number };

/** Deeper nesting is refused: the parser recurses. */
const MAX_DEPTH = 200;

export function evaluateCondition(text: string, facts: ConditionFacts): ConditionResult {
  if (text === '') return { value: false, error: null };
  const parser = new ConditionParser(text, facts);
  try {
    return { value: parser.whole(), error: null };
  } catch (failure) {
    if (failure instanceof ConditionSyntaxError) return { value: null, error: failure.message, at: failure.at };
    throw failure;
  }
}

class ConditionSyntaxError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

class ConditionParser {
  readonly #text: string;
  readonly #facts: ConditionFacts;
  #at = 0;

  constructor(text: string, facts: ConditionFacts) {
    this.#text = text;
    this.#facts = facts;
  }

  whole(): boolean {
    const value = this.#expression(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail(`unexpected '${this.#text[this.#at]}' at the end of the condition`);
    return value;
  }

  /** Both sides are always parsed, so that a syntax error never hides behind a short cut. */
  #expression(depth: number): boolean {
    const left = this.#conjunction(depth);
    if (!this.#eat('||')) return left;
    const right = this.#expression(depth + 1);
    return left || right;
  }

  #conjunction(depth: number): boolean {
    const left = this.#term(depth);
    if (!this.#eat('&&')) return left;
    const right = this.#conjunction(depth + 1);
    return left && right;
  }

  #term(depth: number): boolean {
    if (depth > MAX_DEPTH) this.#fail('the condition is nested too deeply');
    this.#skipSpace();
    let negated = false;
    while (this.#eat('!')) negated = !negated;
    return this.#positiveTerm(depth) !== negated;
  }

  #positiveTerm(depth: number): boolean {
    this.#skipSpace();
    const rest = this.#text.slice(this.#at);
    const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)/.exec(rest)?.[0];
    if (integer !== undefined) {
      this.#at += integer.length;
      return /[1-9a-fA-F]/.test(integer.replace(/^[-+]?0[xX]/, ''));
    }
    if (this.#eat('(')) {
      const value = this.#expression(depth + 1);
      if (!this.#eat(')')) this.#fail("expected ')'");
      return value;
    }
    const name = /^[^ (]*/.exec(rest)?.[0] ?? '';
    const predicate = PREDICATES.get(name);
    if (predicate === undefined) this.#fail(`cannot make sense of '${rest}'`);
    this.#at += name.length;
    const args = this.#arguments(name, predicate.operands);
    return predicate.test(args, this.#facts);
  }

  #arguments(name: string, count: number): string[] {
    const args: string[] = [];
    // HAProxy: a predicate without parentheses has one empty argument.
    if (this.#text[this.#at] !== '(') {
      if (count > 1) this.#fail(`'${name}' expects ${count} arguments in parentheses`);
      return [''];
    }
    do {
      this.#at++;
      args.push(this.#argument());
    } while (this.#text[this.#at] === ',' && args.length < count);
    if (args.length < count) this.#fail(`'${name}' expects ${count} arguments`);
    if (this.#text[this.#at] !== ')') this.#fail(`expected ')' after the arguments of '${name}'`);
    this.#at++;
    return args;
  }

  /** Up to `,` or `)`; quotes and backslashes work here as on a line. */
  #argument(): string {
    let out = '';
    let quote = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text[this.#at] ?? '';
      if (quote === '' && (c === ',' || c === ')')) break;
      if ((c === '"' || c === "'") && (quote === '' || quote === c)) quote = quote === '' ? c : '';
      else if (c === '\\' && quote !== "'") out += this.#escaped();
      else out += c;
    }
    return out;
  }

  #escaped(): string {
    const next = this.#text[this.#at + 1] ?? '';
    const plain = ARGUMENT_ESCAPES[next];
    if (plain === undefined) return '\\';
    this.#at++;
    return plain;
  }

  #eat(token: string): boolean {
    this.#skipSpace();
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
  }

  #fail(message: string): never {
    throw new ConditionSyntaxError(message, this.#at);
  }
}

/** Behind a backslash; another character stays behind it. */
export const ARGUMENT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  ' ': ' ',
  '"': '"',
  "'": "'",
  r: '\r',
  n: '\n',
  t: '\t',
};

interface Predicate {
  readonly operands: number;
  readonly test: (args: readonly string[], facts: ConditionFacts) => boolean;
}

const PREDICATES: ReadonlyMap<string, Predicate> = new Map<string, Predicate>(
  Object.entries({
    defined: { operands: 1, test: ([name = ''], facts) => readVariable(facts.env, name) !== undefined },
    feature: { operands: 1, test: ([name], facts) => facts.features.split(' ').includes(`+${name}`) },
    enabled: { operands: 1, test: ([name = ''], facts) => facts.enabled.includes(name) },
    streq: { operands: 2, test: ([a, b]) => a === b },
    strneq: { operands: 2, test: ([a, b]) => a !== b },
    version_atleast: { operands: 1, test: ([v = ''], facts) => compareVersions(facts.version, v) >= 0 },
    version_before: { operands: 1, test: ([v = ''], facts) => compareVersions(facts.version, v) < 0 },
    // There is no TLS library here, so none is recent enough, and its name starts with nothing.
    openssl_version_atleast: { operands: 1, test: () => false },
    openssl_version_before: { operands: 1, test: () => false },
    ssllib_name_startswith: { operands: 1, test: () => false },
  } satisfies Record<string, Predicate>),
);

/** `2.6.12`, `2.7-dev3`, `2.5-dev2-a1b2c3-45`: negative when a comes before b. A missing number counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = versionNumbers(a);
  const right = versionNumbers(b);
  for (const [i, number] of left.entries()) {
    const difference = number - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A development version comes before `.0` of the release it leads to. */
function versionNumbers(version: string): number[] {
  const [, major = '0', minor = '0', patch, dev, commits] =
    /^(\d+)(?:\.(\d+))?(?:\.(\d+)|-dev(\d+))?(?:-[0-9a-f]*)?(?:-(\d+))?/.exec(version) ?? [];
  const third = dev === undefined ? Number(patch ?? 0) : Number(dev) - 100_000;
  return [Number(major), Number(minor), third, Number(commits ?? 0)];
}
