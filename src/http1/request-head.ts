/**
 * The head of a request (RFC 9112 3): request line, fields, and what the whole of them has to satisfy.
 *
 *   method SP request-target SP HTTP/1.x CRLF *( field-line CRLF ) CRLF
 *
 * The path from bytes to meaning: request line → fields (fields.ts) → settle(): Host, framing, Expect, hop-by-hop fields,
 * upgrade. What must not be passed on is marked as dropped; nothing moves before rewriteHead (edit.ts).
 *
 * Not here: the target's forms and the method's names (request-target.ts, method.ts).
 */
import { authorityHostEnd, portOf } from './authority.ts';
import { ascii, equalsIgnoringCase, rangesEqualIgnoringCase } from './byte-match.ts';
import { targetTable, tokenTable } from './char-class.ts';
import { dropNominated } from './connection.ts';
import { scanFields } from './fields.ts';
import { plainBlanks, plainLength } from './framing.ts';
import {
  EDIT_TARGET,
  HEAD_ERR_CODING,
  HEAD_ERR_EXPECT,
  HEAD_ERR_FRAMING,
  HEAD_ERR_HOST,
  HEAD_ERR_METHOD,
  HEAD_ERR_METHOD_TOO_LONG,
  HEAD_ERR_NO_HOPS,
  HEAD_ERR_PAYLOAD,
  HEAD_ERR_START_LINE,
  HEAD_ERR_TARGET,
  HEAD_ERR_WEBSOCKET,
  HEAD_OK,
  HEAD_PARTIAL,
  HEADER_EXPECT,
  Head,
} from './head.ts';
import { countHop } from './max-forwards.ts';
import {
  METHOD_CONNECT,
  METHOD_DELETE,
  METHOD_GET,
  METHOD_HEAD,
  METHOD_OPTIONS,
  METHOD_OTHER,
  METHOD_TRACE,
  methodId,
} from './method.ts';
import {
  couldBeTarget,
  noteTarget,
  TARGET_ABSOLUTE,
  TARGET_ASTERISK,
  TARGET_AUTHORITY,
  TARGET_ORIGIN,
  type TargetHolder,
} from './request-target.ts';
import { viewOf } from './text-run.ts';
import { settleUpgrade } from './upgrade.ts';
import { scanVersion, VERSION_LENGTH } from './version.ts';
import { lacksKey } from './websocket.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const SLASH = 47;
const COLON = 58;
/** Twice the longest registered method: a longer one is no method of ours (RFC 9112 3: 501). */
const MAX_METHOD_LENGTH = 32;
/** `GET ` as a little-endian word. */
const WORD_GET = 0x20544547;
const CONTINUE = ascii('100-continue');
const TOKEN = tokenTable();
const TARGET = targetTable();

export class RequestHead extends Head implements TargetHolder {
  /** METHOD_*. The method itself is [start, methodEnd). */
  method = METHOD_OTHER;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  targetForm = TARGET_ORIGIN;
  authorityStart = 0;
  authorityEnd = 0;
  pathStart = 0;
  hasHost = false;
  /** The authority that the request is for, with its port: from the target if it names one, else from Host; maybe empty. */
  hostStart = 0;
  hostEnd = 0;
  /** The client waits for 100 before it sends the content. */
  expectContinue = false;

  /**
   * What the configuration allows, not touched by a scan: GET, HEAD and DELETE of HTTP/1.0 may have content
   * (h1-accept-payload-with-any-method).
   */
  allowsAnyPayload = false;
}

