/**
 * Heads that are refused and repaired (accept-invalid-http-request and its like): what leaves is strict all the same, is one
 * message to llhttp, holds nothing that did not come, and does not depend on how it came.
 *
 * An input is the direction and the degree on a line of its own, then the bytes.
 */
import { rewriteHead } from '../../../src/http1/edit.ts';
import { FORGIVES_INVALID, FORGIVES_UNSAFE } from '../../../src/http1/forgiveness.ts';
import { HEAD_OK, HEAD_PARTIAL, type Head } from '../../../src/http1/head.ts';
import { HeadRepair } from '../../../src/http1/repair.ts';
import { RequestHead, scanRequestHead } from '../../../src/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../../src/http1/response-head.ts';
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Target, type Verdict } from '../engine/target.ts';
import type { Reading } from '../reference/reading.ts';
import { readRequest } from '../reference/request.ts';
import { readResponse } from '../reference/response.ts';
import { REQUEST_CORPUS, RESPONSE_CORPUS } from './corpus.ts';
import { explained, REQUEST_DIFFERENCES, RESPONSE_DIFFERENCES } from './differences.ts';
import { request, response } from './grammar.ts';
import { Llhttp } from './llhttp.ts';
import { readCanonical } from './meaning.ts';
import { mutate } from './mutate.ts';
import { cutsFor } from './pieces.ts';
import { MAX_HEADERS } from './scanning.ts';

const llhttp = new Llhttp();
const HEADROOM = 1024;
const ROOM = 512;
const CANARY = 0xa5;
const CAPACITY = 16_384;

interface Kind {
  readonly isRequest: boolean;
  readonly forgives: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'request invalid': { isRequest: true, forgives: FORGIVES_INVALID },
  'request unsafe': { isRequest: true, forgives: FORGIVES_UNSAFE },
  'response invalid': { isRequest: false, forgives: FORGIVES_INVALID },
  'response unsafe': { isRequest: false, forgives: FORGIVES_UNSAFE },
};

function make(random: SeededRandom): string {
  const name = random.pick(Object.keys(KINDS) as [string, ...string[]]);
  const isRequest = name.startsWith('request');
  const grammar = isRequest ? request : response;
  const corpus = isRequest ? REQUEST_CORPUS : RESPONSE_CORPUS;
  const source = () => (random.below(5) === 0 ? random.pick(corpus) : grammar(random));
  const text = source();
  return `${name}\n${random.below(3) === 0 ? text : mutate(random, text, source)}`;
}

const bare = (text: string): string => text.replace(/[\x00-\x20\x7f]+/g, '').toLowerCase();
const plain = (text: string): string => text.replace(/[\x00-\x20\x7f]+/g, ' ').toLowerCase();

interface Repaired {
  readonly code: number;
  readonly wasRepaired: boolean;
  readonly sent: string;
  /** What is left for the body and the next message. */
  readonly rest: string;
  readonly framing: readonly [length: number, chunked: boolean, minor: number];
  readonly damage: string | null;
}

function scanAndRepair(kind: Kind, input: string, cuts: readonly number[]): Repaired {
  const bytes = Buffer.alloc(HEADROOM + input.length + 32, CANARY);
  const repair = new HeadRepair(CAPACITY);
  const requestHead = new RequestHead();
  const responseHead = new ResponseHead();
  const head: Head = kind.isRequest ? requestHead : responseHead;
  let code = HEAD_PARTIAL;
  let wasRepaired = false;
  let arrived = 0;
  for (const cut of [...cuts, input.length]) {
    bytes.write(input.slice(arrived, cut), HEADROOM + arrived, 'latin1');
    arrived = cut;
    const end = HEADROOM + arrived;
    if (kind.isRequest) {
      code = scanRequestHead(requestHead, bytes, HEADROOM, end, MAX_HEADERS);
      if (code > HEAD_OK) {
        code = repair.request(requestHead, code, kind.forgives, bytes, HEADROOM, end, ROOM, MAX_HEADERS);
        wasRepaired = code === HEAD_OK;
      }
    } else {
      code = scanResponseHead(responseHead, bytes, HEADROOM, end, MAX_HEADERS);
      if (code > HEAD_OK) {
        code = repair.response(responseHead, code, kind.forgives, bytes, HEADROOM, end, ROOM, MAX_HEADERS);
        wasRepaired = code === HEAD_OK;
      }
    }
    if (code !== HEAD_PARTIAL) break;
  }
  const framing = [head.contentLength, head.chunked, head.minor] as const;
  if (code !== HEAD_OK) {
    // What is kept for `show errors` is what came, but for what a scanner writes in its plain form.
    const isWrittenAnew = /,|content-length\s*:\s*0\d/i.test(input);
    const shown = code === HEAD_PARTIAL || isWrittenAnew ? '' : bytes.toString('latin1', HEADROOM, HEADROOM + arrived);
    const same = shown === '' || bare(shown) === bare(input.slice(0, arrived));
    const damage = same ? null : 'a refused head is not as it came';
    return { code, wasRepaired: false, sent: '', rest: '', framing: [0, false, 0], damage };
  }
  const insert = Buffer.from(head.upgrade ? 'Connection: upgrade\r\n' : '', 'latin1');
  const start = rewriteHead(head, bytes, insert, insert.length);
  const sent = bytes.toString('latin1', start, head.end);
  const rest = bytes.toString('latin1', head.end, HEADROOM + arrived) + input.slice(arrived);
  let damage: string | null = null;
  if (!input.endsWith(rest)) damage = 'the body was changed';
  if (start < HEADROOM - ROOM - insert.length - 16) damage = 'more headroom than it may use';
  for (let i = 0; i < HEADROOM - ROOM - 128; i++) if (bytes[i] !== CANARY) damage = 'bytes far before the input';
  for (let i = HEADROOM + arrived; i < bytes.length; i++) if (bytes[i] !== CANARY) damage = 'bytes behind the input';
  return { code, wasRepaired, sent, rest, framing, damage };
}

