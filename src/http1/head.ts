/**
 * The head of a message as offsets into the bytes it was scanned from: what requests and responses have in common.
 *
 *   start                lineEnd        lineStart[0] = nameStart[0]                       lineStart[headerCount]  end
 *   ▼                    ▼              ▼                                                 ▼                       ▼
 *   GET /x HTTP/1.1      CR LF          Name : OWS value OWS CR LF   …   Name: value CR LF CR LF                  body…
 *                                       nameEnd▲   ▲valueStart ▲valueEnd
 *
 * One object serves a thread and a direction for ever: the scanners overwrite it, nothing is allocated. Offsets are valid
 * until the bytes move, that is until rewriteHead (src/http1/edit.ts).
 *
 * Not here: scanning (request-head.ts, response-head.ts, fields.ts), changing (edit.ts).
 */
import { equalsIgnoringCase } from './byte-match.ts';

/** Usual capacity of the tables; the limit in force is what the caller gives the scanner (tune.http.maxhdr). */
export const MAX_HEADERS = 128;

/** What a scan returns: needs more bytes, complete, or (above HEAD_OK) one of HEAD_ERR_*. */
export const HEAD_PARTIAL = 0;
export const HEAD_OK = 1;

export const HEAD_ERR_METHOD = 2; // not a token
export const HEAD_ERR_METHOD_TOO_LONG = 3;
export const HEAD_ERR_TARGET = 4; // not a target, or not in a form that the method allows
export const HEAD_ERR_START_LINE = 5; // separators, line end, "HTTP/", status code, reason
export const HEAD_ERR_VERSION = 6; // HTTP, but not version 1
export const HEAD_ERR_FIELD = 7; // no colon, empty name, a byte that may not be in a name or a value
export const HEAD_ERR_FOLD = 8; // a line that begins with white space
export const HEAD_ERR_HOST = 9; // missing, repeated, malformed, or in disagreement with the target of CONNECT
export const HEAD_ERR_LENGTH = 10; // Content-Length: not one number that is exact
export const HEAD_ERR_CODING = 11; // Transfer-Encoding: malformed, chunked not last, or in HTTP/1.0
export const HEAD_ERR_NOT_IMPLEMENTED = 12; // a transfer coding that is not chunked
export const HEAD_ERR_FRAMING = 13; // both framing fields, or content where there must not be any
export const HEAD_ERR_EXPECT = 14; // an expectation that is not 100-continue
export const HEAD_ERR_TOO_MANY_HEADERS = 15;
export const HEAD_ERR_TOO_LARGE = 16; // the caller's buffer is full and the head is not complete
export const HEAD_ERR_TARGET_TOO_LONG = 17; // the same, inside the start line
export const HEAD_ERR_PAYLOAD = 18; // content where HTTP/1.0 knew none
export const HEAD_ERR_WEBSOCKET = 19; // a handshake without its key
export const HEAD_ERR_NO_HOPS = 20; // Max-Forwards says that it ends here
/** Added to a code when the message is a response: whatever is wrong with it, the client gets 502. */
export const HEAD_ERR_RESPONSE = 32;

//                   PARTIAL OK  2    3    4    5    6    7    8    9    10   11   12   13   14   15   16   17   18   19
const STATUS_OF = [0, 0, 400, 501, 400, 400, 505, 400, 400, 400, 400, 400, 501, 400, 417, 431, 431, 414, 413, 400, 501];

/** The status that answers a HEAD_ERR_* code. */
export function statusOf(code: number): number {
  return code >= HEAD_ERR_RESPONSE ? 502 : (STATUS_OF[code] ?? 400);
}

/** Ids of the field names that the proxy treats in some way. */
export const HEADER_OTHER = 0;
export const HEADER_HOST = 1;
export const HEADER_CONTENT_LENGTH = 2;
export const HEADER_TRANSFER_ENCODING = 3;
export const HEADER_CONNECTION = 4;
export const HEADER_KEEP_ALIVE = 5;
export const HEADER_PROXY_CONNECTION = 6;
export const HEADER_TE = 7;
export const HEADER_TRAILER = 8;
export const HEADER_UPGRADE = 9;
export const HEADER_EXPECT = 10;
export const HEADER_COOKIE = 11;
export const HEADER_SET_COOKIE = 12;
export const HEADER_CACHE_CONTROL = 13;
export const HEADER_DATE = 14;
export const HEADER_X_FORWARDED_FOR = 15;
export const HEADER_HTTP2_SETTINGS = 16;
export const HEADER_MAX_FORWARDS = 17;

/** What rewriteHead has to change in the start line, as bits of Head.startLineEdit. */
export const EDIT_VERSION = 1; // HTTP/1.2 and later leave as our own HTTP/1.1
export const EDIT_SPACE = 2; // the space that belongs after the status code is missing
export const EDIT_TARGET = 4; // absolute-form leaves in origin-form, its authority as the Host line

