/**
 * What the options that forgive broken messages do: accept-invalid-http-request, accept-unsafe-violations-in-http-request,
 * and those for responses. The scanners know nothing of them. A head that they refuse is written anew as it should have
 * been, in place, and scanned again:
 *
 *   bytes ─▶ scan ─▶ refused ─▶ repair ─▶ scan ─▶ goes on, or is refused for good
 *
 * So whatever goes on has passed the strict scanner, and means one thing only. It happens only to what would be refused, so
 * it costs nobody else anything.
 *
 * Not here: what is repaired, and how (repair-start-line.ts, repair-fields.ts).
 */
import { FORGIVES_NOTHING, FORGIVES_UNSAFE } from './forgiveness.ts';
import {
  HEAD_ERR_CODING,
  HEAD_ERR_FIELD,
  HEAD_ERR_FOLD,
  HEAD_ERR_HOST,
  HEAD_ERR_METHOD,
  HEAD_ERR_RESPONSE,
  HEAD_ERR_START_LINE,
  HEAD_ERR_TARGET,
  HEAD_ERR_TOO_LARGE,
  HEAD_ERR_VERSION,
  HEAD_ERR_WEBSOCKET,
  HEAD_OK,
  HEAD_PARTIAL,
  type Head,
} from './head.ts';
import { FIELDS_PARTIAL, FIELDS_REFUSED, repairFields } from './repair-fields.ts';
import { LINE_IS_ALL, LINE_REFUSED, repairRequestLine, repairStatusLine } from './repair-start-line.ts';
import { Line, RepairedBytes } from './repaired-bytes.ts';
import { type RequestHead, scanRequestHead } from './request-head.ts';
import { type ResponseHead, scanResponseHead } from './response-head.ts';

type Scan<H> = (head: H, bytes: Uint8Array, start: number, end: number, maxHeaders: number) => number;

const LF = 10;
const CR = 13;

export class HeadRepair {
  /** The head as it came, if it was repaired: bytes [0, originalLength), the first offence at originalErrorAt. */
  readonly original: Buffer;
  originalLength = 0;
  originalErrorAt = 0;
  /** By how many bytes the repaired head begins before the one that came. */
  growth = 0;
  readonly #out: RepairedBytes;
  readonly #line = new Line();

  /** `capacityBytes`: the longest head. */
  constructor(capacityBytes: number) {
    this.#out = new RepairedBytes(capacityBytes);
    this.original = Buffer.alloc(capacityBytes);
  }

  /**
   * Of a request that the scan of bytes[start, end) refused with `code`: HEAD_OK (`head` is that of the repaired one),
   * HEAD_PARTIAL, or the code with which it is refused. The repaired head may begin `room` bytes earlier at most.
   */
  request(
    head: RequestHead,
    code: number,
    forgives: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    room: number,
    maxHeaders: number,
  ): number {
    return this.#of(head, scanRequestHead, code, forgives, bytes, start, end, room, maxHeaders);
  }

  /** The same of a response, whose connection is not to be used again then. */
  response(
    head: ResponseHead,
    code: number,
    forgives: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    room: number,
    maxHeaders: number,
  ): number {
    const result = this.#of(head, scanResponseHead, code, forgives, bytes, start, end, room, maxHeaders);
    if (result === HEAD_OK && this.originalLength > 0) head.mustClose = true;
    return result;
  }

  #of<H extends Head>(
    head: H,
    scan: Scan<H>,
    code: number,
    forgives: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    room: number,
    maxHeaders: number,
  ): number {
    this.originalLength = 0;
    this.growth = 0;
    const isResponse = code > HEAD_ERR_RESPONSE;
    const isEmptyLine = code === HEAD_ERR_METHOD && bytes[head.start] === LF && forgives !== FORGIVES_NOTHING;
    if (!isEmptyLine && !isForgivable(isResponse ? code - HEAD_ERR_RESPONSE : code, forgives)) return code;
    const { errorAt } = head;
    head.allowsNoKey = forgives === FORGIVES_UNSAFE;
    let result = scan(head, bytes, start, end, maxHeaders);
    if (result > HEAD_OK) {
      result = this.#write(bytes, start, end, isResponse, isResponse && forgives === FORGIVES_UNSAFE);
      if (result === HEAD_OK) result = this.#place(bytes, start, errorAt, room);
      if (result === HEAD_OK) {
        const headEnd = start + this.originalLength;
        result = scan(head, bytes, start - this.growth, headEnd, maxHeaders);
        if (result !== HEAD_OK) this.#takeBack(bytes, headEnd);
      }
    }
    head.allowsNoKey = false;
    if (result === HEAD_OK || result === HEAD_PARTIAL) return result;
    head.errorAt = errorAt;
    if (result !== HEAD_ERR_TOO_LARGE) return code;
    return isResponse ? HEAD_ERR_RESPONSE + HEAD_ERR_TOO_LARGE : HEAD_ERR_TOO_LARGE;
  }

  /** Writes the head anew: HEAD_OK, HEAD_PARTIAL, or HEAD_ERR_START_LINE for any reason. */
  #write(bytes: Uint8Array, start: number, end: number, isResponse: boolean, mergesChunked: boolean): number {
    const out = this.#out;
    const line = this.#line;
    out.clear();
    let at = start;
    while (at < end && (bytes[at] === LF || (bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF))) at++;
    if (!line.read(bytes, at, end)) return HEAD_PARTIAL;
    if (line.hasCr(bytes)) return HEAD_ERR_START_LINE;
    const written = isResponse ? repairStatusLine(out, bytes, line) : repairRequestLine(out, bytes, line);
    if (written === LINE_REFUSED) return HEAD_ERR_START_LINE;
    let headEnd = line.next;
    if (written !== LINE_IS_ALL) headEnd = repairFields(out, bytes, line.next, end, isResponse, mergesChunked);
    if (headEnd === FIELDS_PARTIAL) return HEAD_PARTIAL;
    if (headEnd === FIELDS_REFUSED) return HEAD_ERR_START_LINE;
    this.originalLength = headEnd - start;
    return HEAD_OK;
  }

  /** Puts the new head where the old one was, both with the same end. */
  #place(bytes: Uint8Array, start: number, errorAt: number, room: number): number {
    const out = this.#out;
    const length = this.originalLength;
    if (out.overflow || length > this.original.length || out.length - length > room) {
      this.originalLength = 0;
      return HEAD_ERR_TOO_LARGE;
    }
    for (let i = 0; i < length; i++) this.original[i] = bytes[start + i] as number;
    this.originalErrorAt = errorAt - start;
    this.growth = out.length - length;
    const to = start - this.growth;
    for (let i = 0; i < out.length; i++) bytes[to + i] = out.bytes[i] as number;
    return HEAD_OK;
  }

  /** What came is to be shown as it came. */
  #takeBack(bytes: Uint8Array, headEnd: number): void {
    const length = this.originalLength;
    for (let i = 0; i < length; i++) bytes[headEnd - length + i] = this.original[i] as number;
    this.originalLength = 0;
    this.growth = 0;
  }
}

function isForgivable(code: number, forgives: number): boolean {
  switch (code) {
    case HEAD_ERR_TARGET:
    case HEAD_ERR_START_LINE:
    case HEAD_ERR_VERSION:
    case HEAD_ERR_FIELD:
    case HEAD_ERR_FOLD:
    case HEAD_ERR_HOST:
      return forgives !== FORGIVES_NOTHING;
    case HEAD_ERR_CODING:
    case HEAD_ERR_WEBSOCKET:
      return forgives === FORGIVES_UNSAFE;
    default:
      return false;
  }
}
