/**
 * `acl NAME …` and what refers to it: `if a !b or { path_beg /x }`. An ACL has to be defined before it is used; what is added to
 * it later counts all the same.
 *
 * Not here: a single test (acl.ts).
 */
import type { Acl, Condition, ConditionTerm } from '../acl-model.ts';
import type { SampleExpression } from '../sample-model.ts';
import { nearestWord } from '../suggest.ts';
import { readAclTest } from './acl.ts';
import { predefinedAcl, predefinedNames } from './acl-keywords.ts';
import type { ProxyTarget } from './drafts.ts';
import type { AclDraft } from './rules-draft.ts';
import type { Statement } from './statement.ts';

export function applyAcl(s: Statement, _at: number, target: ProxyTarget): void {
  const name = s.text(1);
  const bad = /[^A-Za-z0-9.:_-]/.exec(name)?.[0];
  if (bad !== undefined) {
    s.error(1, 'bad-name', `character '${bad}' is not permitted in the ACL name '${name}'`);
    return;
  }
  if (name.toLowerCase() === 'or') {
    const hint = 'give it another name';
    s.error(1, 'bad-name', "'or' in a condition is the disjunction, so no ACL can have that name", hint);
    return;
  }
  const words = s.words.slice(2).map((word) => word.text);
  const test = readAclTest(s, target, { words, at: 2, written: true });
  if (test === null) return;
  const { acls } = target.proxy.rules;
  const known = acls.find((acl) => acl.name === name);
  if (known === undefined) acls.push({ name, tests: [test] });
  else known.tests.push(test);
}

/** Where a condition is evaluated, and what HAProxy calls that. */
export interface ConditionPlace {
  /** PLACE_*. */
  readonly place: number;
  readonly words: string;
}

/** From word `at` on, `if` or `unless`; null: it is wrong, which has been reported. */
export function readCondition(s: Statement, at: number, target: ProxyTarget, where: ConditionPlace): Condition | null {
  const first = s.text(at);
  if (first !== 'if' && first !== 'unless') {
    s.error(at, 'bad-condition', "conditions must start with either 'if' or 'unless'");
    return null;
  }
  const suites = new ConditionReader(s, at + 1, target).read();
  if (suites === null) return null;
  warnConflicts(s, at, suites, where);
  return { unless: first === 'unless', suites };
}

class ConditionReader {
  readonly #s: Statement;
  readonly #target: ProxyTarget;
  readonly #suites: ConditionTerm[][] = [];
  #suite: ConditionTerm[] | null = null;
  #negated = false;
  #at: number;

  constructor(s: Statement, at: number, target: ProxyTarget) {
    this.#s = s;
    this.#at = at;
    this.#target = target;
  }

  read(): ConditionTerm[][] | null {
    for (; this.#s.has(this.#at); this.#at++) {
      const written = this.#s.text(this.#at);
      const word = written.replace(/^!+/, '');
      if ((written.length - word.length) % 2 === 1) this.#negated = !this.#negated;
      if (word === '') continue;
      if (word.toLowerCase() === 'or' || word === '||') {
        this.#suite = null;
        this.#negated = false;
        continue;
      }
      const acl = word === '{' ? this.#anonymous() : this.#named(word);
      if (acl === null) return null;
      this.#add({ acl, negated: this.#negated });
      this.#negated = false;
    }
    return this.#suites;
  }

  #add(term: ConditionTerm): void {
    if (this.#suite === null) {
      this.#suite = [];
      this.#suites.push(this.#suite);
    }
    this.#suite.push(term);
  }

  #anonymous(): Acl | null {
    const start = this.#at + 1;
    let end = start;
    while (this.#s.has(end) && this.#s.text(end) !== '}') end++;
    if (!this.#s.has(end)) {
      this.#s.error(this.#at, 'bad-condition', "missing closing '}' in condition", "write a space before the '}'");
      return null;
    }
    this.#at = end;
    const words = this.#s.words.slice(start, end).map((word) => word.text);
    const test = readAclTest(this.#s, this.#target, { words, at: start, written: true });
    return test === null ? null : { name: '', tests: [test] };
  }

  #named(name: string): Acl | null {
    const { acls } = this.#target.proxy.rules;
    const known = acls.find((acl) => acl.name === name);
    if (known !== undefined) return known;
    const words = predefinedAcl(name);
    if (words === undefined) {
      const near = nearestWord(name, [...acls.map((acl) => acl.name), ...predefinedNames()]);
      const hint = near === null ? 'an ACL has to be defined above' : `did you mean '${near}'?`;
      this.#s.error(this.#at, 'unknown-acl', `no such ACL : '${name}'`, hint);
      return null;
    }
    const test = readAclTest(this.#s, this.#target, { words, at: this.#at, written: false });
    if (test === null) return null;
    const made: AclDraft = { name, tests: [test] };
    acls.push(made);
    return made;
  }
}

function isThere({ places }: SampleExpression, where: ConditionPlace): boolean {
  return (places & where.place) !== 0;
}

/** An ACL that can never match here, or a part of one: likely a mistake. */
function warnConflicts(
  s: Statement,
  at: number,
  suites: readonly (readonly ConditionTerm[])[],
  where: ConditionPlace,
): void {
  const acls = suites.flat().map((term) => term.acl);
  const never = acls.find((acl) => !acl.tests.some((test) => isThere(test.sample, where)));
  if (never !== undefined) {
    const what =
      never.name === ''
        ? `anonymous acl will never match because it uses keyword '${never.tests[0]?.sample.fetch.word ?? ''}' which is`
        : `acl '${never.name}' will never match because it only involves keywords that are`;
    s.warning(at, 'never-matches', `${what} incompatible with '${where.words}'`);
    return;
  }
  for (const acl of acls) {
    const odd = acl.tests.find((test) => !isThere(test.sample, where));
    if (odd === undefined) continue;
    const name = acl.name === '' ? 'anonymous acl' : `acl '${acl.name}'`;
    s.warning(
      at,
      'never-matches',
      `${name} involves keyword '${odd.sample.fetch.word}' which is incompatible with '${where.words}'`,
    );
    return;
  }
}
