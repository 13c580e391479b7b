/**
 * The nesting of `.if … .elif … .else … .endif`: which lines count.
 *
 *   each level is in one of three states:   taking    its lines count
 *                                           waiting   no branch was true yet, a later one may be
 *                                           done      a branch was taken, or an outer level skips all of this
 */
import { type ConditionFacts, evaluateCondition } from './conditions.ts';
import type { Statement } from './statement.ts';

/** HAProxy's MAXNESTEDCONDS. */
const MAX_LEVELS = 1024;

type Branch = 'taking' | 'waiting' | 'done';

interface Level {
  branch: Branch;
  sawElse: boolean;
  readonly opened: Statement;
}

export class ConditionBlocks {
  readonly #levels: Level[] = [];
  readonly #facts: ConditionFacts;

  constructor(facts: ConditionFacts) {
    this.#facts = facts;
  }

  /** Whether a line that stands here counts. */
  get taking(): boolean {
    return this.#levels.at(-1)?.branch !== 'waiting' && this.#levels.at(-1)?.branch !== 'done';
  }

  /** Handles the four words of the blocks; false when the line is something else. */
  handle(s: Statement): boolean {
    switch (s.text(0)) {
      case '.if':
        this.#open(s);
        return true;
      case '.elif':
        this.#elif(s);
        return true;
      case '.else':
        this.#else(s);
        return true;
      case '.endif':
        this.#close(s);
        return true;
      default:
        return false;
    }
  }

  /** At the end of a file: every block must be closed. */
  finish(): void {
    for (const { opened } of this.#levels) opened.error(0, 'unterminated-if', "this '.if' has no '.endif'");
    this.#levels.length = 0;
  }

  #open(s: Statement): void {
    if (this.#levels.length >= MAX_LEVELS - 1) {
      s.error(0, 'nested-too-deeply', `too many nested '.if', at most ${MAX_LEVELS}`);
      return;
    }
    const branch = this.taking ? this.#evaluate(s) : 'done';
    this.#levels.push({ branch, sawElse: false, opened: s });
  }

  #elif(s: Statement): void {
    const level = this.#level(s);
    if (level === null) return;
    level.branch = level.branch === 'waiting' ? this.#evaluate(s) : 'done';
  }

  #else(s: Statement): void {
    const level = this.#level(s);
    if (level === null || unexpectedArgument(s)) return;
    level.branch = level.branch === 'waiting' ? 'taking' : 'done';
    level.sawElse = true;
  }

  #close(s: Statement): void {
    if (unexpectedArgument(s)) return;
    if (this.#levels.pop() === undefined) s.error(0, 'lone-condition', "'.endif' without '.if'");
  }

  /** The innermost level, for a word that may not follow `.else`. */
  #level(s: Statement): Level | null {
    const level = this.#levels.at(-1);
    if (level === undefined) {
      s.error(0, 'lone-condition', `'${s.text(0)}' without '.if'`);
      return null;
    }
    if (!level.sawElse) return level;
    s.error(0, 'misplaced-condition', `'${s.text(0)}' after '.else' is not permitted`);
    return null;
  }

  /** A condition that makes no sense takes no branch at all: one error, not one per line behind it. */
  #evaluate(s: Statement): Branch {
    const result = evaluateCondition(s.textFrom(1), this.#facts);
    if (result.error === null) return result.value ? 'taking' : 'waiting';
    s.error(1, 'bad-condition', `${result.error} (in '${s.text(0)} ${s.textFrom(1)}')`);
    return 'done';
  }
}

function unexpectedArgument(s: Statement): boolean {
  if (!s.has(1)) return false;
  s.error(1, 'extra-argument', `'${s.text(0)}' takes no argument`);
  return true;
}
