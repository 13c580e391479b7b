/**
 * Requests through real proxies. What leaves Tandem is what the reference reader says, to the byte of the body; haproxy and
 * nginx, given the same bytes, see the same requests as far as they take them; and each request that has left Tandem is one
 * request to both of them, with the same meaning.
 */
import type { SeededRandom } from '../../support/random.ts';
import { printable } from '../engine/printable.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type StagedTarget, type Verdict } from '../engine/target.ts';
import { REQUEST_CORPUS } from '../http/corpus.ts';
import { request } from '../http/grammar.ts';
import { Llhttp } from '../http/llhttp.ts';
import { fieldsDiffer } from '../http/meaning.ts';
import { mutate } from '../http/mutate.ts';
import type { Field } from '../reference/reading.ts';
import { type Forwarded, readStream, type StreamReading } from '../reference/stream.ts';
import { explainedOnWire, FIRST_HOP_DIFFERENCES, SECOND_HOP_DIFFERENCES } from './differences.ts';
import type { Seen } from './origin.ts';
import { type Passage, Stage } from './stage.ts';

const llhttp = new Llhttp();
const OTHERS = ['haproxy', 'nginx'] as const;

function make(random: SeededRandom): string {
  const source = () => (random.below(8) === 0 ? random.pick(REQUEST_CORPUS) : request(random));
  let text = source();
  for (let tries = random.below(4); tries > 0 && readStream(text).messages.length === 0; tries--) text = source();
  // More of what is right than elsewhere: only what is forwarded can be compared.
  return random.below(4) > 0 ? text : mutate(random, text, source);
}

/** Requests as they reached a server, in the order of its connections. */
function requestsOf(seen: readonly Seen[]): Forwarded[] {
  return seen.flatMap(({ messages }) => messages.complete);
}

const HOP = ['connection', 'content-length', 'transfer-encoding'];
const lasting = (fields: readonly Field[]): Field[] => fields.filter(([name]) => !HOP.includes(name.toLowerCase()));
const hostOf = ({ fields }: Forwarded): string =>
  fields.find(([name]) => name.toLowerCase() === 'host')?.[1].toLowerCase() ?? '';
const statuses = (raw: string): number[] => [...raw.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((one) => Number(one[1]));

/** What left Tandem against the reference. */
function againstReference(passage: Passage, reading: StreamReading, tally: Tally): Verdict {
  if (!passage.over) return finding('hangs', passage);
  const got = requestsOf(passage.seen);
  for (const { raw, messages } of passage.seen) {
    if (messages.fault !== undefined) return finding(`not HTTP: ${messages.fault}`, printable(raw));
    if (messages.rest !== '' && !reading.insideBody) return finding('half a request', printable(raw));
  }
  if (got.length !== reading.messages.length) {
    return finding(got.length > reading.messages.length ? 'too many requests' : 'too few requests', {
      got,
      reading,
      heard: passage.heard.raw,
    });
  }
  for (const [i, wanted] of reading.messages.entries()) {
    const one = got[i];
    if (one === undefined || one.startLine !== wanted.startLine)
      return finding('another request line', { one, wanted });
    if (one.body !== wanted.body) return finding('another body', { one, wanted });
    const fields = fieldsDiffer(lasting(one.fields), lasting(wanted.fields));
    if (fields !== null) return finding('other fields', fields);
  }
  tally.count(got.length > 1 ? 'forwarded several' : `forwarded ${got.length}`);
  return answers(passage, reading);
}

/** As many answers as requests, then at most one refusal, with a status that its rule allows. */
function answers(passage: Passage, reading: StreamReading): Verdict {
  const codes = statuses(passage.heard.raw);
  const good = codes.slice(0, reading.messages.length);
  const rest = codes.slice(reading.messages.length);
  if (good.length < reading.messages.length || good.some((code) => code !== 200 && code !== 405)) {
    return finding('answers are missing', { codes, requests: reading.messages.length });
  }
  if (rest.length > 1) return finding('more answers than requests', codes);
  const [refusal] = rest;
  if (reading.end === 'refused' && !reading.insideBody) {
    const allowed = reading.violations.flatMap((one) => one.statuses);
    if (refusal === undefined || !allowed.includes(refusal)) return finding('another refusal', { refusal, allowed });
  }
  if (refusal !== undefined && refusal < 400) return finding('an answer to no request', codes);
  return null;
}

/** The same bytes through another proxy: what it takes, it takes as Tandem does. */
function againstOther(who: string, passage: Passage, ours: readonly Forwarded[], input: string, tally: Tally): Verdict {
  if (!passage.over) {
    tally.count(`${who} does not end`, input);
    return null;
  }
  const theirs = requestsOf(passage.seen);
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [our, their] = [ours[i], theirs[i]];
    if (our === undefined || their === undefined) {
      // What we refuse and they take is ours to explain by a rule, which againstReference has done.
      tally.count(
        `${who} ${our === undefined ? 'takes more' : `refuses: ${statuses(passage.heard.raw)[i] ?? 'no answer'}`}`,
        input,
      );
      return null;
    }
    const [a, b] = [meaningOf(our), meaningOf(their)];
    if (a !== b) {
      const difference = explainedOnWire(FIRST_HOP_DIFFERENCES, who, our, their, input);
      if (difference === undefined) return finding(`${who} sees another request`, { ours: a, theirs: b });
      tally.count(`explained, ${who}: ${difference.name}`, input);
      return null;
    }
    tally.count(`${who} agrees`);
  }
  return null;
}

