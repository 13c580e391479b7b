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
 * Not here: which trailer fields are forbidden (src/http1/trailer.ts), lengths (the session counts Content-Length down itself).
 */
import { hexTable, tokenTable } from './char-class.ts';
import { isForbiddenTrailer, NAME_HASH_START, nameHash } from './trailer.ts';

export const BODY_MORE = 0;
export const BODY_DONE = 1;
export const BODY_ERROR = 2;

const SIZE_FIRST = 0; // the first digit of a size
const SIZE = 1;
const EXT_BLANK = 2; // blanks before ';'
const EXT_NAME_FIRST = 3; // blanks, then the first byte of a name
const EXT_NAME = 4;
const EXT_NAME_BLANK = 5; // blanks before '=' or ';'
const EXT_VALUE_FIRST = 6;
const EXT_VALUE = 7;
const EXT_QUOTED = 8;
const EXT_ESCAPE = 9;
const EXT_QUOTED_END = 10;
const SIZE_LF = 11;
const DATA = 12;
const DATA_CR = 13;
const DATA_LF = 14;
const TRAILER = 15; // at the start of a line
const TRAILER_NAME = 16;
const TRAILER_VALUE = 17;
const TRAILER_LF = 18;
const TRAILER_SKIP = 19; // the value of a field that does not go on
const TRAILER_SKIP_LF = 20;
const END_LF = 21;
const DONE = 22;
const BROKEN = 23;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;
const DELETE = 127;
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
/** Of the whole trailer section. */
const MAX_TRAILER_BYTES = 8192;

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
  trailerBytes = 0;
  /** Of the trailer name so far. */
  nameHash = 0;

  reset(): void {
    this.strip = false;
    this.remaining = 0;
    this.consumed = 0;
    this.written = 0;
    this.dataBytes = 0;
    this.state = SIZE_FIRST;
    this.size = 0;
    this.excess = 0;
    this.trailerBytes = 0;
    this.nameHash = 0;
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
  const token = TOKEN;
  const keep = !body.strip;
  let state = body.state;
  let size = body.size;
  let excess = body.excess;
  let hash = body.nameHash;
  let lineAt = -1; // where the output of the current trailer line begins, if in this call
  let i = start;
  let w = start;
  let verdict = state === DONE ? BODY_DONE : BODY_MORE;

  while (i < end && verdict === BODY_MORE) {
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
    switch (state) {
      case SIZE_FIRST:
      case SIZE: {
        const digit = hex[byte] as number;
        if (digit < 16) {
          // Zeros in front are passed on once, so that no peer can lose count of digits.
          if (keep && (state === SIZE_FIRST || size > 0 || digit > 0)) bytes[w++] = byte;
          size = state === SIZE_FIRST ? digit : size * 16 + digit;
          state = SIZE;
          if (size > MAX_SIZE) verdict = BODY_ERROR;
        } else if (state === SIZE_FIRST) verdict = BODY_ERROR;
        else if (byte === CR) {
          if (keep) bytes[w++] = CR;
          state = SIZE_LF;
        } else if (byte === SEMICOLON) state = EXT_NAME_FIRST;
        else if (byte === SPACE || byte === TAB) state = EXT_BLANK;
        else verdict = BODY_ERROR;
        if (++excess > MAX_EXCESS) verdict = BODY_ERROR;
        break;
      }
      case SIZE_LF:
        if (byte !== LF) {
          verdict = BODY_ERROR;
          break;
        }
        if (keep) bytes[w++] = LF;
        excess = excess > size + FREE_EXCESS ? excess - size - FREE_EXCESS : 0;
        body.remaining = size;
        state = size === 0 ? TRAILER : DATA;
        break;
      case DATA_CR:
        if (byte === CR) {
          if (keep) bytes[w++] = CR;
          state = DATA_LF;
        } else verdict = BODY_ERROR;
        break;
      case DATA_LF:
        if (byte === LF) {
          if (keep) bytes[w++] = LF;
          state = SIZE_FIRST;
        } else verdict = BODY_ERROR;
        break;
      case TRAILER:
        if (byte === CR) {
          if (keep) bytes[w++] = CR;
          state = END_LF;
          break;
        }
        lineAt = w;
        hash = NAME_HASH_START;
        state = TRAILER_NAME;
        if (token[byte] === 0) {
          verdict = BODY_ERROR;
          break;
        }
        hash = nameHash(hash, byte);
        if (keep) bytes[w++] = byte;
        if (++body.trailerBytes > MAX_TRAILER_BYTES) verdict = BODY_ERROR;
        break;
      case TRAILER_NAME:
        if (token[byte] === 1) {
          hash = nameHash(hash, byte);
          if (keep) bytes[w++] = byte;
        } else if (byte !== COLON) verdict = BODY_ERROR;
        else if (!keep) state = TRAILER_SKIP;
        else if (!isForbiddenTrailer(hash)) {
          bytes[w++] = COLON;
          state = TRAILER_VALUE;
        } else if (lineAt < 0) verdict = BODY_ERROR;
        else {
          w = lineAt;
          state = TRAILER_SKIP;
        }
        if (++body.trailerBytes > MAX_TRAILER_BYTES) verdict = BODY_ERROR;
        break;
      case TRAILER_VALUE:
      case TRAILER_SKIP:
        if (state === TRAILER_VALUE) bytes[w++] = byte;
        if (byte === CR) state = state === TRAILER_VALUE ? TRAILER_LF : TRAILER_SKIP_LF;
        else if (!isText(byte)) verdict = BODY_ERROR;
        if (++body.trailerBytes > MAX_TRAILER_BYTES) verdict = BODY_ERROR;
        break;
      case TRAILER_LF:
      case TRAILER_SKIP_LF:
        if (byte !== LF) {
          verdict = BODY_ERROR;
          break;
        }
        if (state === TRAILER_LF) bytes[w++] = LF;
        state = TRAILER;
        break;
      case END_LF:
        if (byte === LF) {
          if (keep) bytes[w++] = LF;
          state = DONE;
          verdict = BODY_DONE;
        } else verdict = BODY_ERROR;
        break;
      default:
        state = extensionState(state, byte, token[byte] === 1);
        if (state === BROKEN || ++excess > MAX_EXCESS) verdict = BODY_ERROR;
        else if (state === SIZE_LF && keep) bytes[w++] = CR;
    }
    if (verdict === BODY_ERROR) {
      state = BROKEN;
      break;
    }
    i++;
  }
  body.state = state;
  body.size = size;
  body.excess = excess;
  body.nameHash = hash;
  body.consumed = i;
  body.written = w;
  return verdict;
}

