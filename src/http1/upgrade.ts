/**
 * Upgrade (RFC 9110 7.8): which protocols are offered, and h2c taken out of the list.
 *
 * An upgrade to h2c would carry requests past the proxy that it never sees ("h2c smuggling"), so it is never passed on.
 *
 * Not here: the tunnel that a 101 opens (the session's).
 */
import { afterBlanks, trimmedEnd } from './blanks.ts';
import { ascii, equalsIgnoringCase } from './byte-match.ts';
import { memberEnd } from './connection.ts';
import { HEADER_HTTP2_SETTINGS, HEADER_UPGRADE, type Head } from './head.ts';

const SPACE = 32;
const COMMA = 44;
const REFUSED = ['h2c', 'h2'].map(ascii);

/**
 * Keeps the upgrade if `allowed` and a protocol is left once h2c is gone, and sets head.upgrade; otherwise drops the lines.
 * HTTP2-Settings, which only h2c has a use for, goes in any case.
 */
export function settleUpgrade(head: Head, bytes: Uint8Array, allowed: boolean): void {
  for (let h = 0; h < head.headerCount; h++) {
    const id = head.id[h];
    if (id === HEADER_HTTP2_SETTINGS) head.drop(h);
    if (id !== HEADER_UPGRADE) continue;
    if (allowed && keepOffered(head, bytes, h)) head.upgrade = true;
    else head.drop(h);
  }
}

/** The protocols that are offered, in lower case, each between commas: `,websocket,`. A string, but once a tunnel only. */
export function offeredProtocols(head: Head, bytes: Buffer): string {
  let offer = ',';
  for (let h = 0; h < head.headerCount; h++) {
    if (head.id[h] !== HEADER_UPGRADE || head.dropped[h] === 1) continue;
    offer += `${bytes.toString('latin1', head.valueStart[h], head.valueEnd[h]).toLowerCase()},`;
  }
  return offer;
}

/** Whether what a 101 switches to was offered: each of it, if it is a list (RFC 9110 7.8). */
export function wasOffered(head: Head, bytes: Buffer, offer: string): boolean {
  const chosen = offeredProtocols(head, bytes).split(',');
  return chosen.every((protocol) => protocol === '' || offer.includes(`,${protocol},`));
}

/** Compacts the list in place without what is refused, spaces filling up; false if nothing is left. */
function keepOffered(head: Head, bytes: Uint8Array, h: number): boolean {
  const start = head.valueStart[h] as number;
  const end = head.valueEnd[h] as number;
  let write = start;
  let i = start;
  while (i < end) {
    const member = afterBlanks(bytes, i, end);
    i = memberEnd(bytes, member, end);
    const last = trimmedEnd(bytes, member, i);
    i++;
    if (last === member || isRefused(bytes, member, last)) continue;
    if (write > start) bytes[write++] = COMMA;
    bytes.copyWithin(write, member, last);
    write += last - member;
  }
  bytes.fill(SPACE, write, end);
  head.valueEnd[h] = write;
  return write > start;
}

function isRefused(bytes: Uint8Array, start: number, end: number): boolean {
  for (const name of REFUSED) if (equalsIgnoringCase(bytes, start, end, name)) return true;
  return false;
}
