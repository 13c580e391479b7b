/**
 * Answers of MySQL and LDAP, as far as HAProxy looks into them: is the server willing, and if not, what does it say. Pure.
 */

export type ProtocolVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'fine' }
  | { readonly kind: 'wrong'; readonly result: 'L7RSP' | 'L7STS'; readonly words: string; readonly code: number };

const WAIT: ProtocolVerdict = { kind: 'wait' };
const FINE: ProtocolVerdict = { kind: 'fine' };
const TRUNCATED: ProtocolVerdict = { kind: 'wrong', result: 'L7RSP', words: '', code: 0 };
const NOT_LDAP: ProtocolVerdict = { kind: 'wrong', result: 'L7RSP', words: 'Not LDAPv3 protocol', code: 0 };
const LDAP_RESULTS = 'See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9';

const MYSQL_HEAD_BYTES = 4;

export function mysqlGreeting(received: string, last: boolean): ProtocolVerdict {
  return mysqlPacket(received, 0, last);
}

/** What it says to our name, behind the greeting. */
export function mysqlOk(received: string, last: boolean): ProtocolVerdict {
  return mysqlPacket(received, MYSQL_HEAD_BYTES + littleEndian(received, 0, 3), last);
}

/**
 *   length (3) │ sequence │ 0xff │ error (2) │ words        what is wrong
 *   length (3) │ sequence │ 0x0a │ version, zero byte …     the greeting
 */
function mysqlPacket(received: string, at: number, last: boolean): ProtocolVerdict {
  if (received.length < at + MYSQL_HEAD_BYTES) return last ? TRUNCATED : WAIT;
  const end = at + MYSQL_HEAD_BYTES + littleEndian(received, at, 3);
  if (received.length < end) return last ? TRUNCATED : WAIT;
  if (byteAt(received, at + 4) === 0xff) {
    const code = littleEndian(received, at + 5, 2);
    return { kind: 'wrong', result: 'L7STS', words: received.slice(at + 7), code };
  }
  return FINE;
}

/** BindResponse of RFC 4511 4.2.2, lengths of one byte, two or four. */
export function ldapBind(received: string, last: boolean): ProtocolVerdict {
  const short = last ? TRUNCATED : WAIT;
  const first = byteAt(received, 1);
  const lengthBytes = first & 0x80 ? first & 0x7f : 0;
  if (received.length < 1 + lengthBytes) return short;
  if (lengthBytes !== 0 && lengthBytes !== 2 && lengthBytes !== 4) return NOT_LDAP;
  const length = lengthBytes === 0 ? first : bigEndian(received, 2, lengthBytes);
  let at = 2 + lengthBytes;
  if (received.length < at + length) return short;
  if (received.slice(at, at + 4) !== '\x02\x01\x01\x61') return NOT_LDAP;
  at += 4;
  const inner = byteAt(received, at);
  at += 1 + (inner & 0x80 ? inner & 0x7f : 0);
  if (received.slice(at, at + 2) !== '\x0a\x01') return NOT_LDAP;
  const code = byteAt(received, at + 2);
  if (code !== 0) return { kind: 'wrong', result: 'L7STS', words: LDAP_RESULTS, code };
  return FINE;
}

function byteAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0;
}

function littleEndian(text: string, at: number, bytes: number): number {
  let value = 0;
  for (let n = bytes - 1; n >= 0; n--) value = value * 256 + byteAt(text, at + n);
  return value;
}

function bigEndian(text: string, at: number, bytes: number): number {
  let value = 0;
  for (let n = 0; n < bytes; n++) value = value * 256 + byteAt(text, at + n);
  return value;
}