const meaningOf = (one: Forwarded): string =>
  JSON.stringify([one.startLine.replace(/ HTTP\/1\.\d$/, ''), hostOf(one), one.body]);

/** What left Tandem is one request to everybody. */
async function secondHop(stage: Stage, seen: readonly Seen[], tally: Tally): Promise<Verdict> {
  for (const { raw, messages } of seen) {
    const [sent] = messages.complete;
    if (sent === undefined || messages.complete.length !== 1 || messages.rest !== '') continue;
    const parsed = llhttp.requests(raw);
    const known = llhttp.knowsMethod(sent.startLine.split(' ')[0] ?? '');
    if (known && (parsed.error !== null || parsed.messages.length !== 1 || parsed.messages[0]?.body !== sent.body)) {
      return finding('what left is not one request to llhttp', { raw: printable(raw), parsed });
    }
    for (const who of OTHERS) {
      const passage = await stage.pass(who, raw);
      const got = requestsOf(passage.seen);
      const [one] = got;
      const same = got.length === 1 && one !== undefined && meaningOf(one) === meaningOf(sent);
      if (same) {
        tally.count(`${who} reads what left as it is`);
        continue;
      }
      const difference = explainedOnWire(SECOND_HOP_DIFFERENCES, who, sent, one, raw);
      // nginx has opinions on hosts and paths of its own; what it refuses it does not read in another way.
      if (difference === undefined && who === 'nginx' && got.length === 0) {
        tally.count(`nginx refuses what left: ${statuses(passage.heard.raw)[0] ?? 'no answer'}`, raw);
        continue;
      }
      if (got.length > 1 || difference === undefined) {
        const heard = passage.heard.raw.slice(0, 200);
        const status = statuses(passage.heard.raw)[0] ?? 'no answer';
        return finding(`what left is another request to ${who}: ${status}`, { raw: printable(raw), got, heard });
      }
      tally.count(`explained, second ${who}: ${difference.name}`, raw);
    }
  }
  return null;
}

export async function wireRequests(): Promise<StagedTarget> {
  const stage = await Stage.open();
  return {
    name: 'wire-requests',
    count: 1500,
    make,
    async check(input, tally) {
      // What comes after CONNECT is a tunnel to haproxy, which waits for its end in vain.
      const others = /CONNECT /.test(input) ? [] : OTHERS;
      const passages = await Promise.all(['tandem' as const, ...others].map((who) => stage.pass(who, input)));
      const [tandem] = passages;
      if (tandem === undefined) throw new Error('nothing came back');
      const ours = requestsOf(tandem.seen);
      const verdict = againstReference(tandem, readStream(input), tally);
      if (verdict !== null) return verdict;
      for (const [i, who] of others.entries()) {
        const passage = passages[i + 1];
        const difference = passage === undefined ? null : againstOther(who, passage, ours, input, tally);
        if (difference !== null) return difference;
      }
      return secondHop(stage, tandem.seen, tally);
    },
    expected: [
      'forwarded 1',
      'forwarded several',
      'haproxy agrees',
      'nginx agrees',
      'haproxy reads what left as it is',
    ],
    stop: () => stage.close(),
  };
}

/** With the options that forgive: nobody can say what has to go on, but whatever does is one request to everybody. */
export async function wireForgivenRequests(): Promise<StagedTarget> {
  const stage = await Stage.open(true);
  return {
    name: 'wire-forgiven-requests',
    count: 300,
    make(random) {
      const text = make(random);
      return random.below(2) === 0 ? text : mutate(random, text, () => request(random));
    },
    async check(input, tally) {
      const passage = await stage.pass('tandem', input);
      if (!passage.over) return finding('hangs', passage);
      for (const { raw, messages } of passage.seen) {
        if (messages.fault !== undefined) return finding(`not HTTP: ${messages.fault}`, printable(raw));
      }
      const strictly = readStream(input).messages.length;
      const got = requestsOf(passage.seen).length;
      if (got < strictly) return finding('forgiving, it forwards less', { got, strictly });
      if (got > strictly) tally.count('forwarded what is against the rules', input);
      return secondHop(stage, passage.seen, tally);
    },
    expected: ['forwarded what is against the rules', 'haproxy reads what left as it is'],
    stop: () => stage.close(),
  };
}