/** Scans bytes[start, end) as the head of a request: HEAD_PARTIAL, HEAD_OK or HEAD_ERR_*. */
export function scanRequestHead(
  head: RequestHead,
  bytes: Uint8Array,
  start: number,
  end: number,
  maxHeaders: number,
): number {
  // Empty lines before a request are skipped (RFC 9112 2.2): old clients send one after a body.
  let i = start;
  while (i < end && bytes[i] === CR) {
    if (i + 1 < end && bytes[i + 1] !== LF) {
      head.reset(i);
      return head.fail(HEAD_ERR_START_LINE, i + 1);
    }
    if (i + 1 >= end) break;
    i += 2;
  }
  head.reset(i);
  head.hasHost = false;
  head.expectContinue = false;
  if (i >= end || bytes[i] === CR) return HEAD_PARTIAL;

  const view = viewOf(bytes);
  let byte: number;
  if (i + 4 <= end && view.getInt32(i, true) === WORD_GET) {
    i += 3;
    head.method = METHOD_GET;
  } else {
    const token = TOKEN;
    const methodLimit = i + MAX_METHOD_LENGTH;
    byte = bytes[i] as number;
    while (token[byte] === 1) {
      if (++i > methodLimit) return head.fail(HEAD_ERR_METHOD_TOO_LONG, i - 1);
      if (i >= end) return HEAD_PARTIAL;
      byte = bytes[i] as number;
    }
    if (byte !== SPACE || i === head.start) return head.fail(HEAD_ERR_METHOD, i);
    head.method = methodId(bytes, head.start, i);
  }
  head.methodEnd = i;

  const target = TARGET;
  const targetStart = i + 1;
  do {
    if (++i >= end) return partialTarget(head, bytes, targetStart, end);
    byte = bytes[i] as number;
  } while (target[byte] === 1);
  if (byte !== SPACE) return head.fail(HEAD_ERR_TARGET, i);
  if (bytes[targetStart] === SLASH && head.method !== METHOD_CONNECT) {
    head.targetStart = targetStart;
    head.targetEnd = i;
    head.targetForm = TARGET_ORIGIN;
    head.pathStart = targetStart;
  } else {
    const code = noteTarget(head, bytes, targetStart, i);
    if (code !== HEAD_OK) return code;
  }

  const version = i + 1;
  const code = scanVersion(head, bytes, view, version, end);
  if (code !== HEAD_OK) return code;
  i = version + VERSION_LENGTH;
  if (i >= end) return HEAD_PARTIAL;
  if (bytes[i] !== CR) return head.fail(HEAD_ERR_START_LINE, i);
  if (i + 1 >= end) return HEAD_PARTIAL;
  if (bytes[i + 1] !== LF) return head.fail(HEAD_ERR_START_LINE, i + 1);
  head.lineEnd = i;

  const fields = scanFields(head, bytes, i + 2, end, maxHeaders, false);
  return fields === HEAD_OK ? settle(head, bytes) : fields;
}

function partialTarget(head: RequestHead, bytes: Uint8Array, start: number, end: number): number {
  return couldBeTarget(head, bytes, start, end) ? HEAD_PARTIAL : head.fail(HEAD_ERR_TARGET, start);
}

/** What only the complete head can tell. */
function settle(head: RequestHead, bytes: Uint8Array): number {
  const code = settleHost(head, bytes);
  if (code !== HEAD_OK) return code;

  if (head.chunked) {
    // HTTP/1.0 has no chunked, and both fields at once is how requests are smuggled (RFC 9112 6.1, 6.3).
    if (head.minor === 0) return failLine(head, HEAD_ERR_CODING, head.transferEncodingIndex);
    if (head.contentLength >= 0) return failLine(head, HEAD_ERR_FRAMING, head.contentLengthIndex);
  }
  const hasContent = head.chunked || head.contentLength > 0;
  if (head.contentLength >= 0) plainLength(head, bytes);
  if (hasContent && mayNotHaveContent(head)) {
    const line = head.chunked ? head.transferEncodingIndex : head.contentLengthIndex;
    return failLine(head, head.minor === 0 ? HEAD_ERR_PAYLOAD : HEAD_ERR_FRAMING, line);
  }
  if (head.hasExpect) {
    const expect = settleExpect(head, bytes, hasContent);
    if (expect !== HEAD_OK) return expect;
  }
  if (head.nominates) dropNominated(head, bytes);
  if (head.hasUpgrade) {
    settleUpgrade(head, bytes, head.upgradeToken && head.method === METHOD_GET && head.minor === 1 && !hasContent);
    if (head.upgrade && !head.allowsNoKey && lacksKey(head, bytes)) return head.fail(HEAD_ERR_WEBSOCKET, head.lineEnd);
  }
  if (head.hasMaxForwards && (head.method === METHOD_OPTIONS || head.method === METHOD_TRACE)) {
    if (!countHop(head, bytes)) return head.fail(HEAD_ERR_NO_HOPS, head.lineEnd);
  }
  return HEAD_OK;
}

