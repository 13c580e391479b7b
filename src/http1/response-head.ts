/**
 * The head of a response (RFC 9112 4): status line, fields, and what the whole of them has to satisfy.
 *
 *   HTTP/1.x SP 3DIGIT [ SP reason-phrase ] CRLF *( field-line CRLF ) CRLF
 *
 * A response that can be read in two ways ends in 502. What servers do wrong and what leaves no doubt is repaired: a
 * missing space after the status code, folded lines, Content-Length beside Transfer-Encoding.
 *
 * Not here: whether the request lets the response have a body (HEAD, CONNECT, 304: the session knows the request).
 */
import { dropNominated } from './connection.ts';
import { scanFields } from './fields.ts';
import { plainLength } from './framing.ts';
import {
  EDIT_SPACE,
  EDIT_VERSION,
  HEAD_ERR_CODING,
  HEAD_ERR_RESPONSE,
  HEAD_ERR_START_LINE,
  HEAD_ERR_WEBSOCKET,
  HEAD_OK,
  HEAD_PARTIAL,
  HEADER_CONTENT_LENGTH,
  HEADER_TRANSFER_ENCODING,
  Head,
} from './head.ts';
import { textEnd, viewOf } from './text-run.ts';
import { settleUpgrade } from './upgrade.ts';
import { scanVersion, VERSION_LENGTH } from './version.ts';
import { lacksAccept } from './websocket.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const ZERO = 48;

export class ResponseHead extends Head {
  /** 100 to 999. */
  status = 0;
  reasonStart = 0;
  reasonEnd = 0;
  /** Its framing was repaired, or announced content where there is none: the connection is not to be used again. */
  mustClose = false;
}

/** Scans bytes[start, end) as the head of a response: HEAD_PARTIAL, HEAD_OK, or HEAD_ERR_RESPONSE + HEAD_ERR_*. */
export function scanResponseHead(
  head: ResponseHead,
  bytes: Uint8Array,
  start: number,
  end: number,
  maxHeaders: number,
): number {
  head.reset(start);
  head.mustClose = false;
  let code = scanStatusLine(head, bytes, start, end);
  if (code === HEAD_OK) code = scanFields(head, bytes, head.lineEnd + 2, end, maxHeaders, true);
  if (code === HEAD_OK) code = settle(head, bytes);
  return code > HEAD_OK ? code + HEAD_ERR_RESPONSE : code;
}

function scanStatusLine(head: ResponseHead, bytes: Uint8Array, start: number, end: number): number {
  const view = viewOf(bytes);
  const code = scanVersion(head, bytes, view, start, end);
  if (code !== HEAD_OK) return code;
  let i = start + VERSION_LENGTH;
  if (i >= end) return HEAD_PARTIAL;
  if (bytes[i] !== SPACE) return head.fail(HEAD_ERR_START_LINE, i);

  let status = 0;
  for (let k = 0; k < 3; k++) {
    if (++i >= end) return HEAD_PARTIAL;
    const digit = (bytes[i] as number) - ZERO;
    if (digit >>> 0 > 9 || (k === 0 && digit === 0)) return head.fail(HEAD_ERR_START_LINE, i);
    status = status * 10 + digit;
  }
  head.status = status;

  if (++i >= end) return HEAD_PARTIAL;
  if (bytes[i] === SPACE) {
    if (++i >= end) return HEAD_PARTIAL;
    head.reasonStart = i;
    i = textEnd(bytes, view, i, end);
    if (i >= end) return HEAD_PARTIAL;
  } else {
    head.reasonStart = i;
    head.startLineEdit |= EDIT_SPACE;
  }
  head.reasonEnd = i;
  if (bytes[i] !== CR) return head.fail(HEAD_ERR_START_LINE, i);
  if (i + 1 >= end) return HEAD_PARTIAL;
  if (bytes[i + 1] !== LF) return head.fail(HEAD_ERR_START_LINE, i + 1);
  head.lineEnd = i;
  return HEAD_OK;
}

/** What only the complete head can tell. */
function settle(head: ResponseHead, bytes: Uint8Array): number {
  const status = head.status;
  if (head.chunked) {
    // A server that does not know chunked has not made it (RFC 9112 6.1).
    if (head.minor === 0) return head.fail(HEAD_ERR_CODING, head.lineStart[head.transferEncodingIndex] as number);
    if (head.contentLength >= 0) {
      // Transfer-Encoding wins, and whoever sent both is not to be trusted with a second message (RFC 9112 6.3).
      dropAll(head, HEADER_CONTENT_LENGTH);
      head.contentLength = -1;
      head.mustClose = true;
    }
  }
  if (status < 200) speakAsOurselves(head);
  if (status < 200 || status === 204) removeFraming(head);
  else if (head.contentLength >= 0) plainLength(head, bytes);
  if (head.nominates) dropNominated(head, bytes);
  if (head.hasUpgrade) settleUpgradeOffer(head, bytes);
  if (head.upgrade && !head.allowsNoKey && lacksAccept(head, bytes)) return head.fail(HEAD_ERR_WEBSOCKET, head.lineEnd);
  return HEAD_OK;
}

/** HTTP/1.0 has no 1xx (RFC 9110 15.2): clients take one that says 1.0 for the whole answer, and the next one for garbage. */
function speakAsOurselves(head: ResponseHead): void {
  if (head.minor === 1) return;
  head.minor = 1;
  head.startLineEdit |= EDIT_VERSION;
}

/** 1xx and 204 end with the blank line whatever they announce, and may announce nothing (RFC 9110 8.6, RFC 9112 6.1). */
function removeFraming(head: ResponseHead): void {
  if (!head.chunked && head.contentLength < 0) return;
  if (head.chunked || head.contentLength > 0) head.mustClose = true;
  dropAll(head, HEADER_CONTENT_LENGTH);
  dropAll(head, HEADER_TRANSFER_ENCODING);
  head.contentLength = -1;
  head.chunked = false;
}

/** Upgrade speaks to the client in 101 and 426; elsewhere it is an advertisement for this hop alone. */
function settleUpgradeOffer(head: ResponseHead, bytes: Uint8Array): void {
  const isSwitch = head.status === 101;
  settleUpgrade(head, bytes, (isSwitch && head.upgradeToken) || head.status === 426);
  if (!isSwitch) head.upgrade = false;
}

function dropAll(head: ResponseHead, id: number): void {
  for (let h = 0; h < head.headerCount; h++) if (head.id[h] === id) head.drop(h);
}