function check(input: string, tally: Tally): Verdict {
  const cut = input.indexOf('\n');
  const kind = KINDS[input.slice(0, cut)];
  if (kind === undefined) return null;
  const raw = input.slice(cut + 1);
  const whole = scanAndRepair(kind, raw, []);
  if (whole.damage !== null) return finding(whole.damage, whole);
  for (const cuts of cutsFor(raw.length)) {
    const pieces = scanAndRepair(kind, raw, cuts);
    if (JSON.stringify(pieces) !== JSON.stringify(whole)) {
      return finding('depends on how it arrives', { cuts: cuts.slice(0, 9), whole, pieces });
    }
  }
  if (!whole.wasRepaired) return null;
  tally.count(`repaired: ${input.slice(0, cut)}`, raw);
  return (
    smuggled(kind, raw.slice(0, raw.length - whole.rest.length)) ??
    strict(kind, whole) ??
    nothingNew(kind, raw, whole) ??
    oneToLlhttp(kind, whole, tally)
  );
}

/** What others may take for a field that frames or routes. */
const GRAVE =
  /^(?:contentlength|transferencoding|host|connection|proxyconnection|keepalive|upgrade|te|trailer|expect)$/;

/** Such a name is right to the letter, or the head is refused: left out, it would frame the message for others only. */
function smuggled(kind: Kind, head: string): Verdict {
  const [, ...lines] = head.replace(/^[\r\n]+/, '').split(/\r?\n/);
  for (const line of lines) {
    // A folded line is a value, which a proxy unfolds (RFC 9112 5.2); in a request it is refused.
    if (!kind.isRequest && /^[ \t]/.test(line)) continue;
    const name = /^([^:]*):/.exec(line)?.[1] ?? '';
    const exact = kind.isRequest ? name : name.replace(/[ \t]+$/, '');
    if (GRAVE.test(name.toLowerCase().replace(/[^a-z]/g, '')) && !/^[\w!#$%&'*+.^`|~-]+$/.test(exact)) {
      return finding('a name that others take for another was passed over', printable(head));
    }
  }
  return null;
}

/** Accepted by the reference reader as it is. What the unsafe degree allows is all that may be wrong. */
function strict(kind: Kind, whole: Repaired): Verdict {
  const reading: Reading = kind.isRequest ? readRequest(whole.sent) : readResponse(whole.sent);
  if (reading.verdict === 'refused' && kind.forgives === FORGIVES_UNSAFE) {
    if (reading.violations.every(({ rule }) => rule.startsWith('RFC 6455'))) return null;
  }
  // Hops were counted down already.
  if (/\r\nmax-forwards:[ \t]*0+[ \t]*\r\n/i.test(whole.sent)) return null;
  if (reading.verdict !== 'accepted')
    return finding('repaired, and still broken', { reading, sent: printable(whole.sent) });
  const { length, chunked, minor, end } = reading.meaning;
  const same = JSON.stringify([length, chunked, minor]) === JSON.stringify(whole.framing) && end === whole.sent.length;
  return same ? null : finding('repaired, and framed in another way', { framing: whole.framing, reading });
}

/** Each field that leaves has come; each that frames has come as it leaves. */
function nothingNew(kind: Kind, raw: string, whole: Repaired): Verdict {
  const canonical = readCanonical(whole.sent, kind.isRequest);
  if (typeof canonical === 'string') return finding('not canonical', { canonical, sent: printable(whole.sent) });
  const came = plain(raw);
  for (const [name, value] of canonical.fields) {
    // Those that are made: Host of an absolute target, hops counted, our own Connection.
    if (/^(?:host|connection|upgrade|max-forwards)$/i.test(name)) continue;
    if (!came.includes(name.toLowerCase())) return finding('a name that did not come', { name, raw: printable(raw) });
    if (!came.includes(plain(value))) return finding('a value that did not come', { name, value, raw: printable(raw) });
  }
  return null;
}

function oneToLlhttp(kind: Kind, whole: Repaired, tally: Tally): Verdict {
  const { sent, framing } = whole;
  const [length, chunked] = framing;
  const bodyless = !kind.isRequest && /^HTTP\/1\.\d (?:1\d\d|204|304)/.test(sent);
  const content = bodyless ? '' : 'x'.repeat(Math.max(0, Math.min(length, 1000)));
  const body = chunked && !bodyless ? '3\r\nabc\r\n0\r\n\r\n' : content;
  const read = kind.isRequest
    ? llhttp.requests(sent + body)
    : llhttp.responses(sent + body, !bodyless && length < 0 && !chunked);
  if (read.error !== null) {
    const table = kind.isRequest ? REQUEST_DIFFERENCES : RESPONSE_DIFFERENCES;
    const difference = explained(table, 'output', read.error, sent);
    if (difference === undefined) return finding(`llhttp refuses what was repaired: ${read.error}`, printable(sent));
    tally.count(`explained: ${difference.name}`);
    return null;
  }
  const [message, second] = read.messages;
  const complete = length <= 1000 || bodyless;
  if (message === undefined || second !== undefined || message.complete !== complete) {
    return finding('llhttp frames what was repaired in another way', { sent: printable(sent), read });
  }
  tally.count('llhttp agrees on the output');
  return null;
}

export const REPAIRED_HEADS: Target = {
  name: 'repaired-heads',
  count: 8000,
  make,
  check,
  expected: [...Object.keys(KINDS).map((name) => `repaired: ${name}`), 'llhttp agrees on the output'],
};
