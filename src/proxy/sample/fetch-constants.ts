/** What does not depend on a stream: constants, the time, chance, the process. */
import { hostname } from 'node:os';
import { randomUuid, systemRandom } from '../../core/random.ts';
import { readIp6 } from './address.ts';
import type { MakeFetch } from './fetches.ts';
import { SAMPLE_BINARY, SAMPLE_METHOD, SAMPLE_TEXT } from './value.ts';

const RANGE = 2 ** 32;
const MS = 1000;

function constant(type: number, bytes: Buffer): ReturnType<MakeFetch> {
  return (_scope, value) => value.setRange(type, bytes, 0, bytes.length);
}

function date(unit: string, wallMs: number): number {
  if (unit === 'ms') return Math.floor(wallMs);
  return unit === 'us' ? Math.floor(wallMs) * MS : Math.floor(wallMs / MS);
}

function ip4Of(text: string): number {
  return text.split('.').reduce((address, octet) => address * 256 + Number(octet), 0);
}

export const CONSTANT_FETCHES: Readonly<Record<string, MakeFetch>> = {
  always_false: () => (_scope, value) => value.setBool(false),
  always_true: () => (_scope, value) => value.setBool(true),
  // Its time-out is that of `tcp-request inspect-delay`, which is never pending here.
  wait_end: () => (_scope, value) => value.setBool(true),
  str: (args) => constant(SAMPLE_TEXT, args.bytes(0)),
  // The configuration has looked it up; without an argument there is no such variable.
  env: (args) => (args.has(0) ? constant(SAMPLE_TEXT, args.bytes(0)) : () => false),
  bin: (args) => constant(SAMPLE_BINARY, Buffer.from(args.text(0), 'hex')),
  meth: (args) => constant(SAMPLE_METHOD, args.bytes(0)),
  bool: (args) => {
    const is = args.number(0) !== 0;
    return (_scope, value) => value.setBool(is);
  },
  int: (args) => {
    const wide = args.wide(0);
    const number = Number(wide);
    return Number.isSafeInteger(number)
      ? (_scope, value) => value.setInteger(number)
      : (_scope, value) => value.setWide(wide);
  },
  ipv4: (args) => {
    const address = ip4Of(args.text(0));
    return (_scope, value) => value.setIp4(address);
  },
  ipv6: (args) => {
    const text = args.bytes(0);
    return (_scope, value) => readIp6(value, text, 0, text.length);
  },
  date: (args) => {
    const offset = args.number(0);
    const unit = args.text(1);
    return (scope, value) => value.setInteger(date(unit, scope.context.poller.wallMs) + offset);
  },
  // The part of the second; the clock of the loop has milliseconds.
  date_us: () => (scope, value) => value.setInteger(Math.floor(scope.context.poller.wallMs % MS) * MS),
  rand: (args) => {
    const range = args.has(0) ? args.number(0) : RANGE;
    return (_scope, value) => value.setInteger(Math.floor(systemRandom.next() * range));
  },
  uuid: () => (_scope, value) => {
    const into = value.other();
    return value.setRange(SAMPLE_TEXT, into, 0, into.write(randomUuid(), 'latin1'));
  },
  hostname: () => constant(SAMPLE_TEXT, Buffer.from(hostname())),
  nbproc: () => (_scope, value) => value.setInteger(1),
  proc: () => (_scope, value) => value.setInteger(1),
  thread: () => (scope, value) => value.setInteger(scope.context.thread),
  stopping: () => (scope, value) => value.setBool(scope.context.lastAnswers),
};
