/**
 * One type of value becomes another, as in HAProxy; false where this one cannot (a text that is no address).
 *
 * Not here: which casts there are at all, which the configuration has checked (src/config/haproxy/sample-types.ts).
 */

import { offsetOf } from '../../http1/byte-match.ts';
import { writeIpv4, writeIpv6 } from '../log/address-text.ts';
import { writeNumber } from '../log/digits.ts';
import { readIp4, readIp6 } from './address.ts';
import { readInteger } from './integer.ts';
import {
  SAMPLE_ADDRESS,
  SAMPLE_ANY,
  SAMPLE_BINARY,
  SAMPLE_BOOL,
  SAMPLE_INTEGER,
  SAMPLE_IP4,
  SAMPLE_IP6,
  SAMPLE_METHOD,
  SAMPLE_TEXT,
  type SampleValue,
} from './value.ts';

const IP6_BYTES = 16;
const quad = new Uint8Array(4);

export function castSample(value: SampleValue, to: number): boolean {
  if (value.type === to || to === SAMPLE_ANY) return true;
  switch (to) {
    case SAMPLE_BOOL:
    case SAMPLE_INTEGER:
      return toInteger(value, to);
    case SAMPLE_ADDRESS:
    case SAMPLE_IP4:
    case SAMPLE_IP6:
      return toAddress(value, to);
    case SAMPLE_TEXT:
      return toText(value);
    case SAMPLE_BINARY:
      return toBinary(value);
    case SAMPLE_METHOD:
      if (value.type !== SAMPLE_TEXT && value.type !== SAMPLE_BINARY) return false;
      value.type = SAMPLE_METHOD;
      return true;
    default:
      return false;
  }
}

function toInteger(value: SampleValue, to: number): boolean {
  switch (value.type) {
    case SAMPLE_BOOL:
    case SAMPLE_INTEGER:
      // HAProxy leaves the number as it is, whatever it is called.
      value.type = to;
      return true;
    case SAMPLE_IP4:
      return value.setInteger(value.number);
    case SAMPLE_TEXT:
      if (value.end === value.start) return false;
      readInteger(value, value.bytes, value.start, value.end);
      return true;
    default:
      return false;
  }
}

function toAddress(value: SampleValue, to: number): boolean {
  switch (value.type) {
    case SAMPLE_INTEGER:
      value.setIp4(Number(BigInt.asUintN(32, value.exact())));
      return to === SAMPLE_IP6 ? mapped(value) : true;
    case SAMPLE_IP4:
      return to === SAMPLE_IP6 ? mapped(value) : true;
    case SAMPLE_IP6:
      return to === SAMPLE_IP4 ? unmapped(value) : true;
    case SAMPLE_TEXT:
      if (to !== SAMPLE_IP6 && readIp4(value, value.bytes, value.start, value.end)) return true;
      return to !== SAMPLE_IP4 && readIp6(value, value.bytes, value.start, value.end);
    default:
      return false;
  }
}

/** ::ffff:a.b.c.d */
function mapped(value: SampleValue): true {
  const into = value.other();
  into.fill(0, 0, 10);
  into[10] = 0xff;
  into[11] = 0xff;
  into.writeUInt32BE(value.number, 12);
  return value.setRange(SAMPLE_IP6, into, 0, IP6_BYTES);
}

/** The IPv4 address of ::ffff:a.b.c.d (RFC 4291 2.5.5.2); false for all others. */
export function unmapped(value: SampleValue): boolean {
  const { bytes, start } = value;
  for (let i = 0; i < 10; i++) if (bytes[start + i] !== 0) return false;
  if (bytes.readUInt16BE(start + 10) !== 0xffff) return false;
  return value.setIp4(bytes.readUInt32BE(start + 12));
}

function toText(value: SampleValue): boolean {
  const into = value.other();
  switch (value.type) {
    case SAMPLE_BOOL:
    case SAMPLE_INTEGER:
      return value.setRange(SAMPLE_TEXT, into, 0, writeInteger(value, into, 0));
    case SAMPLE_IP4:
      spreadIp4(value.number);
      return value.setRange(SAMPLE_TEXT, into, 0, writeIpv4(into, 0, quad, 0));
    case SAMPLE_IP6:
      return value.setRange(SAMPLE_TEXT, into, 0, writeIpv6(into, 0, value.bytes, value.start));
    case SAMPLE_BINARY: {
      // As C has it: a text ends at its first NUL.
      value.end = offsetOf(value.bytes, 0, value.start, value.end);
      value.type = SAMPLE_TEXT;
      return true;
    }
    case SAMPLE_METHOD:
      value.type = SAMPLE_TEXT;
      return true;
    default:
      return false;
  }
}

function toBinary(value: SampleValue): boolean {
  const into = value.other();
  switch (value.type) {
    case SAMPLE_BOOL:
      into.fill(0, 0, 8);
      into[7] = value.number === 0 ? 0 : 1;
      return value.setRange(SAMPLE_BINARY, into, 0, 8);
    case SAMPLE_INTEGER:
      into.writeBigInt64BE(value.exact(), 0);
      return value.setRange(SAMPLE_BINARY, into, 0, 8);
    case SAMPLE_IP4:
      into.writeUInt32BE(value.number, 0);
      return value.setRange(SAMPLE_BINARY, into, 0, 4);
    default:
      value.type = SAMPLE_BINARY;
      return true;
  }
}

/** The integer as decimal text; where it ends. */
export function writeInteger(value: SampleValue, into: Uint8Array, at: number): number {
  if (!value.isWide) return writeNumber(into, at, value.number);
  const text = value.wide.toString();
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function spreadIp4(address: number): void {
  quad[0] = address >>> 24;
  quad[1] = (address >>> 16) & 0xff;
  quad[2] = (address >>> 8) & 0xff;
  quad[3] = address & 0xff;
}
