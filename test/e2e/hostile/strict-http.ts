/**
 * A second opinion on HTTP/1 messages (RFC 9110, 9112), written without looking at src/http1 and without mercy: what it
 * does not accept, a proxy must not have sent. One message at a time from a latin1 string.
 */
export type Message =
  | {
      readonly kind: 'complete';
      readonly startLine: string;
      readonly fields: readonly (readonly [name: string, value: string])[];
      readonly body: string;
      /** Offset of the byte after the message. */
      readonly end: number;
      /** The body reaches to the end of the connection. */
      readonly untilClose: boolean;
    }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'fault'; readonly what: string };

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.[01]$`);
const STATUS_LINE = /^HTTP\/1\.[01] [1-9][0-9][0-9] [\t\x20-\x7e\x80-\xff]*$/;
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*([^\\x00-\\x08\\x0a-\\x1f\\x7f]*?)[ \\t]*$`);
const CHUNK_LINE = /^([0-9A-Fa-f]{1,15})(;.*)?$/;

const fault = (what: string): Message => ({ kind: 'fault', what });

function values(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
}

function chunkedBody(raw: string, start: number): { body: string; end: number } | 'incomplete' | { what: string } {
  let body = '';
  for (let at = start; ; ) {
    const lineEnd = raw.indexOf('\r\n', at);
    if (lineEnd < 0) return 'incomplete';
    const size = CHUNK_LINE.exec(raw.slice(at, lineEnd))?.[1];
    if (size === undefined) return { what: `chunk line ${JSON.stringify(raw.slice(at, lineEnd).slice(0, 40))}` };
    const length = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (length === 0) {
      for (;;) {
        const end = raw.indexOf('\r\n', at);
        if (end < 0) return 'incomplete';
        if (end === at) return { body, end: at + 2 };
        if (!FIELD.test(raw.slice(at, end))) return { what: `trailer ${JSON.stringify(raw.slice(at, end))}` };
        at = end + 2;
      }
    }
    if (raw.length < at + length + 2) return 'incomplete';
    body += raw.slice(at, at + length);
    if (raw.slice(at + length, at + length + 2) !== '\r\n') return { what: 'a chunk does not end in CRLF' };
    at += length + 2;
  }
}

/**
 * The message at the start of `raw`. `isRequest` says which start line it has; `noBody` that it answers HEAD (or is a
 * 1xx, 204 or 304, which is seen here); `ended` that no further byte will come.
 */
export function readMessage(raw: string, isRequest: boolean, ended: boolean, noBody = false): Message {
  const headEnd = raw.indexOf('\r\n\r\n');
  if (headEnd < 0) return raw.length > 65_536 ? fault('a head without end') : { kind: 'incomplete' };
  const [startLine = '', ...lines] = raw.slice(0, headEnd).split('\r\n');
  if (!(isRequest ? REQUEST_LINE : STATUS_LINE).test(startLine))
    return fault(`start line ${JSON.stringify(startLine)}`);
  const fields: (readonly [string, string])[] = [];
  for (const line of lines) {
    const match = FIELD.exec(line);
    if (match === null) return fault(`field line ${JSON.stringify(line.slice(0, 80))}`);
    fields.push([match[1] ?? '', match[2] ?? '']);
  }
  if (isRequest && startLine.endsWith('/1.1') && values(fields, 'host').length !== 1) return fault('not one Host');

  const whole = (body: string, end: number, untilClose = false): Message => {
    return { kind: 'complete', startLine, fields, body, end, untilClose };
  };
  const bodyStart = headEnd + 4;
  const lengths = values(fields, 'content-length');
  const codings = values(fields, 'transfer-encoding');
  if (lengths.length > 1 || codings.length > 1) return fault('a framing field twice');
  if (lengths.length > 0 && codings.length > 0) return fault('both framing fields');
  const status = isRequest ? 0 : Number(startLine.slice(9, 12));
  if (status === 101) return whole(raw.slice(bodyStart), raw.length, true);
  if (noBody || (status >= 100 && status < 200) || status === 204 || status === 304) return whole('', bodyStart);
  if (codings.length > 0) {
    if (!/^chunked$/i.test(codings[0] ?? '')) return fault(`transfer-encoding ${JSON.stringify(codings[0])}`);
    const chunked = chunkedBody(raw, bodyStart);
    if (chunked === 'incomplete') return { kind: 'incomplete' };
    return 'what' in chunked ? fault(chunked.what) : whole(chunked.body, chunked.end);
  }
  const [length] = lengths;
  if (length !== undefined) {
    if (!/^0*\d{1,16}$/.test(length)) return fault(`content-length ${JSON.stringify(length)}`);
    const end = bodyStart + Number(length);
    return raw.length < end ? { kind: 'incomplete' } : whole(raw.slice(bodyStart, end), end);
  }
  if (isRequest) return whole('', bodyStart);
  return ended ? whole(raw.slice(bodyStart), raw.length, true) : { kind: 'incomplete' };
}

export interface Messages {
  readonly complete: readonly (Message & { kind: 'complete' })[];
  /** What follows the last complete message. */
  readonly rest: string;
  readonly fault: string | undefined;
}

/** All messages of a connection, in order. */
export function readMessages(raw: string, isRequest: boolean, ended: boolean): Messages {
  const complete: (Message & { kind: 'complete' })[] = [];
  let rest = raw;
  while (rest !== '') {
    const message = readMessage(rest, isRequest, ended);
    if (message.kind === 'fault') return { complete, rest, fault: message.what };
    if (message.kind === 'incomplete') break;
    complete.push(message);
    rest = rest.slice(message.end);
  }
  return { complete, rest, fault: undefined };
}
