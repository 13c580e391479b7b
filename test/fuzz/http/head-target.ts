/**
 * Heads of one direction: our scanner against the reference reader and llhttp, before and after rewriting, in pieces and
 * whole. Not here: what requests and responses have of their own (request-target.ts, response-target.ts).
 */
import { HEAD_OK, HEAD_PARTIAL, statusOf } from '../../../src/http1/head.ts';
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Target, type Verdict } from '../engine/target.ts';
import type { HeadMeaning, Reading } from '../reference/reading.ts';
import { type Difference, explained, READ_OTHERWISE } from './differences.ts';
import type { LlhttpMessage, LlhttpReading } from './llhttp.ts';
import { fieldsDiffer, readCanonical } from './meaning.ts';
import { mutate } from './mutate.ts';
import { cutsFor } from './pieces.ts';
import { type HeadScan, type Scan, scanInPieces } from './scanning.ts';

/** Above it a body that llhttp gets is only begun. */
const MAX_BODY = 1000;

export interface Direction {
  readonly name: string;
  readonly isRequest: boolean;
  readonly scan: Scan;
  readonly read: (text: string) => Reading;
  readonly corpus: readonly [string, ...string[]];
  readonly grammar: (random: SeededRandom) => string;
  readonly differences: readonly Difference[];
  /** What would make of a head that is refused too early one that is fine. */
  readonly completions: readonly string[];
  /** `ended`: no byte will follow. */
  readonly llhttp: (bytes: string, ended: boolean) => LlhttpReading;
  /** A body may follow this head. */
  readonly hasBody: (head: string) => boolean;
  /** Start lines in a form in which equal ones are equal. */
  readonly plainLine: (line: string) => string;
  readonly lineOf: (message: LlhttpMessage) => string;
}

export function headTarget(direction: Direction): Target {
  const checks = new HeadChecks(direction);
  return {
    name: direction.name,
    count: 20_000,
    make(random) {
      const source = () => (random.below(5) === 0 ? random.pick(direction.corpus) : direction.grammar(random));
      const text = source();
      return random.below(2) === 0 ? text : mutate(random, text, source);
    },
    check: (input, tally) => checks.check(input, tally),
    expected: ['accepted', 'llhttp agrees on the input', 'llhttp agrees on the output'],
  };
}

class HeadChecks {
  readonly #direction: Direction;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  check(input: string, tally: Tally): Verdict {
    const whole = scanInPieces(this.#direction.scan, input, []);
    const verdict = this.#againstPieces(whole, input) ?? this.#againstReference(whole, input, tally);
    if (verdict !== null || whole.code !== HEAD_OK) return verdict;
    return (
      this.#againstLlhttp('input', input.slice(0, whole.end), whole, tally) ??
      this.#againstLlhttp('output', whole.sent, whole, tally) ??
      this.#againstItself(whole)
    );
  }

  #againstPieces(whole: HeadScan, input: string): Verdict {
    if (whole.damage !== null) return finding('memory', whole.damage);
    for (const cuts of cutsFor(input.length)) {
      const pieces = scanInPieces(this.#direction.scan, input, cuts);
      const same = JSON.stringify(pieces) === JSON.stringify(whole);
      if (!same) return finding('depends on how it arrives', { cuts, whole, pieces });
    }
    return null;
  }

