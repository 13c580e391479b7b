/**
 * Connection and the hop-by-hop fields (RFC 9110 7.6.1): what it says is noted, what it nominates is dropped.
 *
 * Not here: which Connection line is sent on (the session adds its own).
 */

import { systemRandom } from '../core/random.ts';
import { afterBlanks, trimmedEnd } from './blanks.ts';
import { ascii, equalsIgnoringCase, rangesEqualIgnoringCase } from './byte-match.ts';
import {
  HEADER_CACHE_CONTROL,
  HEADER_CONNECTION,
  HEADER_CONTENT_LENGTH,
  HEADER_COOKIE,
  HEADER_DATE,
  HEADER_EXPECT,
  HEADER_HOST,
  HEADER_SET_COOKIE,
  HEADER_TE,
  HEADER_TRANSFER_ENCODING,
  HEADER_UPGRADE,
  HEADER_X_FORWARDED_FOR,
  type Head,
} from './head.ts';

const COMMA = 44;
const CLOSE = ascii('close');
const KEEP_ALIVE = ascii('keep-alive');
const UPGRADE = ascii('upgrade');
const TE = ascii('te');
const NOBODY = -1;
/** Odd, and another one in each process. */
const MULTIPLIER = (Math.floor(systemRandom.next() * 0x3fffffff) * 2 + 1) | 0;

/**
 * Fields for all recipients: nominating them must not remove them, or a client could strip what frames the message,
 * routes it, or says who it is from ("hop-by-hop abuse"). RFC 9110 7.6.1 forbids a sender to nominate such fields.
 */
const PROTECTED_IDS = [
  HEADER_HOST,
  HEADER_CONTENT_LENGTH,
  HEADER_TRANSFER_ENCODING,
  HEADER_TE, // dealt with by its value
  HEADER_UPGRADE, // dealt with by the whole of the request
  HEADER_EXPECT,
  HEADER_COOKIE,
  HEADER_SET_COOKIE,
  HEADER_CACHE_CONTROL,
  HEADER_DATE,
  HEADER_X_FORWARDED_FOR,
];
const PROTECTED_NAMES = [
  'authorization',
  'content-encoding',
  'content-range',
  'content-type',
  'forwarded',
  'location',
  'origin',
  'range',
  'referer',
  'vary',
  'via',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
].map(ascii);

/** Notes the options of one Connection line. Members that are no token name nothing and are passed over. */
export function noteConnection(head: Head, bytes: Uint8Array, start: number, end: number): void {
  if (equalsIgnoringCase(bytes, start, end, KEEP_ALIVE)) {
    head.keepAliveToken = true;
    return;
  }
  let i = start;
  while (i < end) {
    const member = afterBlanks(bytes, i, end);
    i = memberEnd(bytes, member, end);
    noteOption(head, bytes, member, trimmedEnd(bytes, member, i));
    i++;
  }
}

function noteOption(head: Head, bytes: Uint8Array, start: number, end: number): void {
  switch (end - start) {
    case 0:
      return;
    case 10:
      if (equalsIgnoringCase(bytes, start, end, KEEP_ALIVE)) {
        head.keepAliveToken = true;
        return;
      }
      break;
    case 5:
      if (equalsIgnoringCase(bytes, start, end, CLOSE)) {
        head.closeToken = true;
        return;
      }
      break;
    case 7:
      if (equalsIgnoringCase(bytes, start, end, UPGRADE)) {
        head.upgradeToken = true;
        return;
      }
      break;
    case 2:
      if (equalsIgnoringCase(bytes, start, end, TE)) return;
  }
  head.nominates = true;
}

/**
 * Drops the fields that the Connection lines nominate: linear in the bytes, however many tokens and fields there are. Each
 * field is found once at most, in a table of names by hash, and taken out of it. Nobody outside knows the hash, so nobody
 * can make a head whose names all have the same.
 */
export function dropNominated(head: Head, bytes: Uint8Array): void {
  fileNames(head, bytes);
  const { headerCount: count } = head;
  for (let h = 0; h < count; h++) {
    if (head.id[h] !== HEADER_CONNECTION) continue;
    const end = head.valueEnd[h] as number;
    let i = head.valueStart[h] as number;
    while (i < end) {
      const member = afterBlanks(bytes, i, end);
      i = memberEnd(bytes, member, end);
      const last = trimmedEnd(bytes, member, i);
      if (last > member) dropNamed(head, bytes, member, last);
      i++;
    }
  }
}

function fileNames(head: Head, bytes: Uint8Array): void {
  const { headerCount: count, nameHash, nameNext, nameFirst } = head;
  nameFirst.fill(NOBODY);
  for (let h = 0; h < count; h++) {
    const value = hash(bytes, head.nameStart[h] as number, head.nameEnd[h] as number);
    const place = placeOf(value, nameFirst.length);
    nameHash[h] = value;
    nameNext[h] = nameFirst[place] as number;
    nameFirst[place] = h;
  }
}

function dropNamed(head: Head, bytes: Uint8Array, start: number, end: number): void {
  const { nameHash, nameNext, nameFirst } = head;
  const wanted = hash(bytes, start, end);
  const place = placeOf(wanted, nameFirst.length);
  let before = NOBODY;
  for (let h = nameFirst[place] as number; h !== NOBODY; h = nameNext[h] as number) {
    const nameStart = head.nameStart[h] as number;
    const nameEnd = head.nameEnd[h] as number;
    if (nameHash[h] !== wanted || !rangesEqualIgnoringCase(bytes, nameStart, nameEnd, start, end)) {
      before = h;
      continue;
    }
    if (before === NOBODY) nameFirst[place] = nameNext[h] as number;
    else nameNext[before] = nameNext[h] as number;
    if (!isProtected(head, bytes, h)) head.drop(h);
  }
}

function isProtected(head: Head, bytes: Uint8Array, h: number): boolean {
  if (PROTECTED_IDS.includes(head.id[h] as number)) return true;
  for (const name of PROTECTED_NAMES) {
    if (equalsIgnoringCase(bytes, head.nameStart[h] as number, head.nameEnd[h] as number, name)) return true;
  }
  return false;
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = (Math.imul(value, MULTIPLIER) + ((bytes[i] as number) | 0x20)) | 0;
  return value;
}

/** By the upper bits, on which all of the multiplier has its effect. `places` is a power of two. */
function placeOf(value: number, places: number): number {
  return value >>> (Math.clz32(places) + 1);
}

/** Offset of the comma that ends a list member, or `end`. */
export function memberEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== COMMA) i++;
  return i;
}
