/**
 * One test of an ACL: `<fetch[,converters]> [-i] [-m method] [-f file] [-n] [-u id] [--] [pattern] …`
 *
 * Not here: names and conditions (acl-condition.ts), patterns (acl-patterns.ts).
 */
import type { AclTest, MatchMethod } from '../acl-model.ts';
import type { SampleExpression, SampleType } from '../sample-model.ts';
import { nearestWord } from '../suggest.ts';
import { aclKeyword } from './acl-keywords.ts';
import { patternLines, readPattern, readPatterns } from './acl-patterns.ts';
import type { ProxyTarget } from './drafts.ts';
import { parseSampleWords } from './sample.ts';
import { SampleSyntaxError } from './sample-arguments.ts';
import { adoptSample } from './sample-statement.ts';
import { canCast } from './sample-types.ts';
import type { Statement } from './statement.ts';

/** What a method looks at. */
const TAKES: Readonly<Record<Exclude<MatchMethod, 'meth'>, SampleType>> = {
  found: 'any',
  bool: 'sint',
  int: 'sint',
  ip: 'addr',
  bin: 'bin',
  len: 'str',
  str: 'str',
  beg: 'str',
  sub: 'str',
  dir: 'str',
  dom: 'str',
  end: 'str',
  reg: 'str',
};

/** Without `-m`. */
const USUAL: Readonly<Record<SampleType, MatchMethod | null>> = {
  any: null,
  bool: 'bool',
  sint: 'int',
  addr: 'ip',
  ipv4: 'ip',
  ipv6: 'ip',
  str: 'str',
  bin: null,
  meth: null,
};

/** The words of a test: on a line, or of an ACL that is there without being written. */
export interface AclWords {
  readonly words: readonly string[];
  /** Of the first one on the line, to point at. */
  readonly at: number;
  /** They stand on the line. */
  readonly written: boolean;
}

/** null: it is wrong, which has been reported. */
export function readAclTest(s: Statement, target: ProxyTarget, given: AclWords): AclTest | null {
  const reader = new AclReader(s, target, given);
  try {
    return reader.read();
  } catch (failure) {
    if (!(failure instanceof SampleSyntaxError)) throw failure;
    s.error(given.written ? given.at + reader.position : given.at, 'bad-acl', failure.message, failure.hint);
    return null;
  }
}

class AclReader {
  /** The word that is read. */
  position = 0;
  readonly #s: Statement;
  readonly #target: ProxyTarget;
  readonly #given: AclWords;
  readonly #patterns: string[] = [];
  #method: MatchMethod | null = null;
  #ignoresCase = false;

  constructor(s: Statement, target: ProxyTarget, given: AclWords) {
    this.#s = s;
    this.#target = target;
    this.#given = given;
  }