/**
 * `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`: the state after one more byte. Nothing of it goes on,
 * but a line that is not of this shape may end somewhere else for another recipient.
 */
function extensionState(state: number, byte: number, isToken: boolean): number {
  const isBlank = byte === SPACE || byte === TAB;
  switch (state) {
    case EXT_BLANK:
      if (isBlank) return EXT_BLANK;
      return byte === SEMICOLON ? EXT_NAME_FIRST : BROKEN;
    case EXT_NAME_FIRST:
      if (isBlank) return EXT_NAME_FIRST;
      return isToken ? EXT_NAME : BROKEN;
    case EXT_NAME:
      if (isToken) return EXT_NAME;
      if (byte === EQUALS) return EXT_VALUE_FIRST;
      return isBlank ? EXT_NAME_BLANK : afterExtension(byte);
    case EXT_NAME_BLANK:
      if (isBlank) return EXT_NAME_BLANK;
      if (byte === EQUALS) return EXT_VALUE_FIRST;
      return byte === SEMICOLON ? EXT_NAME_FIRST : BROKEN;
    case EXT_VALUE_FIRST:
      if (isBlank) return EXT_VALUE_FIRST;
      if (byte === QUOTE) return EXT_QUOTED;
      return isToken ? EXT_VALUE : BROKEN;
    case EXT_VALUE:
      if (isToken) return EXT_VALUE;
      return isBlank ? EXT_BLANK : afterExtension(byte);
    case EXT_QUOTED:
      if (byte === QUOTE) return EXT_QUOTED_END;
      if (byte === BACKSLASH) return EXT_ESCAPE;
      return isText(byte) ? EXT_QUOTED : BROKEN;
    case EXT_ESCAPE:
      return isText(byte) ? EXT_QUOTED : BROKEN;
    case EXT_QUOTED_END:
      return isBlank ? EXT_BLANK : afterExtension(byte);
    default:
      return BROKEN;
  }
}

function afterExtension(byte: number): number {
  if (byte === CR) return SIZE_LF;
  return byte === SEMICOLON ? EXT_NAME_FIRST : BROKEN;
}

function isText(byte: number): boolean {
  return (byte >= SPACE && byte !== DELETE) || byte === TAB;
}
