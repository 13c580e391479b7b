/**
 * Responses through real proxies. What the client of Tandem gets is what the reference reader says; and whatever has left
 * Tandem is one response to llhttp, haproxy and nginx, with the same status and body.
 *
 * An input is the kind of request on a line of its own, then what the server says before it ends the connection.
 */

import { type Message, readMessage } from '../../e2e/hostile/strict-http.ts';
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type StagedTarget, type Verdict } from '../engine/target.ts';
import { RESPONSE_CORPUS } from '../http/corpus.ts';
import { response } from '../http/grammar.ts';
import { Llhttp } from '../http/llhttp.ts';
import { fieldsDiffer } from '../http/meaning.ts';
import { mutate } from '../http/mutate.ts';
import { type Answer, readAnswer } from '../reference/answer.ts';
import type { Field } from '../reference/reading.ts';
import { type Passage, Stage } from './stage.ts';

const llhttp = new Llhttp();
const OTHERS = ['haproxy', 'nginx'] as const;
const REQUESTS: Readonly<Record<string, string>> = {
  get: 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n',
  head: 'HEAD / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n',
  old: 'GET / HTTP/1.0\r\nHost: a.test\r\nConnection: close\r\n\r\n',
};

function make(random: SeededRandom): string {
  const source = () => (random.below(6) === 0 ? random.pick(RESPONSE_CORPUS) : response(random));
  const text = source();
  const kind = random.pick(['get', 'get', 'get', 'head', 'old']);
  return `${kind}\n${random.below(3) > 0 ? text : mutate(random, text, source)}`;
}

type Complete = Message & { kind: 'complete' };

/** The final response in what a client got, behind any 1xx; null: there is none that is whole. */
function finalOf(raw: string, isHead: boolean): { message: Complete | null; fault: string | null; after: string } {
  let rest = raw;
  for (;;) {
    const message = readMessage(rest, false, true, isHead);
    if (message.kind === 'fault') return { message: null, fault: message.what, after: rest };
    if (message.kind === 'incomplete') return { message: null, fault: null, after: rest };
    rest = rest.slice(message.end);
    if (!/^HTTP\/1\.\d 1/.test(message.startLine)) return { message, fault: null, after: rest };
  }
}

const statusOf = (message: Complete | null): number => Number(message?.startLine.slice(9, 12) ?? 0);
const HOP = ['connection', 'content-length', 'transfer-encoding'];
const lasting = (fields: readonly Field[]): Field[] => fields.filter(([name]) => !HOP.includes(name.toLowerCase()));

function againstReference(passage: Passage, wanted: Answer, isHead: boolean, tally: Tally): Verdict {
  if (!passage.over) return finding('hangs', passage);
  const { message, fault, after } = finalOf(passage.heard.raw, isHead);
  if (fault !== null) return finding('the client gets what is not HTTP', { fault, raw: printable(passage.heard.raw) });
  if (after !== '' && message !== null) return finding('bytes after the answer', printable(after));
  const detail = { wanted, raw: printable(passage.heard.raw) };
  if (wanted.kind === 'bad') {
    tally.count(`502: ${wanted.why}`);
    return statusOf(message) === 502 ? null : finding('a bad answer is passed on', detail);
  }
  if (wanted.kind === 'cut') {
    tally.count('cut');
    // HTTP/1.0 has no other way to say so than a reset, which Node takes for an end if it comes close behind the data.
    const mayBeReset =
      message?.untilClose === true && !/^(?:transfer-encoding|content-length):/im.test(passage.heard.raw);
    const visible = message === null || statusOf(message) === 502 || mayBeReset;
    return visible ? null : finding('half an answer looks whole', detail);
  }
  if (message === null) return finding('a whole answer is cut', detail);
  const line = (text: string) => text.replace(/[\t ]+/g, ' ').trimEnd();
  if (line(message.startLine) !== line(wanted.startLine)) return finding('another status line', detail);
  if (message.body !== wanted.body) return finding('another body', detail);
  const fields = fieldsDiffer(lasting(message.fields), lasting(wanted.fields));
  if (fields !== null) return finding('other fields', fields);
  tally.count('forwarded');
  return null;
}

/** What left Tandem is one response to llhttp, and to haproxy and nginx as if a server had said it. */
async function secondHop(stage: Stage, kind: string, raw: string, tally: Tally): Promise<Verdict> {
  const isHead = kind === 'head';
  const { message } = finalOf(raw, isHead);
  if (message === null) return null;
  const read = llhttp.responses(raw, true, isHead);
  const final = read.messages.at(-1);
  const same = read.error === null && final?.complete === true && final.body === message.body;
  if (!same || final.status !== statusOf(message)) {
    return finding('what left is not one answer to llhttp', { raw: printable(raw), read });
  }
  tally.count('llhttp reads what left as it is');
  for (const who of OTHERS) {
    if (who === 'nginx' && /^HTTP\/1\.\d 1/.test(raw)) {
      // nginx 1.22 takes the first 1xx for the answer (RFC 9110 15.2 has a client wait for the final one).
      tally.count('explained, nginx: 1xx');
      continue;
    }
    const passage = await stage.pass(who, REQUESTS[kind] ?? '', raw);
    const theirs = finalOf(passage.heard.raw, isHead).message;
    if (statusOf(theirs) === statusOf(message) && theirs?.body === message.body) {
      tally.count(`${who} reads what left as it is`);
      continue;
    }
    return finding(`what left is another answer to ${who}`, {
      raw: printable(raw),
      heard: printable(passage.heard.raw.slice(0, 300)),
    });
  }
  return null;
}

export async function wireResponses(): Promise<StagedTarget> {
  const stage = await Stage.open();
  return {
    name: 'wire-responses',
    count: 800,
    make,
    async check(input, tally) {
      const cut = input.indexOf('\n');
      const kind = input.slice(0, cut);
      const request = REQUESTS[kind];
      if (cut < 0 || request === undefined) return null;
      const said = input.slice(cut + 1);
      const passage = await stage.pass('tandem', request, said);
      return (
        againstReference(passage, readAnswer(said, kind === 'head'), kind === 'head', tally) ??
        (await secondHop(stage, kind, passage.heard.raw, tally))
      );
    },
    expected: ['forwarded', 'cut', 'haproxy reads what left as it is', 'nginx reads what left as it is'],
    stop: () => stage.close(),
  };
}

/** With the options that forgive: nobody can say what has to go on, but whatever does is one answer to everybody. */
export async function wireForgivenResponses(): Promise<StagedTarget> {
  const stage = await Stage.open(true);
  return {
    name: 'wire-forgiven-responses',
    count: 300,
    make,
    async check(input, tally) {
      const cut = input.indexOf('\n');
      const kind = input.slice(0, cut);
      const request = REQUESTS[kind];
      if (cut < 0 || request === undefined) return null;
      const said = input.slice(cut + 1);
      const passage = await stage.pass('tandem', request, said);
      if (!passage.over) return finding('hangs', passage);
      const { message, fault } = finalOf(passage.heard.raw, kind === 'head');
      if (fault !== null)
        return finding('the client gets what is not HTTP', { fault, raw: printable(passage.heard.raw) });
      const isBad = readAnswer(said, kind === 'head').kind === 'bad';
      if (isBad && message !== null && statusOf(message) !== 502)
        tally.count('forwarded what is against the rules', input);
      return secondHop(stage, kind, passage.heard.raw, tally);
    },
    expected: ['forwarded what is against the rules', 'haproxy reads what left as it is'],
    stop: () => stage.close(),
  };
}
