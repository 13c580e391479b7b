/** Response heads: our scanner against the reference reader and llhttp, before and after rewriting, in pieces and whole. */
import { HEAD_OK, HEAD_PARTIAL, statusOf } from '../../../src/http1/head.ts';
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Target, type Verdict } from '../engine/target.ts';
import type { HeadMeaning } from '../reference/reading.ts';
import { readResponse } from '../reference/response.ts';
import { RESPONSE_CORPUS } from './corpus.ts';
import { explained, READ_OTHERWISE, RESPONSE_DIFFERENCES } from './differences.ts';
import { response } from './grammar.ts';
import { Llhttp } from './llhttp.ts';
import { fieldsDiffer, readCanonical } from './meaning.ts';
import { mutate } from './mutate.ts';
import { cutsFor } from './pieces.ts';
import { type HeadScan, scanInPieces, scanResponse } from './scanning.ts';

const llhttp = new Llhttp();
/** Above it a synthetic body is only begun. */
const MAX_BODY = 1000;

function make(random: SeededRandom): string {
  const source = () => (random.below(5) === 0 ? random.pick(RESPONSE_CORPUS) : response(random));
  const text = source();
  return random.below(2) === 0 ? text : mutate(random, text, source);
}

function check(input: string, tally: Tally): Verdict {
  const whole = scanInPieces(scanResponse, input, []);
  return (
    againstPieces(whole, input) ??
    againstReference(whole, input, tally) ??
    (whole.code === HEAD_OK ? (againstLlhttp(whole, input, tally) ?? againstItself(whole)) : null)
  );
}

function againstPieces(whole: HeadScan, input: string): Verdict {
  if (whole.damage !== null) return finding('memory', whole.damage);
  for (const cuts of cutsFor(input.length)) {
    const pieces = scanInPieces(scanResponse, input, cuts);
    const same = JSON.stringify(pieces) === JSON.stringify(whole);
    if (!same) return finding('depends on how it arrives', { cuts, whole, pieces });
  }
  return null;
}

function againstReference(whole: HeadScan, input: string, tally: Tally): Verdict {
  const reading = readResponse(input);
  if (whole.code === HEAD_PARTIAL) {
    return reading.verdict === 'partial' ? null : finding('waits for more of a whole head', reading);
  }
  if (whole.code !== HEAD_OK) {
    if (reading.verdict === 'accepted') return finding(`refused without a rule: code ${whole.code}`, reading);
    if (statusOf(whole.code) !== 502) return finding(`status ${statusOf(whole.code)}`, reading);
    if (reading.verdict === 'refused') {
      tally.count(`refused: ${reading.violations[0]?.rule}`, input);
      const { messages, error } = llhttp.responses(input, true);
      if (error === null && messages[0]?.complete === true) {
        tally.count(`llhttp takes: ${reading.violations[0]?.rule}`, input);
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
  const sent = readCanonical(whole.sent, false);
  if (typeof sent === 'string') return finding('not canonical', { sent, whole: printable(whole.sent) });
  if (sent.startLine.trimEnd() !== meaning.startLine.trimEnd()) {
    const reason = (line: string) => line.slice(13).replace(/^[\t ]+|[\t ]+$/g, '');
    const same = sent.startLine.slice(0, 13) === meaning.startLine.slice(0, 13);
    if (!same || reason(sent.startLine) !== reason(meaning.startLine)) {
      return finding('another status line', [sent.startLine, meaning.startLine]);
    }
  }
  const wanted = meaning.upgrade ? [...meaning.fields, ['Connection', 'upgrade'] as const] : meaning.fields;
  const fields = fieldsDiffer(sent.fields, wanted);
  return fields === null ? null : finding('other fields', fields);
}

/** 1xx, 204 and 304 end with their head, whatever they announce (RFC 9112 6.3). */
const hasBody = (head: string): boolean => !/^HTTP\/1\.\d (?:1\d\d|204|304)/.test(head);

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

function sameToLlhttp(where: 'input' | 'output', head: string, whole: HeadScan, tally: Tally): Verdict {
  const untilClose = hasBody(head) && whole.length < 0 && !whole.chunked;
  const content = !hasBody(head)
    ? ''
    : whole.chunked || untilClose
      ? 'abc'
      : 'x'.repeat(Math.min(whole.length, MAX_BODY));
  const body = hasBody(head) && whole.chunked ? '3\r\nabc\r\n0\r\n\r\n' : content;
  const { messages, error } = llhttp.responses(head + body, untilClose);
  if (error !== null) {
    const difference = explained(RESPONSE_DIFFERENCES, where, error, head);
    if (difference === undefined) return finding(`llhttp refuses our ${where}: ${error}`, printable(head));
    tally.count(`explained, ${where}: ${difference.name}`, head);
    return null;
  }
  const [message, second] = messages;
  if (message === undefined || second !== undefined) {
    return finding(`llhttp sees ${messages.length} messages in our ${where}`, printable(head));
  }
  const complete = !hasBody(head) || whole.length <= MAX_BODY;
  if (message.complete !== complete || message.body !== content) {
    const difference = explained(RESPONSE_DIFFERENCES, where, READ_OTHERWISE, head);
    if (difference === undefined) {
      return finding(`llhttp frames our ${where} in another way`, { head: printable(head), body, message });
    }
    tally.count(`explained, ${where}: ${difference.name}`, head);
    return null;
  }
  const read = readCanonical(head, false);
  if (where === 'input' || typeof read === 'string') {
    tally.count(`llhttp agrees on the ${where}`);
    return null;
  }
  const line = `HTTP/1.${message.minor} ${message.status} `;
  if (!read.startLine.startsWith(line)) {
    return finding(`llhttp reads another status line in our ${where}`, { line: read.startLine, message });
  }
  const fields = fieldsDiffer(read.fields, message.fields);
  if (fields !== null) return finding(`llhttp reads other fields in our ${where}`, fields);
  tally.count(`llhttp agrees on the ${where}`);
  return null;
}

function againstItself(whole: HeadScan): Verdict {
  const again = scanInPieces(scanResponse, whole.sent, []);
  if (again.code !== HEAD_OK) return finding('our output is refused by ourselves', printable(whole.sent));
  const framing = [again.length, again.chunked, again.minor, again.upgrade, again.end];
  const wanted = [whole.length, whole.chunked, whole.minor, whole.upgrade, whole.sent.length];
  if (JSON.stringify(framing) !== JSON.stringify(wanted)) return finding('our output means something else', again);
  return again.sent === whole.sent ? null : finding('our output changes a second time', [whole.sent, again.sent]);
}

export const RESPONSE_HEADS: Target = {
  name: 'response-heads',
  count: 20_000,
  make,
  check,
  expected: ['accepted', 'llhttp agrees on the input', 'llhttp agrees on the output'],
};
