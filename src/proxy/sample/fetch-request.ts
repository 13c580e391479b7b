/** The request's line, the response's line, and what is kept of them: `path`, `method`, `status`, … */
import { offsetOf } from '../../http1/byte-match.ts';
import type { RequestHead } from '../../http1/request-head.ts';
import { spread } from '../balance/hash.ts';
import { readIp4 } from './address.ts';
import { copyRange } from './copy.ts';
import { clientAddress } from './fetch-client.ts';
import type { MakeFetch, RunFetch } from './fetches.ts';
import { FieldWalk } from './field-walk.ts';
import { readInteger } from './integer.ts';
import type { SampleScope } from './scope.ts';
import { SAMPLE_BINARY, SAMPLE_IP4, SAMPLE_METHOD, SAMPLE_TEXT, type SampleValue } from './value.ts';

const SLASH = 47;
const COLON = 58;
const QUESTION = 63;
const SPACE = 32;
const LETTER_S = 115;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const VERSIONS = [Buffer.from('HTTP/1.0'), Buffer.from('HTTP/1.1')] as const;
const NUMBERS = [Buffer.from('1.0'), Buffer.from('1.1')] as const;

function text(value: SampleValue, bytes: Buffer): boolean {
  return value.setRange(SAMPLE_TEXT, bytes, 0, bytes.length);
}

function hasPath(head: RequestHead, bytes: Uint8Array): boolean {
  return head.pathStart < head.targetEnd && (bytes[head.pathStart] === SLASH || head.pathStart !== head.targetStart);
}

/** The end of the path without its query. */
function pathEnd(head: RequestHead, bytes: Uint8Array): number {
  let at = head.pathStart;
  while (at < head.targetEnd && bytes[at] !== QUESTION) at++;
  return at;
}

function path(withQuery: boolean): RunFetch {
  return (scope, value) => {
    const head = scope.requestHead;
    const bytes = scope.requestBytes;
    if (head === null || !hasPath(head, bytes)) return false;
    return value.setRange(SAMPLE_TEXT, bytes, head.pathStart, withQuery ? head.targetEnd : pathEnd(head, bytes));
  };
}

/** Host and path in one. */
function base(withQuery: boolean): MakeFetch {
  return () => {
    const host = new FieldWalk('host', false);
    const alone = path(withQuery);
    return (scope, value) => {
      const head = scope.requestHead;
      if (head === null) return false;
      const bytes = scope.requestBytes;
      host.rewind();
      if (!host.next(head, bytes) || host.end === host.start) return alone(scope, value);
      const into = value.other();
      let end = copyRange(bytes, host.start, host.end, into, 0);
      if (bytes[head.pathStart] === SLASH) {
        end = copyRange(bytes, head.pathStart, withQuery ? head.targetEnd : pathEnd(head, bytes), into, end);
      }
      return value.setRange(SAMPLE_TEXT, into, 0, end);
    };
  };
}

/** sdbm over signed bytes, as these fetches of HAProxy have it. */
function hashSigned(hash: number, bytes: Uint8Array, start: number, end: number): number {
  let result = hash;
  for (let i = start; i < end; i++) {
    result = ((((bytes[i] as number) << 24) >> 24) + (result << 6) + (result << 16) - result) | 0;
  }
  return result;
}

/** A hash of host and path (with its query: `url32`). */
function hash32(withQuery: boolean): MakeFetch {
  return () => {
    const host = new FieldWalk('host', withQuery);
    return (scope, value) => {
      const head = scope.requestHead;
      if (head === null) return false;
      const bytes = scope.requestBytes;
      host.rewind();
      let hash = host.next(head, bytes) ? hashSigned(0, bytes, host.start, host.end) : 0;
      if (head.pathStart < head.targetEnd && bytes[head.pathStart] === SLASH) {
        hash = hashSigned(hash, bytes, head.pathStart, withQuery ? head.targetEnd : pathEnd(head, bytes));
      }
      return value.setInteger(spread(hash) >>> 0);
    };
  };
}

/** The hash, the highest byte first, and the client's address. */
function withSource(make: MakeFetch): MakeFetch {
  return (args) => {
    const run = make(args);
    return (scope, value) => {
      const { client } = scope;
      if (client === null || client.peerFamily === 0 || !run(scope, value)) return false;
      const hash = value.number;
      clientAddress(client, value);
      const { type, number, bytes, start, end } = value;
      const into = value.other();
      into.writeUInt32BE(hash, 0);
      if (type !== SAMPLE_IP4) {
        const length = bytes.copy(into, 4, start, end);
        return value.setRange(SAMPLE_BINARY, into, 0, 4 + length);
      }
      into.writeUInt32BE(number, 4);
      return value.setRange(SAMPLE_BINARY, into, 0, 8);
    };
  };
}

/** The address of `http://a.b.c.d:port/…`, then its port. */
function targetAddress(scope: SampleScope, value: SampleValue): number {
  const head = scope.requestHead;
  if (head === null || head.pathStart === head.targetStart) return 0;
  const length = readIp4(value, scope.requestBytes, head.authorityStart, head.targetEnd);
  return length === 0 ? 0 : head.authorityStart + length;
}

