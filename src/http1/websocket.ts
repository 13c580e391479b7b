/**
 * The handshake of WebSocket (RFC 6455 4.1, 4.2): a request to switch has a key of 24 bytes, a 101 says that it was
 * accepted. What lacks them speaks something else, and who takes it for a handshake opens a tunnel that nobody asked for
 * ("WebSocket smuggling").
 *
 * Not here: which upgrades pass at all (src/http1/upgrade.ts).
 */
import { afterBlanks, trimmedEnd } from './blanks.ts';
import { ascii, equalsIgnoringCase } from './byte-match.ts';
import { memberEnd } from './connection.ts';
import { HEADER_UPGRADE, type Head, matchesName } from './head.ts';

const WEBSOCKET = ascii('websocket');
const KEY = ascii('sec-websocket-key');
const ACCEPT = ascii('sec-websocket-accept');
/** 16 bytes in base64. */
const KEY_LENGTH = 24;

/** Whether the request offers WebSocket without a key. (haproxy, too, looks at its length only.) */
export function lacksKey(head: Head, bytes: Uint8Array): boolean {
  return speaksOfWebsocket(head, bytes) && !hasField(head, bytes, KEY, KEY_LENGTH);
}

/** Whether the 101 switches to WebSocket without saying so in its own field. */
export function lacksAccept(head: Head, bytes: Uint8Array): boolean {
  return speaksOfWebsocket(head, bytes) && !hasField(head, bytes, ACCEPT, 0);
}

function speaksOfWebsocket(head: Head, bytes: Uint8Array): boolean {
  for (let h = 0; h < head.headerCount; h++) {
    if (head.id[h] !== HEADER_UPGRADE || head.dropped[h] === 1) continue;
    const end = head.valueEnd[h] as number;
    let i = head.valueStart[h] as number;
    while (i < end) {
      const member = afterBlanks(bytes, i, end);
      i = memberEnd(bytes, member, end);
      if (equalsIgnoringCase(bytes, member, trimmedEnd(bytes, member, i), WEBSOCKET)) return true;
      i++;
    }
  }
  return false;
}

/** `length` 0: of any. */
function hasField(head: Head, bytes: Uint8Array, name: Uint8Array, length: number): boolean {
  for (let h = 0; h < head.headerCount; h++) {
    if (head.dropped[h] === 1 || !matchesName(head, bytes, h, name)) continue;
    const valueLength = (head.valueEnd[h] as number) - (head.valueStart[h] as number);
    if (length === 0 || valueLength === length) return true;
  }
  return false;
}