  read(): AclTest {
    const { words, at } = this.#given;
    const first = words[0] ?? '';
    const read = this.#sample(first);
    const sample = adoptSample(this.#s, at, this.#target, read);
    this.#warnWithoutPatterns(first, sample.type);
    this.position = 1;
    while ((words[this.position] ?? '').startsWith('-')) {
      if (!this.#option(sample)) break;
    }
    const method = this.#known(sample);
    const start = this.position;
    for (const word of words.slice(start)) this.#warnParenthesis(first, word, start);
    this.#patterns.push(...readPatterns(method, words.slice(start)));
    return { sample, method, ignoresCase: this.#ignoresCase, patterns: this.#patterns };
  }

  /** A keyword's method is that of its fetch: behind converters the type decides. */
  #sample(word: string): SampleExpression {
    const name = /^[A-Za-z0-9._+:-]*/.exec(word)?.[0] ?? '';
    const keyword = aclKeyword(name);
    const text = keyword === undefined ? word : keyword.fetch + word.slice(name.length);
    const result = parseSampleWords([text]);
    if (result.expression === null)
      throw new SampleSyntaxError(`${result.error} in ACL expression '${word}'`, result.hint);
    const { expression } = result;
    const isPlain = expression.converters.length === 0;
    this.#method = keyword !== undefined && isPlain ? keyword.method : USUAL[expression.type];
    return expression;
  }

  /** False at the end of the options. */
  #option(sample: SampleExpression): boolean {
    const { words } = this.#given;
    const word = words[this.position] ?? '';
    const argument = words[this.position + 1];
    switch (word) {
      case '-i':
        this.#ignoresCase = true;
        this.position++;
        return true;
      case '-n':
        // Names are not looked up anyway.
        this.position++;
        return true;
      case '--':
        this.position++;
        return false;
      case '-u':
        if (argument === undefined || !/^-?\d+$/.test(argument)) {
          throw new SampleSyntaxError('the argument of -u must be an integer');
        }
        this.#s.warning(
          this.#given.at + this.position,
          'no-effect',
          "'-u' is ignored: ACLs are not changed while they are in use",
        );
        break;
      case '-m':
        this.#setMethod(argument, sample);
        break;
      case '-f':
        this.#file(argument, this.#known(sample));
        break;
      case '-M':
        throw new SampleSyntaxError("'-M' is not supported yet: there are no maps", "'-f' reads patterns from a file");
      default:
        throw new SampleSyntaxError(
          `'${word}' is not a valid ACL option`,
          "write '--' before patterns that begin with a '-'",
        );
    }
    this.position += 2;
    return true;
  }

  #setMethod(name: string | undefined, sample: SampleExpression): void {
    if (this.#patterns.length > 0) {
      throw new SampleSyntaxError("'-m' must only be specified before patterns and files");
    }
    if (name === 'regm') throw new SampleSyntaxError("matching method 'regm' is for maps, which are not supported yet");
    const method = Object.keys(TAKES).find((one) => one === name) as keyof typeof TAKES | undefined;
    if (method === undefined) {
      const near = nearestWord(name ?? '', Object.keys(TAKES));
      const hint = near === null ? Object.keys(TAKES).join(', ') : `did you mean '${near}'?`;
      throw new SampleSyntaxError(`unknown matching method '${name ?? ''}'`, hint);
    }
    if (!canCast(sample.type, TAKES[method])) {
      throw new SampleSyntaxError(
        `matching method '${method}' cannot be used with fetch keyword '${sample.fetch.word}'`,
      );
    }
    this.#method = method;
  }

  #file(path: string | undefined, method: MatchMethod): void {
    if (path === undefined) throw new SampleSyntaxError("'-f' lacks the name of a file");
    for (const line of patternLines(this.#read(path))) this.#patterns.push(...readPattern(method, line));
  }

  #read(path: string): string {
    try {
      return this.#target.loading.readFile(path).toString('utf8');
    } catch {
      throw new SampleSyntaxError(`failed to open pattern file <${path}>`);
    }
  }

  #known(sample: SampleExpression): MatchMethod {
    if (this.#method !== null) return this.#method;
    throw new SampleSyntaxError(
      `matching method must be specified first (using '-m') when using a sample fetch of this type ('${sample.fetch.word}')`,
    );
  }

  #warnWithoutPatterns(word: string, type: SampleType): void {
    if (this.#method === null || type === 'bool' || this.#given.words.length > 1) return;
    this.#s.warning(
      this.#given.at,
      'never-matches',
      `'${word}' has no pattern to match against, so this ACL will never match`,
      "'-m found' for whether there is one, '-m bool' for a number that is not 0, '--' if it is meant",
    );
  }

  /** `hdr (x)`: the parenthesis was meant to stand at the word. */
  #warnParenthesis(first: string, word: string, start: number): void {
    const isSecond = start === 1 && word === this.#given.words[1];
    if (!isSecond || !word.startsWith('(') || first.includes('(')) return;
    this.#s.warning(
      this.#given.at + 1,
      'suspicious-pattern',
      `matching '${first}' for pattern '${word}' is likely a mistake`,
      "remove the space before '(', or write '--' before the pattern",
    );
  }
}