const METHOD: RunFetch = (scope, value) => {
  const head = scope.requestHead;
  if (head !== null) return value.setRange(SAMPLE_METHOD, scope.requestBytes, head.start, head.methodEnd);
  const { stream } = scope;
  if (stream === null || stream.lineLength === 0) return false;
  return value.setRange(SAMPLE_METHOD, stream.line, 0, wordEnd(stream.line, 0, stream.lineLength));
};

function wordEnd(line: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && line[at] !== SPACE) at++;
  return at;
}

const CAPTURED_TARGET: RunFetch = (scope, value) => {
  const { stream } = scope;
  if (stream === null) return false;
  const { line, lineLength } = stream;
  const first = wordEnd(line, 0, lineLength);
  if (first === lineLength) return false;
  const end = wordEnd(line, first + 1, lineLength);
  const start = pathOf(line, first + 1, end);
  return start < end && value.setRange(SAMPLE_TEXT, line, start, end);
};

/** Behind scheme and authority. */
function pathOf(line: Uint8Array, start: number, end: number): number {
  if (line[start] === SLASH) return start;
  for (let at = start; at + 2 < end; at++) {
    if (line[at] !== COLON || line[at + 1] !== SLASH || line[at + 2] !== SLASH) continue;
    let slash = at + 3;
    while (slash < end && line[slash] !== SLASH) slash++;
    return slash;
  }
  return end;
}

export const REQUEST_FETCHES: Readonly<Record<string, MakeFetch>> = {
  method: () => METHOD,
  http_first_req: () => (scope, value) => scope.client !== null && value.setBool(scope.client.requests <= 1),
  'req.proto_http': () => (scope, value) => scope.requestHead !== null && value.setBool(true),
  'req.ver': () => (scope, value) => {
    const head = scope.requestHead;
    if (head === null) return false;
    return value.setRange(SAMPLE_TEXT, scope.requestBytes, head.versionAt - 2, head.versionAt + 1);
  },
  'res.ver': () => (scope, value) =>
    scope.responseHead !== null && text(value, NUMBERS[scope.responseHead.minor === 0 ? 0 : 1]),
  path: () => path(false),
  pathq: () => path(true),
  query: () => (scope, value) => {
    const head = scope.requestHead;
    if (head === null) return false;
    const at = offsetOf(scope.requestBytes, QUESTION, head.targetStart, head.targetEnd);
    if (at === head.targetEnd) return false;
    return value.setRange(SAMPLE_TEXT, scope.requestBytes, at + 1, head.targetEnd);
  },
  url: () => (scope, value) => {
    const head = scope.requestHead;
    return head !== null && value.setRange(SAMPLE_TEXT, scope.requestBytes, head.targetStart, head.targetEnd);
  },
  url_ip: () => (scope, value) => targetAddress(scope, value) > 0,
  url_port: () => (scope, value) => {
    const colon = targetAddress(scope, value);
    const head = scope.requestHead;
    if (colon === 0 || head === null) return false;
    const bytes = scope.requestBytes;
    if (bytes[colon] === COLON) {
      readInteger(value, bytes, colon + 1, head.targetEnd);
      return true;
    }
    const isSecure = ((bytes[head.targetStart + 4] as number) | 0x20) === LETTER_S;
    return value.setInteger(isSecure ? HTTPS_PORT : HTTP_PORT);
  },
  base: base(false),
  baseq: base(true),
  base32: hash32(false),
  'base32+src': withSource(hash32(false)),
  url32: hash32(true),
  'url32+src': withSource(hash32(true)),
  // In a log line the head is gone, and a response of the proxy's own is none.
  status: () => (scope, value) => {
    const { responseHead, stream } = scope;
    if (responseHead !== null) return value.setInteger(responseHead.status);
    return stream?.responseStarted === true && value.setInteger(stream.status);
  },
  'capture.req.hdr': (args) => {
    const index = args.number(0);
    return (scope, value) => scope.captured?.requestField(index, value) === true;
  },
  'capture.res.hdr': (args) => {
    const index = args.number(0);
    return (scope, value) => scope.captured?.responseField(index, value) === true;
  },
  'capture.req.method': () => (scope, value) => {
    const { stream } = scope;
    if (stream === null || stream.lineLength === 0) return false;
    return value.setRange(SAMPLE_TEXT, stream.line, 0, wordEnd(stream.line, 0, stream.lineLength));
  },
  'capture.req.uri': () => CAPTURED_TARGET,
  'capture.req.ver': () => (scope, value) => {
    const { stream } = scope;
    return stream !== null && stream.headDoneMs !== 0 && text(value, VERSIONS[stream.clientMinor === 0 ? 0 : 1]);
  },
  'unique-id': () => (scope, value) => scope.stream !== null && scope.uniqueIds?.fill(scope.stream, value) === true,
};
