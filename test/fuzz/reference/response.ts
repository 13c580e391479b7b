/** The head of a response by RFC 9110 and 9112, with the repairs that this proxy promises; see reading.ts. */
import {
  codingOf,
  connectionOptions,
  type Field,
  fieldOf,
  lengthOf,
  membersOf,
  type Reading,
  settledUpgrade,
  TOKEN,
  trimmed,
  type Violation,
  valuesOf,
  withoutHopByHop,
} from './reading.ts';

const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** Blanks before a colon, which a proxy takes out (RFC 9112 5.1). */
const GAP = new RegExp(`^(${TOKEN})[ \\t]+:`);
const MAX_FIELDS = 101;
/** Acted upon by the proxy, which would have acted upon half of it. */
const UNFOLDABLE = ['content-length', 'transfer-encoding', 'connection', 'upgrade', 'te'];

/** Folded lines joined to the one before (RFC 9112 5.2); null where that may not be. */
function unfolded(lines: readonly string[]): string[] | null {
  const joined: string[] = [];
  for (const raw of lines) {
    const line = raw.replace(GAP, '$1:');
    const last = joined.at(-1);
    if (!/^[ \t]/.test(line)) joined.push(line);
    else if (last === undefined) return null;
    else {
      const name = fieldOf(last)?.[0].toLowerCase();
      if (name === undefined || UNFOLDABLE.includes(name)) return null;
      // Two blanks for the line end: the joined line is as long as it was.
      joined[joined.length - 1] = `${last}  ${line}`;
    }
  }
  return joined;
}

const drop = (fields: readonly Field[], ...names: string[]): Field[] =>
  fields.filter(([name]) => !names.includes(name.toLowerCase()));

export function readResponse(text: string): Reading {
  const blank = text.indexOf('\r\n\r\n');
  if (blank < 0) return { verdict: 'partial' };
  const [startLine = '', ...raw] = text.slice(0, blank).split('\r\n');
  const violations: Violation[] = [];
  const refuse = (rule: string) => violations.push({ rule, statuses: [502] });

  const match = STATUS_LINE.exec(startLine);
  if (match === null) refuse('RFC 9112 4: status line');
  const minor = match?.[1] === '0' ? 0 : 1;
  const status = Number(match?.[2]);
  const lines = unfolded(raw);
  if (lines === null) refuse('RFC 9112 5.2: folded line');
  const parsed = (lines ?? []).map(fieldOf);
  if (parsed.includes(null)) refuse('RFC 9112 5: field line');
  if (parsed.length > MAX_FIELDS) refuse('number of fields');
  const fields = parsed.filter((field) => field !== null);
  let length = lengthOf(fields);
  let chunked = codingOf(fields);
  if (length === null) refuse('RFC 9110 8.6: Content-Length');
  if (chunked === null) refuse('RFC 9112 6.1: Transfer-Encoding');
  if (chunked === true && minor === 0) refuse('RFC 9112 6.1: chunked in HTTP/1.0');
  if (violations.length > 0 || length === null || chunked === null) return { verdict: 'refused', violations };

  let sent = withoutHopByHop(fields);
  if (chunked && length >= 0) {
    sent = drop(sent, 'content-length');
    length = -1;
  }
  if (status < 200 || status === 204) {
    sent = drop(sent, 'content-length', 'transfer-encoding');
    length = -1;
    chunked = false;
  }
  const switches = status === 101 && connectionOptions(fields).includes('upgrade');
  sent = settledUpgrade(sent, switches || status === 426);
  // HTTP/1.0 has no 1xx: what goes on is our own (RFC 9110 15.2).
  const sentMinor = status < 200 ? 1 : minor;
  const toWebsocket =
    switches &&
    valuesOf(sent, 'upgrade')
      .flatMap(membersOf)
      .some((one) => /^websocket$/i.test(one));
  if (toWebsocket && valuesOf(sent, 'sec-websocket-accept').length === 0) {
    refuse('RFC 6455 4.2.2: Sec-WebSocket-Accept');
    return { verdict: 'refused', violations };
  }
  return {
    verdict: 'accepted',
    meaning: {
      startLine: `HTTP/1.${sentMinor} ${status} ${trimmed(match?.[3] ?? '')}`,
      fields: sent,
      minor: sentMinor,
      length,
      chunked,
      upgrade: switches && valuesOf(sent, 'upgrade').length > 0,
      end: blank + 4,
    },
  };
}
