/** Request heads: our scanner against the reference reader and llhttp, before and after rewriting, in pieces and whole. */
import { HEAD_OK, HEAD_PARTIAL, statusOf } from '../../../src/http1/head.ts';
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Target, type Verdict } from '../engine/target.ts';
import type { HeadMeaning } from '../reference/reading.ts';
import { readRequest } from '../reference/request.ts';
import { REQUEST_CORPUS } from './corpus.ts';
import { explained, READ_OTHERWISE, REQUEST_DIFFERENCES } from './differences.ts';
import { request } from './grammar.ts';
import { Llhttp } from './llhttp.ts';
import { fieldsDiffer, readCanonical } from './meaning.ts';
import { mutate } from './mutate.ts';
import { cutsFor } from './pieces.ts';
import { type HeadScan, scanInPieces, scanRequest } from './scanning.ts';

const llhttp = new Llhttp();
/** Would make of a head that is refused too early one that is fine. */
const COMPLETIONS = [
  '\r\n\r\n',
  '\n\r\n',
  '\r\nHost: a.test\r\n\r\n',
  ' HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'a: b\r\n\r\n',
];

function make(random: SeededRandom): string {
  const source = () => (random.below(5) === 0 ? random.pick(REQUEST_CORPUS) : request(random));
  const text = source();
  return random.below(2) === 0 ? text : mutate(random, text, source);
}

function check(input: string, tally: Tally): Verdict {
  const whole = scanInPieces(scanRequest, input, []);
  return (
    againstPieces(whole, input) ??
    againstReference(whole, input, tally) ??
    (whole.code === HEAD_OK ? (againstLlhttp(whole, input, tally) ?? againstItself(whole)) : null)
  );
}

function againstPieces(whole: HeadScan, input: string): Verdict {
  if (whole.damage !== null) return finding('memory', whole.damage);
  for (const cuts of cutsFor(input.length)) {
    const pieces = scanInPieces(scanRequest, input, cuts);
    const same = JSON.stringify(pieces) === JSON.stringify(whole);
    if (!same) return finding('depends on how it arrives', { cuts, whole, pieces });
  }
  return null;
}

function againstReference(whole: HeadScan, input: string, tally: Tally): Verdict {
  const reading = readRequest(input);
  if (whole.code === HEAD_PARTIAL) {
    return reading.verdict === 'partial' ? null : finding('waits for more of a whole head', reading);
  }
  if (whole.code !== HEAD_OK) {
    const status = statusOf(whole.code);
    if (reading.verdict === 'accepted') return finding(`refused without a rule: code ${whole.code}`, reading);
    if (reading.verdict === 'refused') {
      const rules = reading.violations.filter(({ statuses }) => statuses.includes(status));
      if (rules.length === 0) return finding(`status ${status} for another reason`, reading);
      tally.count(`refused: ${rules[0]?.rule}`, input);
      countStrictness(rules[0]?.rule ?? '', input, tally);
      return null;
    }
    for (const completion of COMPLETIONS) {
      if (readRequest(input + completion).verdict === 'accepted') {
        return finding('refused before it was wrong', { code: whole.code, completion });
      }
    }
    return null;
  }
  if (reading.verdict !== 'accepted') return finding('accepted against a rule', reading);
  tally.count('accepted');
  return differs(whole, reading.meaning);
}

function differs(whole: HeadScan, meaning: HeadMeaning): Verdict {
  const ours = [whole.minor, whole.length, whole.chunked, whole.upgrade, whole.end];
  const theirs = [meaning.minor, meaning.length, meaning.chunked, meaning.upgrade, meaning.end];
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) return finding('another framing', { ours, theirs });
  const sent = readCanonical(whole.sent, true);
  if (typeof sent === 'string') return finding('not canonical', { sent, whole: printable(whole.sent) });
  if (sent.startLine !== meaning.startLine) return finding('another request line', [sent.startLine, meaning.startLine]);
  const wanted = meaning.upgrade ? [...meaning.fields, ['Connection', 'upgrade'] as const] : meaning.fields;
  const fields = fieldsDiffer(sent.fields, wanted);
  return fields === null ? null : finding('other fields', fields);
}