  #againstReference(whole: HeadScan, input: string, tally: Tally): Verdict {
    const reading = this.#direction.read(input);
    if (whole.code === HEAD_PARTIAL) {
      return reading.verdict === 'partial' ? null : finding('waits for more of a whole head', reading);
    }
    if (whole.code === HEAD_OK) {
      if (reading.verdict !== 'accepted') return finding('accepted against a rule', reading);
      tally.count('accepted');
      return this.#differs(whole, reading.meaning);
    }
    if (reading.verdict === 'accepted') return finding(`refused without a rule: code ${whole.code}`, reading);
    if (reading.verdict === 'partial') return this.#tooEarly(whole, input);
    const status = statusOf(whole.code);
    const [violation] = reading.violations.filter(({ statuses }) => statuses.includes(status));
    if (violation === undefined) return finding(`status ${status} for another reason`, reading);
    tally.count(`refused: ${violation.rule}`, input);
    // What llhttp takes and we do not: which rule it is.
    const { messages, error } = this.#direction.llhttp(input, !this.#direction.isRequest);
    if (error === null && messages[0]?.complete === true) tally.count(`llhttp takes: ${violation.rule}`, input);
    return null;
  }

  #tooEarly(whole: HeadScan, input: string): Verdict {
    for (const completion of this.#direction.completions) {
      if (this.#direction.read(input + completion).verdict === 'accepted') {
        return finding('refused before it was wrong', { code: whole.code, completion });
      }
    }
    return null;
  }

  #differs(whole: HeadScan, meaning: HeadMeaning): Verdict {
    const ours = [whole.minor, whole.length, whole.chunked, whole.upgrade, whole.end];
    const theirs = [meaning.minor, meaning.length, meaning.chunked, meaning.upgrade, meaning.end];
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) return finding('another framing', { ours, theirs });
    const { isRequest, plainLine } = this.#direction;
    const sent = readCanonical(whole.sent, isRequest);
    if (typeof sent === 'string') return finding('not canonical', { sent, whole: printable(whole.sent) });
    if (plainLine(sent.startLine) !== plainLine(meaning.startLine)) {
      return finding('another start line', [sent.startLine, meaning.startLine]);
    }
    const wanted = meaning.upgrade ? [...meaning.fields, ['Connection', 'upgrade'] as const] : meaning.fields;
    const fields = fieldsDiffer(sent.fields, wanted);
    return fields === null ? null : finding('other fields', fields);
  }

  /** llhttp must see one message with our length, start line and fields. */
  #againstLlhttp(where: 'input' | 'output', head: string, whole: HeadScan, tally: Tally): Verdict {
    const { isRequest, differences, llhttp, hasBody } = this.#direction;
    const follows = hasBody(head);
    const untilClose = !isRequest && follows && whole.length < 0 && !whole.chunked;
    const abc = whole.chunked || untilClose;
    const content = !follows ? '' : abc ? 'abc' : 'x'.repeat(Math.max(0, Math.min(whole.length, MAX_BODY)));
    const body = follows && whole.chunked ? '3\r\nabc\r\n0\r\n\r\n' : content;
    const complete = !follows || whole.length <= MAX_BODY;
    const { messages, error } = llhttp(head + body, untilClose);
    const [message, second] = messages;
    const isSame = message?.complete === complete && message.body === content && second === undefined;
    if (error !== null || message === undefined || !isSame) {
      const difference = explained(differences, where, error ?? READ_OTHERWISE, head);
      if (difference !== undefined) {
        tally.count(`explained, ${where}: ${difference.name}`, head);
        return null;
      }
      const kind =
        error === null ? `llhttp frames our ${where} in another way` : `llhttp refuses our ${where}: ${error}`;
      return finding(kind, { head: printable(head), messages });
    }
    const cutShort = complete && body !== '' && !untilClose ? llhttp(head + body.slice(0, -1), false) : null;
    if (cutShort?.messages[0]?.complete === true) return finding(`llhttp ends our ${where} too early`, printable(head));
    tally.count(`llhttp agrees on the ${where}`);
    return where === 'output' ? this.#sameText(head, message) : null;
  }

  #sameText(head: string, message: LlhttpMessage): Verdict {
    const { isRequest, lineOf } = this.#direction;
    const read = readCanonical(head, isRequest);
    if (typeof read === 'string') return finding('not canonical', read);
    const line = lineOf(message);
    if (!read.startLine.startsWith(line)) return finding('llhttp reads another start line', [read.startLine, line]);
    const fields = fieldsDiffer(read.fields, message.fields);
    return fields === null ? null : finding('llhttp reads other fields in our output', fields);
  }

  /** What leaves means the same to the next proxy of our kind, and leaves it as it is. */
  #againstItself(whole: HeadScan): Verdict {
    const again = scanInPieces(this.#direction.scan, whole.sent, []);
    // Hops are counted down each time, until there is none left.
    if (this.#direction.isRequest && /\r\nmax-forwards:[ \t]*0+[ \t]*\r\n/i.test(whole.sent)) return null;
    if (again.code !== HEAD_OK) return finding('our output is refused by ourselves', printable(whole.sent));
    const framing = [again.length, again.chunked, again.minor, again.upgrade, again.end];
    const wanted = [whole.length, whole.chunked, whole.minor, whole.upgrade, whole.sent.length];
    if (JSON.stringify(framing) !== JSON.stringify(wanted)) return finding('our output means something else', again);
    if (again.sent === whole.sent || /\r\nmax-forwards:/i.test(whole.sent)) return null;
    return finding('our output changes a second time', [whole.sent, again.sent]);
  }
}