export class Head {
  /** First byte of the start line; empty lines before it are skipped. */
  start = 0;
  /** Offset after the blank line; while the head is partial: 0. */
  end = 0;
  /** Offset of the CR of the start line; while that is incomplete: -1. */
  lineEnd = -1;
  /** Offset of the digit of the minor version. */
  versionAt = 0;
  /** EDIT_* bits. */
  startLineEdit = 0;
  /** Version 1.x as it was understood: 0 for 1.0, 1 for 1.1 and later. */
  minor = 1;

  headerCount = 0;
  readonly nameStart: Int32Array;
  readonly nameEnd: Int32Array;
  readonly valueStart: Int32Array;
  readonly valueEnd: Int32Array;
  /** Line i with its CRLF is [lineStart[i], lineStart[i + 1]); a name begins its line, so this is nameStart. */
  readonly lineStart: Int32Array;
  /** HEADER_*. */
  readonly id: Uint8Array;
  /** 1 for a line that will not be passed on. Set by drop() only, which keeps the count. */
  readonly dropped: Uint8Array;
  droppedCount = 0;
  /** The names by hash, filed when Connection nominates some: the first of each place (-1: none), and who follows. */
  readonly nameHash: Int32Array;
  readonly nameFirst: Int16Array;
  readonly nameNext: Int16Array;

  /** -1: none; else at most Number.MAX_SAFE_INTEGER. */
  contentLength = -1;
  chunked = false;
  /** Index of the (first) line of that name, or -1. */
  contentLengthIndex = -1;
  transferEncodingIndex = -1;
  hostIndex = -1;
  hostCount = 0;

  /** Connection options. */
  closeToken = false;
  keepAliveToken = false;
  upgradeToken = false;
  /** Connection names other fields. */
  nominates = false;
  hasUpgrade = false;
  /** Both sides of the upgrade are there: the Upgrade line stays, the caller adds `connection: upgrade`. */
  upgrade = false;
  hasExpect = false;
  hasMaxForwards = false;
  cookieCount = 0;
  setCookieCount = 0;

  /** Offset of the offending byte after an error. */
  errorAt = 0;

  /** What the configuration allows, not touched by a scan: a WebSocket handshake may lack its key. */
  allowsNoKey = false;

  /** `capacity`: the greatest limit that a scanner will be given. */
  constructor(capacity: number = MAX_HEADERS) {
    this.nameStart = new Int32Array(capacity + 1);
    this.nameEnd = new Int32Array(capacity);
    this.valueStart = new Int32Array(capacity);
    this.valueEnd = new Int32Array(capacity);
    this.lineStart = this.nameStart;
    this.id = new Uint8Array(capacity);
    this.dropped = new Uint8Array(capacity);
    this.nameHash = new Int32Array(capacity);
    this.nameFirst = new Int16Array(2 << (31 - Math.clz32(capacity)));
    this.nameNext = new Int16Array(capacity);
  }

  /** Marks line i as not to be passed on. */
  drop(i: number): void {
    if (this.dropped[i] === 0) {
      this.dropped[i] = 1;
      this.droppedCount++;
    }
  }

  /** Back to the state before a scan that begins at `start`. */
  reset(start: number): void {
    this.start = start;
    this.end = 0;
    this.lineEnd = -1;
    this.startLineEdit = 0;
    this.headerCount = 0;
    this.droppedCount = 0;
    this.contentLength = -1;
    this.chunked = false;
    this.contentLengthIndex = -1;
    this.transferEncodingIndex = -1;
    this.hostIndex = -1;
    this.hostCount = 0;
    this.closeToken = false;
    this.keepAliveToken = false;
    this.upgradeToken = false;
    this.nominates = false;
    this.hasUpgrade = false;
    this.upgrade = false;
    this.hasExpect = false;
    this.hasMaxForwards = false;
    this.cookieCount = 0;
    this.setCookieCount = 0;
  }

  /** Notes where the offending byte is, and returns the code. */
  fail(code: number, at: number): number {
    this.errorAt = at;
    return code;
  }
}

/** The code for a head that is still partial although the caller's buffer is full. */
export function overflowCode(head: Head): number {
  return head.lineEnd < 0 ? HEAD_ERR_TARGET_TOO_LONG : HEAD_ERR_TOO_LARGE;
}

/** Whether line i has this name (for names that come from the configuration). */
export function matchesName(head: Head, bytes: Uint8Array, i: number, lowerCaseName: Uint8Array): boolean {
  return equalsIgnoringCase(bytes, head.nameStart[i] as number, head.nameEnd[i] as number, lowerCaseName);
}