/** What llhttp takes and we do not: which rule it is, for the table of strictness. */
function countStrictness(rule: string, input: string, tally: Tally): void {
  const { messages, error } = llhttp.requests(input);
  if (error === null && messages[0]?.complete === true) tally.count(`llhttp takes: ${rule}`, input);
}

function againstLlhttp(whole: HeadScan, input: string, tally: Tally): Verdict {
  for (const [where, head] of [
    ['input', input.slice(0, whole.end)],
    ['output', whole.sent],
  ] as const) {
    const verdict = sameToLlhttp(where, head, whole, tally);
    if (verdict !== null) return verdict;
  }
  return null;
}

/** llhttp must see one message with our length, method, target and fields. */
function sameToLlhttp(where: 'input' | 'output', head: string, whole: HeadScan, tally: Tally): Verdict {
  const body = whole.chunked ? '3\r\nabc\r\n0\r\n\r\n' : 'x'.repeat(Math.max(0, Math.min(whole.length, 1000)));
  const { messages, error } = llhttp.requests(head + body);
  if (error !== null) {
    const difference = explained(REQUEST_DIFFERENCES, where, error, head);
    if (difference === undefined) return finding(`llhttp refuses our ${where}: ${error}`, printable(head));
    tally.count(`explained, ${where}: ${difference.name}`, head);
    return null;
  }
  const [message, second] = messages;
  if (message === undefined || second !== undefined) {
    return finding(`llhttp sees ${messages.length} messages in our ${where}`, printable(head));
  }
  const content = whole.chunked ? 'abc' : body;
  // With an announced length above 1000 only a part was sent.
  const complete = whole.length <= 1000;
  if (message.complete !== complete || message.body !== content) {
    const difference = explained(REQUEST_DIFFERENCES, where, READ_OTHERWISE, head);
    if (difference === undefined) {
      return finding(`llhttp frames our ${where} in another way`, { head: printable(head), message });
    }
    tally.count(`explained, ${where}: ${difference.name}`, head);
    return null;
  }
  if (complete && body !== '' && llhttp.requests(head + body.slice(0, -1)).messages[0]?.complete !== false) {
    return finding(`llhttp ends our ${where} too early`, printable(head));
  }
  const read = readCanonical(head.replace(/^(?:\r\n)*/, ''), true);
  if (where === 'input' || typeof read === 'string') {
    tally.count(`llhttp agrees on the ${where}`);
    return null;
  }
  if (`${message.method} ${message.url} HTTP/1.${message.minor}` !== read.startLine) {
    return finding(`llhttp reads another request line in our ${where}`, { line: read.startLine, message });
  }
  const fields = fieldsDiffer(read.fields, message.fields);
  if (fields !== null) return finding(`llhttp reads other fields in our ${where}`, fields);
  tally.count(`llhttp agrees on the ${where}`);
  return null;
}

/** What leaves means the same to the next proxy of our kind, and leaves it as it is. */
function againstItself(whole: HeadScan): Verdict {
  const again = scanInPieces(scanRequest, whole.sent, []);
  if (/\r\nmax-forwards:[ \t]*0+[ \t]*\r\n/i.test(whole.sent)) return null;
  if (again.code !== HEAD_OK) return finding('our output is refused by ourselves', printable(whole.sent));
  const framing = [again.length, again.chunked, again.minor, again.upgrade, again.end];
  const wanted = [whole.length, whole.chunked, whole.minor, whole.upgrade, whole.sent.length];
  if (JSON.stringify(framing) !== JSON.stringify(wanted)) return finding('our output means something else', again);
  // Hops are counted down each time.
  if (/\r\nmax-forwards:/i.test(whole.sent)) return null;
  return again.sent === whole.sent ? null : finding('our output changes a second time', [whole.sent, again.sent]);
}

export const REQUEST_HEADS: Target = {
  name: 'request-heads',
  count: 20_000,
  make,
  check,
  expected: ['accepted', 'llhttp agrees on the input', 'llhttp agrees on the output'],
};
