/**
 * Method names (RFC 9110 9, RFC 5789). They are case-sensitive; an unknown one is passed on (METHOD_OTHER).
 *
 * Not here: what a method allows (src/http1/request-head.ts, request-target.ts).
 */
import { ascii } from './byte-match.ts';

export const METHOD_OTHER = 0;
export const METHOD_GET = 1;
export const METHOD_HEAD = 2;
export const METHOD_POST = 3;
export const METHOD_PUT = 4;
export const METHOD_DELETE = 5;
export const METHOD_OPTIONS = 6;
export const METHOD_CONNECT = 7;
export const METHOD_TRACE = 8;
export const METHOD_PATCH = 9;

const NAMES = ['', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'PATCH'].map(ascii);

/** METHOD_* of the name in bytes[start, end). */
export function methodId(bytes: Uint8Array, start: number, end: number): number {
  const candidate = candidateOf(bytes, start, end - start);
  if (candidate === METHOD_OTHER) return METHOD_OTHER;
  const name = NAMES[candidate] as Uint8Array;
  if (end - start !== name.length) return METHOD_OTHER;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return METHOD_OTHER;
  return candidate;
}

/** '' for METHOD_OTHER, and for what is none. */
export function methodName(method: number): string {
  return String.fromCharCode(...(NAMES[method] ?? []));
}

/** The only method that it can be, by first letter and, where that is not enough, by length. */
function candidateOf(bytes: Uint8Array, start: number, length: number): number {
  switch (bytes[start]) {
    case 0x47: // G
      return METHOD_GET;
    case 0x48: // H
      return METHOD_HEAD;
    case 0x50: // P
      if (length === 4) return METHOD_POST;
      return length === 3 ? METHOD_PUT : METHOD_PATCH;
    case 0x44: // D
      return METHOD_DELETE;
    case 0x4f: // O
      return METHOD_OPTIONS;
    case 0x43: // C
      return METHOD_CONNECT;
    case 0x54: // T
      return METHOD_TRACE;
    default:
      return METHOD_OTHER;
  }
}
