/** Chunked bodies: our decoder against the reference reader and llhttp, however the bytes arrive. */
import { BODY_DONE, BODY_ERROR, BODY_MORE, ChunkedBody, scanChunked } from '../../../src/http1/chunked.ts';
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Target, type Verdict } from '../engine/target.ts';
import { beginsForbidden, type ChunkedReading, readChunked } from '../reference/chunked.ts';
import { CHUNKED_CORPUS } from './corpus.ts';
import { CHUNKED_DIFFERENCES, explained } from './differences.ts';
import { chunkedBody } from './grammar.ts';
import { Llhttp } from './llhttp.ts';
import { fieldsDiffer } from './meaning.ts';
import { mutate } from './mutate.ts';

const llhttp = new Llhttp();
const CANARY = 0xa5;
const MARGIN = 8;
const HEAD = 'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n';
/** Would make of a body that is refused too early one that is fine. */
const COMPLETIONS = ['\n0\r\n\r\n', '\r\n0\r\n\r\n', '\r\n\r\n', '\n\r\n', 'a\r\n\r\n', ': b\r\n\r\n'];

function make(random: SeededRandom): string {
  const source = () => (random.below(5) === 0 ? random.pick(CHUNKED_CORPUS) : chunkedBody(random));
  const text = source();
  return random.below(3) === 0 ? text : mutate(random, text, source);
}

interface Decoded {
  readonly verdict: number;
  readonly output: string;
  readonly consumed: number;
  readonly dataBytes: number;
}

/** Each piece in a place of its own, with canaries around. */
function decode(input: string, step: number, strip: boolean): Decoded {
  const body = new ChunkedBody();
  body.strip = strip;
  let verdict = BODY_MORE;
  let output = '';
  let consumed = 0;
  while (verdict === BODY_MORE && consumed < input.length) {
    const piece = input.slice(consumed, consumed + step);
    const bytes = Buffer.alloc(piece.length + 2 * MARGIN, CANARY);
    const end = MARGIN + piece.length;
    bytes.write(piece, MARGIN, 'latin1');
    verdict = scanChunked(body, bytes, MARGIN, end);
    if (body.written > body.consumed || body.consumed > end) throw new Error('took or wrote more than there was');
    if (verdict === BODY_MORE && body.consumed !== end) throw new Error('waits without having taken everything');
    for (let i = 0; i < MARGIN; i++) {
      if (bytes[i] !== CANARY || bytes[end + i] !== CANARY) throw new Error('wrote outside of its range');
    }
    output += bytes.toString('latin1', MARGIN, body.written);
    consumed += body.consumed - MARGIN;
  }
  return { verdict, output, consumed, dataBytes: body.dataBytes };
}

function check(input: string, tally: Tally): Verdict {
  const whole = decode(input, Math.max(1, input.length), false);
  const stripped = decode(input, Math.max(1, input.length), true);
  const framing = [stripped.verdict, stripped.consumed, stripped.dataBytes];
  if (JSON.stringify(framing) !== JSON.stringify([whole.verdict, whole.consumed, whole.dataBytes])) {
    return finding('without its framing the body is another', { whole, stripped });
  }
  const reading = readChunked(input);
  return (
    againstPieces(input, whole, stripped) ??
    againstReference(input, whole, stripped, reading, tally) ??
    againstLlhttp(input, whole, tally)
  );
}

/** A trailer field that may not go on, whose name has gone on in part, cannot be taken back: the body is refused then. */
const mayBeRefusedLate = (input: string): boolean =>
  input.split('\r\n').some((line) => /^[a-z]/i.test(line) && beginsForbidden(/^[^:]*/.exec(line)?.[0] ?? ''));

function againstPieces(input: string, whole: Decoded, stripped: Decoded): Verdict {
  for (const step of [1, 2, 7]) {
    const pieces = decode(input, step, false);
    const excused = pieces.verdict === BODY_ERROR && mayBeRefusedLate(input);
    if (!excused && JSON.stringify(pieces) !== JSON.stringify(whole)) {
      return finding('depends on how it arrives', { step, whole, pieces });
    }
    const data = decode(input, step, true);
    if (JSON.stringify(data) !== JSON.stringify(stripped)) {
      return finding('its data depends on how it arrives', { step, stripped, data });
    }
  }
  return null;
}

function againstReference(
  input: string,
  whole: Decoded,
  stripped: Decoded,
  reading: ChunkedReading,
  tally: Tally,
): Verdict {
  switch (whole.verdict) {
    case BODY_MORE:
      return reading.verdict === 'partial' ? null : finding('waits for more of a whole body', reading);
    case BODY_DONE: {
      if (reading.verdict !== 'accepted') return finding('accepted against a rule', reading);
      tally.count('accepted');
      const ours = [stripped.output, whole.output, whole.consumed];
      const theirs = [reading.data, reading.sent, reading.end];
      return JSON.stringify(ours) === JSON.stringify(theirs) ? null : finding('another body', { ours, theirs });
    }
    default:
      if (reading.verdict === 'accepted') return finding('refused without a rule', reading);
      if (reading.verdict === 'refused') {
        tally.count(`refused: ${reading.rule}`, input);
        const { messages, error } = llhttp.requests(HEAD + input);
        if (error === null && messages[0]?.complete === true) tally.count(`llhttp takes: ${reading.rule}`, input);
        return null;
      }
      for (const completion of COMPLETIONS) {
        const one = readChunked(input + completion);
        if (one.verdict === 'accepted')
          return finding('refused before it was wrong', { completion, input: printable(input) });
      }
      return null;
  }
}

function againstLlhttp(input: string, whole: Decoded, tally: Tally): Verdict {
  if (whole.verdict !== BODY_DONE) return null;
  const reading = readChunked(input);
  if (reading.verdict !== 'accepted') return null;
  for (const [where, text] of [
    ['input', input.slice(0, whole.consumed)],
    ['output', whole.output],
  ] as const) {
    const { messages, error } = llhttp.requests(HEAD + text);
    if (error !== null) {
      const difference = explained(CHUNKED_DIFFERENCES, where, error, text);
      if (difference === undefined) return finding(`llhttp refuses our ${where}: ${error}`, printable(text));
      tally.count(`explained, ${where}: ${difference.name}`, text);
      continue;
    }
    const [message, second] = messages;
    if (message?.complete !== true || second !== undefined) {
      return finding(`llhttp does not end our ${where} where we do`, printable(text));
    }
    if (message.body !== reading.data) return finding(`llhttp reads other data in our ${where}`, message.body);
    if (llhttp.requests(HEAD + text.slice(0, -1)).messages[0]?.complete !== false) {
      return finding(`llhttp ends our ${where} too early`, printable(text));
    }
    const fields = where === 'output' ? fieldsDiffer(reading.trailers, message.trailers) : null;
    if (fields !== null) return finding('llhttp reads other trailers in our output', fields);
    tally.count(`llhttp agrees on the ${where}`);
  }
  return null;
}

export const CHUNKED_BODIES: Target = {
  name: 'chunked',
  count: 20_000,
  make,
  check,
  expected: ['accepted', 'llhttp agrees on the input', 'llhttp agrees on the output'],
};
