/**
 * Comparing a value with the patterns of an ACL, by its match method. What is compared often and with many patterns (`str`, `ip`
 * from files) is looked up; the others are tried one after the other, as in HAProxy.
 */

import { METHOD_OTHER, METHOD_PATCH, methodId } from '../../http1/method.ts';
import type { MatchMethodPlan } from '../condition-plan.ts';
import { NetworkSet } from './network-set.ts';
import { byteRegex } from './substitution.ts';
import { foldedByte, TextSet } from './text-set.ts';
import {
  SAMPLE_ADDRESS,
  SAMPLE_ANY,
  SAMPLE_BINARY,
  SAMPLE_INTEGER,
  SAMPLE_METHOD,
  SAMPLE_TEXT,
  type SampleValue,
} from './value.ts';

export interface Matcher {
  /** SAMPLE_*: the value is cast to it before. */
  readonly takes: number;
  matches(value: SampleValue): boolean;
}

export function createMatcher(method: MatchMethodPlan, ignoresCase: boolean, patterns: readonly string[]): Matcher {
  const texts = patterns.map((pattern) => Buffer.from(pattern));
  switch (method) {
    case 'found':
      return { takes: SAMPLE_ANY, matches: () => true };
    case 'bool':
      return { takes: SAMPLE_INTEGER, matches: (value) => value.number !== 0 };
    case 'int':
      return ranges(SAMPLE_INTEGER, patterns, (value) => value.number);
    case 'len':
      return ranges(SAMPLE_TEXT, patterns, (value) => value.end - value.start);
    case 'ip': {
      const set = new NetworkSet(patterns);
      return { takes: SAMPLE_ADDRESS, matches: (value) => set.has(value) };
    }
    case 'bin':
      return exact(
        SAMPLE_BINARY,
        patterns.map((pattern) => Buffer.from(pattern, 'hex')),
        false,
      );
    case 'str':
      return exact(SAMPLE_TEXT, texts, ignoresCase);
    case 'beg':
      return oneAtATime(texts, ignoresCase, beginsWith);
    case 'end':
      return oneAtATime(texts, ignoresCase, endsWith);
    case 'sub':
      return oneAtATime(texts, ignoresCase, contains);
    case 'dir':
      return oneAtATime(
        texts.map((text) => withoutDelimiters(text, IN_PATHS)),
        ignoresCase,
        wordBetween(IN_PATHS),
      );
    case 'dom':
      return oneAtATime(
        texts.map((text) => withoutDelimiters(text, IN_NAMES)),
        ignoresCase,
        wordBetween(IN_NAMES),
      );
    case 'reg':
      return regex(patterns, ignoresCase);
    case 'meth':
      return methods(texts, ignoresCase);
  }
}

function exact(takes: number, texts: readonly Buffer[], ignoresCase: boolean): Matcher {
  const set = new TextSet(texts, ignoresCase);
  return { takes, matches: ({ bytes, start, end }) => set.has(bytes, start, end) };
}

function ranges(takes: number, patterns: readonly string[], of: (value: SampleValue) => number): Matcher {
  const bounds = patterns.map((pattern) => pattern.split(':'));
  const least = Float64Array.from(bounds, ([low = '']) => (low === '' ? Number.NEGATIVE_INFINITY : Number(low)));
  const most = Float64Array.from(bounds, ([, high = '']) => (high === '' ? Number.POSITIVE_INFINITY : Number(high)));
  return {
    takes,
    matches: (value) => {
      const number = of(value);
      for (let i = 0; i < least.length; i++) {
        if ((least[i] as number) <= number && number <= (most[i] as number)) return true;
      }
      return false;
    },
  };
}

/** Whether bytes[start, end) has the text, in the way of the method. */
type Compare = (bytes: Uint8Array, start: number, end: number, text: Uint8Array, fold: boolean) => boolean;

function oneAtATime(texts: readonly Buffer[], ignoresCase: boolean, compare: Compare): Matcher {
  const folded = ignoresCase ? texts.map((text) => Buffer.from(text.map(foldedByte))) : texts;
  return {
    takes: SAMPLE_TEXT,
    matches: ({ bytes, start, end }) => {
      for (const text of folded) if (compare(bytes, start, end, text, ignoresCase)) return true;
      return false;
    },
  };
}

/** Whether `text` stands at bytes[at]. */
function standsAt(bytes: Uint8Array, at: number, text: Uint8Array, fold: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i] as number;
    if ((fold ? foldedByte(byte) : byte) !== text[i]) return false;
  }
  return true;
}

const beginsWith: Compare = (bytes, start, end, text, fold) =>
  end - start >= text.length && standsAt(bytes, start, text, fold);

const endsWith: Compare = (bytes, start, end, text, fold) =>
  end - start >= text.length && standsAt(bytes, end - text.length, text, fold);

const contains: Compare = (bytes, start, end, text, fold) => {
  for (let at = start; at <= end - text.length; at++) if (standsAt(bytes, at, text, fold)) return true;
  return false;
};

function delimiters(text: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of Buffer.from(text)) set[byte] = 1;
  return set;
}

const IN_PATHS = delimiters('/?');
const IN_NAMES = delimiters('/?.:');

/** Delimiters around a pattern are no part of it. */
function withoutDelimiters(text: Buffer, set: Uint8Array): Buffer {
  let start = 0;
  let end = text.length;
  while (start < end && set[text[start] as number] === 1) start++;
  while (end > start && set[text[end - 1] as number] === 1) end--;
  return text.subarray(start, end);
}

/** The text with a delimiter, or an end, on both sides. */
function wordBetween(set: Uint8Array): Compare {
  return (bytes, start, end, text, fold) => {
    const last = end - text.length;
    let mayBegin = true;
    for (let at = start; at <= last; at++) {
      if (set[bytes[at] as number] === 1) {
        mayBegin = true;
        continue;
      }
      if (!mayBegin) continue;
      mayBegin = false;
      if (text.length === 0 || !standsAt(bytes, at, text, fold)) continue;
      if (at === last || set[bytes[at + text.length] as number] === 1) return true;
    }
    return false;
  };
}

/** Over bytes as Latin-1: a string for each value. */
function regex(patterns: readonly string[], ignoresCase: boolean): Matcher {
  const compiled = patterns.map((pattern) => byteRegex(pattern, ignoresCase ? 'i' : ''));
  return {
    takes: SAMPLE_TEXT,
    matches: ({ bytes, start, end }) => {
      const text = bytes.toString('latin1', start, end);
      for (const one of compiled) if (one.test(text)) return true;
      return false;
    },
  };
}

/** Methods that HAProxy knows are what they are; of others the case may be ignored. */
function methods(texts: readonly Buffer[], ignoresCase: boolean): Matcher {
  const known = new TextSet(
    texts.filter((text) => isKnownMethod(text, 0, text.length)),
    false,
  );
  const others = new TextSet(
    texts.filter((text) => !isKnownMethod(text, 0, text.length)),
    ignoresCase,
  );
  return {
    takes: SAMPLE_METHOD,
    matches: ({ bytes, start, end }) => (isKnownMethod(bytes, start, end) ? known : others).has(bytes, start, end),
  };
}

/** PATCH is none that HAProxy knows. */
function isKnownMethod(bytes: Uint8Array, start: number, end: number): boolean {
  const id = methodId(bytes, start, end);
  return id !== METHOD_OTHER && id !== METHOD_PATCH;
}
