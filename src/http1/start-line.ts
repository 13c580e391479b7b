/**
 * The start line as it leaves the proxy: our own version, a space after the status code, and origin-form for a target that
 * came in absolute-form, whose authority becomes the Host line (RFC 9112 3.2.1, 3.2.2).
 *
 *   GET http://b.example/x HTTP/1.1 CRLF                     GET /x HTTP/1.1 CRLF
 *   Host: a.example CRLF                          becomes    Host: b.example CRLF
 *
 * In place, by moving what is before the fields; it grows by two bytes at most.
 *
 * Not here: the field lines (src/http1/edit.ts).
 */
import { ascii } from './byte-match.ts';
import { EDIT_SPACE, EDIT_TARGET, EDIT_VERSION, type Head } from './head.ts';
import { METHOD_OPTIONS } from './method.ts';
import { RequestHead } from './request-head.ts';
import { MAX_AUTHORITY_LENGTH } from './request-target.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const ASTERISK = 42;
const SLASH = 47;
const ONE = 49;
const HOST = ascii('Host: ');
const authority = new Uint8Array(MAX_AUTHORITY_LENGTH);

/** Applies head.startLineEdit. The line still ends where the field lines begin; head.start moves. */
export function rewriteStartLine(head: Head, bytes: Uint8Array): void {
  const edit = head.startLineEdit;
  head.startLineEdit = 0;
  if ((edit & EDIT_VERSION) !== 0) bytes[head.versionAt] = ONE;
  if ((edit & EDIT_SPACE) !== 0) {
    const end = head.lineEnd;
    bytes.copyWithin(head.start - 1, head.start, end);
    bytes[end - 1] = SPACE;
    head.start--;
  }
  if ((edit & EDIT_TARGET) !== 0 && head instanceof RequestHead) rewriteTarget(head, bytes);
}

function rewriteTarget(head: RequestHead, bytes: Uint8Array): void {
  const { start, pathStart } = head;
  const fields = head.lineEnd + 2;
  const authorityLength = head.authorityEnd - head.authorityStart;
  copy(bytes, head.authorityStart, head.authorityEnd, authority, 0);

  // method SP | [ "/" or "*" ] | path SP version CRLF | Host line: computed from the end, which does not move.
  const hostLine = fields - HOST.length - authorityLength - 2;
  const tail = hostLine - (fields - pathStart);
  const needsPath = pathStart === head.targetEnd || bytes[pathStart] !== SLASH;
  const path = needsPath ? tail - 1 : tail;
  const methodLength = head.methodEnd + 1 - start;
  head.start = path - methodLength;
  bytes.copyWithin(head.start, start, start + methodLength);
  bytes.copyWithin(tail, pathStart, fields);
  // Without a path, OPTIONS is about the server as a whole (RFC 9112 3.2.4).
  const isWhole = pathStart === head.targetEnd && head.method === METHOD_OPTIONS;
  if (needsPath) bytes[path] = isWhole ? ASTERISK : SLASH;
  copy(HOST, 0, HOST.length, bytes, hostLine);
  copy(authority, 0, authorityLength, bytes, hostLine + HOST.length);
  bytes[fields - 2] = CR;
  bytes[fields - 1] = LF;
}

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number;
}
