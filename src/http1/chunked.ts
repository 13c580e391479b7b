/**
 * The chunked coding (RFC 9112 7.1): finds where each chunk ends and passes on a clean copy of the framing.
 *
 *   size [ext] CRLF  data CRLF  …  0 [ext] CRLF  *( trailer-line CRLF )  CRLF
 *
 * Resumable at every byte. What goes on is compacted in place: size and data as they are, extensions and surplus zeros of
 * a size not, forbidden trailer fields not. Where nothing is removed nothing is copied, and data is never looked at.
 * Lines end in CRLF only, a size is digits only, data is followed by CRLF at once: every leniency here lets two recipients
 * see different chunks ("TERM.EXT", "EXT.TERM", "SPILL").
 *
 * Not here: extensions (chunk-extension.ts), trailer lines (trailer.ts), lengths (the session counts Content-Length down itself).
 */
import { hexTable, tokenTable } from './char-class.ts';
import { EXT_BLANK, EXT_BROKEN, EXT_END, EXT_NAME_FIRST, extensionState } from './chunk-extension.ts';
import {
  TRAILER,
  TRAILER_BROKEN,
  TRAILER_END,
  TRAILER_NAME,
  TRAILER_SKIP,
  TRAILER_SKIP_LF,
  TrailerSection,
  trailerState,
} from './trailer.ts';

export const BODY_MORE = 0;
export const BODY_DONE = 1;
export const BODY_ERROR = 2;

// States from 16 are chunk-extension.ts's, from 32 trailer.ts's.
const SIZE_FIRST = 0; // the first digit of a size
const SIZE = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const BROKEN = 6;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const SEMICOLON = 59;
const HEX = hexTable();
const TOKEN = tokenTable();

/** Of sizes: 2^53 - 1, above which a double is not exact (and 64-bit peers begin to wrap a little later). */
const MAX_SIZE = Number.MAX_SAFE_INTEGER;
/**
 * Framing that a body may have above 16 bytes a chunk and as many as its data: long extensions on tiny chunks cost work
 * for nothing (CVE-2023-39326).
 */
const MAX_EXCESS = 16384;
const FREE_EXCESS = 16;

export class ChunkedBody {
  /** Only the data goes on, without its framing (for HTTP/1.0 clients). */
  strip = false;
  /** Bytes of the current chunk's data that are still to come; above 0 only inside data. */
  remaining = 0;
  /** After a call: offset after the last byte that was taken. */
  consumed = 0;
  /** After a call: what goes on is [start, written). */
  written = 0;
  /** Bytes of data so far, framing not counted. */
  dataBytes = 0;
  state = SIZE_FIRST;
  size = 0;
  excess = 0;
  readonly trailer = new TrailerSection();

  reset(): void {
    this.strip = false;
    this.remaining = 0;
    this.consumed = 0;
    this.written = 0;
    this.dataBytes = 0;
    this.state = SIZE_FIRST;
    this.size = 0;
    this.excess = 0;
    this.trailer.reset();
  }
}

/**
 * Takes bytes[start, end) of a chunked body: BODY_MORE, BODY_DONE (what follows body.consumed is the next message's) or
 * BODY_ERROR (body.consumed is the offending byte; the connection is done for).
 *
 * With BODY_MORE all is consumed. A trailer field that may not go on is dropped; if part of its name went on with an
 * earlier call, that cannot be taken back, and the body is refused.
 */
export function scanChunked(body: ChunkedBody, bytes: Uint8Array, start: number, end: number): number {
  const hex = HEX;
  const keep = !body.strip;
  let state = body.state;
  let size = body.size;
  let excess = body.excess;
  let lineAt = -1; // where the output of the current trailer line begins, if it does in this call
  let i = start;
  let w = start;

  while (i < end && state !== BROKEN && state !== TRAILER_END) {
    if (state === DATA) {
      const remaining = body.remaining;
      const length = Math.min(remaining, end - i);
      if (w !== i) bytes.copyWithin(w, i, i + length);
      w += length;
      i += length;
      body.dataBytes += length;
      body.remaining = remaining - length;
      if (length < remaining) break;
      state = DATA_CR;
      continue;
    }
    const byte = bytes[i] as number;
    let emit = keep;
    switch (state) {
      case SIZE_FIRST:
      case SIZE: {
        const digit = hex[byte] as number;
        if (digit < 16) {
          // Zeros in front are passed on once, so that no peer can lose count of digits.
          emit = keep && (state === SIZE_FIRST || size > 0 || digit > 0);
          size = state === SIZE_FIRST ? digit : size * 16 + digit;
          state = size > MAX_SIZE ? BROKEN : SIZE;
        } else if (state === SIZE_FIRST) state = BROKEN;
        else if (byte === CR) state = SIZE_LF;
        else {
          emit = false;
          if (byte === SEMICOLON) state = EXT_NAME_FIRST;
          else state = byte === SPACE || byte === TAB ? EXT_BLANK : BROKEN;
        }
        if (++excess > MAX_EXCESS) state = BROKEN;
        break;
      }
      case SIZE_LF:
        excess = excess > size + FREE_EXCESS ? excess - size - FREE_EXCESS : 0;
        if (byte === LF) {
          body.remaining = size;
          state = size === 0 ? TRAILER : DATA;
        } else state = BROKEN;
        break;
      case DATA_CR:
        state = byte === CR ? DATA_LF : BROKEN;
        break;
      case DATA_LF:
        state = byte === LF ? SIZE_FIRST : BROKEN;
        break;
      default: {
        const isToken = TOKEN[byte] === 1;
        if (state < TRAILER) {
          state = extensionState(state, byte, isToken);
          emit = keep && state === EXT_END;
          if (state === EXT_END) state = SIZE_LF;
          else if (state === EXT_BROKEN || ++excess > MAX_EXCESS) state = BROKEN;
          break;
        }
        const next = trailerState(body.trailer, state, byte, isToken);
        if (state === TRAILER) lineAt = w;
        emit = keep && next !== TRAILER_SKIP && state !== TRAILER_SKIP && state !== TRAILER_SKIP_LF;
        const isRefused = keep && next === TRAILER_SKIP && state === TRAILER_NAME;
        if (isRefused && lineAt >= 0) w = lineAt;
        state = next === TRAILER_BROKEN || (isRefused && lineAt < 0) ? BROKEN : next;
      }
    }
    if (state === BROKEN) break;
    if (emit) bytes[w++] = byte;
    i++;
  }
  body.state = state;
  body.size = size;
  body.excess = excess;
  body.consumed = i;
  body.written = w;
  if (state === BROKEN) return BODY_ERROR;
  return state === TRAILER_END ? BODY_DONE : BODY_MORE;
}