/**
 * TRACE and CONNECT never have content (RFC 9110 9.3.6, 9.3.8). Recipients of HTTP/1.0 agree least about that of GET, HEAD and
 * DELETE: some take it for the next request.
 */
function mayNotHaveContent(head: RequestHead): boolean {
  switch (head.method) {
    case METHOD_TRACE:
    case METHOD_CONNECT:
      return true;
    case METHOD_GET:
    case METHOD_HEAD:
    case METHOD_DELETE:
      return head.minor === 0 && !head.allowsAnyPayload;
    default:
      return false;
  }
}

/** RFC 9112 3.2: one Host and a valid one, which the target overrides if it is absolute, and must repeat for CONNECT. */
function settleHost(head: RequestHead, bytes: Uint8Array): number {
  const form = head.targetForm;
  const line = head.hostIndex;
  if (head.hostCount !== 1) {
    if (head.hostCount > 1 || head.minor === 1) return head.fail(HEAD_ERR_HOST, head.lineEnd);
    head.hostStart = head.lineEnd;
    head.hostEnd = head.lineEnd;
  } else {
    const start = head.valueStart[line] as number;
    const end = head.valueEnd[line] as number;
    // `Host: name` and nothing else is what everybody takes (nginx no tabs there).
    if (bytes[end] !== CR || bytes[start - 1] !== SPACE || bytes[start - 2] !== COLON) plainBlanks(bytes, start, end);
    head.hasHost = true;
    head.hostStart = start;
    head.hostEnd = end;
    const hostEnd = authorityHostEnd(bytes, start, end);
    if (hostEnd < 0) return head.fail(HEAD_ERR_HOST, start);
    // An http URI has a host (RFC 9110 4.2.1); `OPTIONS *` is about no URI, and HTTP/1.0 may do without.
    if (hostEnd === start && (end > start || (form === TARGET_ORIGIN && head.minor === 1))) {
      return head.fail(HEAD_ERR_HOST, start);
    }
  }
  if (form === TARGET_ORIGIN || form === TARGET_ASTERISK) return HEAD_OK;

  if (form === TARGET_AUTHORITY && line >= 0 && !hostAgrees(head, bytes)) {
    return head.fail(HEAD_ERR_HOST, head.valueStart[line] as number);
  }
  head.hostStart = head.authorityStart;
  head.hostEnd = head.authorityEnd;
  if (form === TARGET_ABSOLUTE) {
    head.startLineEdit |= EDIT_TARGET;
    if (line >= 0) head.drop(line);
  }
  return HEAD_OK;
}

/** Host is CONNECT's authority, or its host alone when the port is one that a client leaves out. */
function hostAgrees(head: RequestHead, bytes: Uint8Array): boolean {
  const start = head.hostStart;
  const end = head.hostEnd;
  const authorityStart = head.authorityStart;
  const authorityEnd = head.authorityEnd;
  if (rangesEqualIgnoringCase(bytes, start, end, authorityStart, authorityEnd)) return true;
  const host = authorityHostEnd(bytes, authorityStart, authorityEnd);
  const port = portOf(bytes, host + 1, authorityEnd);
  return (port === 80 || port === 443) && rangesEqualIgnoringCase(bytes, start, end, authorityStart, host);
}

/**
 * RFC 9110 10.1.1: 100-continue is the only expectation there is; HTTP/1.0 does not have it, and a request without content
 * has nothing to wait with, so there the line goes.
 */
function settleExpect(head: RequestHead, bytes: Uint8Array, hasContent: boolean): number {
  for (let h = 0; h < head.headerCount; h++) {
    if (head.id[h] !== HEADER_EXPECT) continue;
    if (head.minor === 1) {
      const start = head.valueStart[h] as number;
      if (!equalsIgnoringCase(bytes, start, head.valueEnd[h] as number, CONTINUE)) {
        return head.fail(HEAD_ERR_EXPECT, start);
      }
      if (hasContent && !head.expectContinue) {
        bytes.set(CONTINUE, start);
        head.expectContinue = true;
        continue;
      }
    }
    head.drop(h);
  }
  return HEAD_OK;
}

function failLine(head: RequestHead, code: number, line: number): number {
  return head.fail(code, head.lineStart[line] as number);
}
