/** A chunked body by RFC 9112 7.1, with the limits that this proxy has; see reading.ts. */
import { type Field, fieldOf, TOKEN } from './reading.ts';

export type ChunkedReading =
  | { readonly verdict: 'partial' }
  /** `end`: no more than this many bytes were in order. */
  | { readonly verdict: 'refused'; readonly rule: string }
  | {
      readonly verdict: 'accepted';
      readonly data: string;
      readonly trailers: readonly Field[];
      /** As it leaves the proxy. */
      readonly sent: string;
      readonly end: number;
    };

const QUOTED = '"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const EXTENSION = `[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|${QUOTED}))?`;
const SIZE_LINE = new RegExp(`^([0-9A-Fa-f]+)(?:${EXTENSION})*$`);
const MAX_TRAILER_BYTES = 8192;

/** What frames, routes, authenticates or says who somebody is (RFC 9110 6.5.1). */
export const FORBIDDEN = (
  'age authentication-info authorization cache-control connection content-encoding content-length content-location ' +
  'content-range content-type cookie date expect expires forwarded host http2-settings if-match if-modified-since ' +
  'if-none-match if-range if-unmodified-since keep-alive location max-forwards origin pragma proxy-authenticate ' +
  'proxy-authentication-info proxy-authorization proxy-connection range referer retry-after sec-websocket-accept ' +
  'sec-websocket-key set-cookie set-cookie2 strict-transport-security te trailer transfer-encoding upgrade user-agent ' +
  'vary via www-authenticate x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip'
).split(' ');

/** Whether a trailer of this name, or of one that begins like this, may have to be taken out. */
export const beginsForbidden = (text: string): boolean =>
  FORBIDDEN.some((name) => text.toLowerCase().startsWith(name) || name.startsWith(text.toLowerCase()));

/** Surplus zeros of a size go, but for one in front of a number. */
const plainSize = (digits: string): string => digits.replace(/^0+(?=0)/, '');

export function readChunked(text: string): ChunkedReading {
  let data = '';
  let sent = '';
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return { verdict: 'partial' };
    const digits = SIZE_LINE.exec(text.slice(at, lineEnd))?.[1];
    if (digits === undefined) return { verdict: 'refused', rule: 'RFC 9112 7.1: size line' };
    const size = BigInt(`0x${digits}`);
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) return { verdict: 'refused', rule: 'RFC 9112 7.1: size' };
    at = lineEnd + 2;
    sent += `${plainSize(digits)}\r\n`;
    if (size === 0n) return readTrailers(text, at, data, sent);
    const end = at + Number(size);
    const after = text.slice(end, end + 2);
    if (!'\r\n'.startsWith(after)) return { verdict: 'refused', rule: 'RFC 9112 7.1: CRLF after data' };
    if (after.length < 2) return { verdict: 'partial' };
    data += text.slice(at, end);
    sent += text.slice(at, end + 2);
    at = end + 2;
  }
}

function readTrailers(text: string, start: number, data: string, sentBefore: string): ChunkedReading {
  const trailers: Field[] = [];
  let sent = sentBefore;
  for (let at = start; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return { verdict: 'partial' };
    if (lineEnd + 2 - start > MAX_TRAILER_BYTES) return { verdict: 'refused', rule: 'bytes of the trailer section' };
    const line = text.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { verdict: 'accepted', data, trailers, sent: `${sent}\r\n`, end: at };
    const field = fieldOf(line);
    if (field === null) return { verdict: 'refused', rule: 'RFC 9112 5: trailer line' };
    if (FORBIDDEN.includes(field[0].toLowerCase())) continue;
    trailers.push(field);
    sent += `${line}\r\n`;
  }
}
