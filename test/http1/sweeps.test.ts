/**
 * Every byte at every place where it could change how a message is framed or whose it is, each with the verdict that the
 * rules give: RFC 9110 5.6.2 (token), 5.6.3 (blanks), 5.5 (values), RFC 9112 3, 6 and 7.1, RFC 3986 3.2.2.
 */
import { describe, expect, it } from 'vitest';
import { BODY_DONE, BODY_ERROR, ChunkedBody, scanChunked } from '../../src/http1/chunked.ts';
import { HEAD_OK } from '../../src/http1/head.ts';
import { keptLines, scanRequest } from './scanned.ts';

const BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

const isToken = (byte: string) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(byte);
const isBlank = (byte: string) => byte === ' ' || byte === '\t';
const isDigit = (byte: string) => byte >= '0' && byte <= '9';
const isHex = (byte: string) => /[0-9A-Fa-f]/.test(byte);
/** What a field value may hold inside: visible, blank, or from 0x80. */
const isText = (byte: string) => (byte >= ' ' && byte !== '\x7f') || byte === '\t';
/** reg-name without `%`, and without `,`, which lists of hosts have. */
const isRegName = (byte: string) => /[-._~!$&'()*+;=0-9A-Za-z]/.test(byte);
/** Visible ASCII; `#` begins a fragment. */
const isTarget = (byte: string) => byte > ' ' && byte < '\x7f' && byte !== '#';

const post = (fields: string) => `POST / HTTP/1.1\r\nHost: s\r\n${fields}\r\n\r\n`;

type Outcome = 'refused' | string;

/** What became of the head: its framing, or `refused`. */
function framing(text: string): Outcome {
  const { code, head } = scanRequest(text);
  if (code !== HEAD_OK) return 'refused';
  if (head.chunked) return 'chunked';
  return head.contentLength < 0 ? 'none' : String(head.contentLength);
}

function table(text: (byte: string) => string, see: (text: string) => Outcome): Record<string, Outcome> {
  return Object.fromEntries(BYTES.map((byte) => [JSON.stringify(byte), see(text(byte))]));
}

function expected(verdict: (byte: string) => Outcome): Record<string, Outcome> {
  return Object.fromEntries(BYTES.map((byte) => [JSON.stringify(byte), verdict(byte)]));
}

/** [what, where the byte is put, what has to become of it]. */
type Sweep = readonly [what: string, text: (byte: string) => string, verdict: (byte: string) => Outcome];

describe('Transfer-Encoding: chunked', () => {
  const around = (byte: string) => (isBlank(byte) ? 'chunked' : 'refused');
  const otherName = (byte: string) => (isToken(byte) ? 'none' : 'refused');
  it.each<Sweep>([
    ['before the coding', (byte) => post(`Transfer-Encoding:${byte}chunked`), around],
    ['before the coding, behind a blank', (byte) => post(`Transfer-Encoding: ${byte}chunked`), around],
    ['inside the coding', (byte) => post(`Transfer-Encoding: chun${byte}ked`), () => 'refused'],
    ['after the coding', (byte) => post(`Transfer-Encoding: chunked${byte}`), around],
    ['after the coding, behind a blank', (byte) => post(`Transfer-Encoding: chunked ${byte}`), around],
    // A CR or LF that ends nothing is refused, too.
    ['before the name', (byte) => post(`${byte}Transfer-Encoding: chunked`), otherName],
    [
      'inside the name',
      (byte) => post(`Transfer${byte}Encoding: chunked`),
      (byte) => (byte === '-' ? 'chunked' : byte === ':' ? 'none' : otherName(byte)),
    ],
    ['after the name', (byte) => post(`Transfer-Encoding${byte}: chunked`), otherName],
    [
      'instead of the colon',
      (byte) => post(`Transfer-Encoding${byte} chunked`),
      (byte) => (byte === ':' ? 'chunked' : 'refused'),
    ],
  ])('%s', (_what, text, verdict) => {
    expect(table(text, framing)).toEqual(expected(verdict));
  });
});

describe('Content-Length: 5', () => {
  const otherName = (byte: string) => (isToken(byte) ? 'none' : 'refused');
  const number = (text: (byte: string) => string) => (byte: string) => {
    if (isDigit(byte)) return String(Number(text(byte)));
    return isBlank(byte) ? '5' : 'refused';
  };
  it.each<Sweep>([
    ['before the number', (byte) => post(`Content-Length:${byte}5`), number((byte) => `${byte}5`)],
    ['before the number, behind a blank', (byte) => post(`Content-Length: ${byte}5`), number((byte) => `${byte}5`)],
    [
      'inside the number',
      (byte) => post(`Content-Length: 1${byte}5`),
      (byte) => (isDigit(byte) ? `1${byte}5` : 'refused'),
    ],
    ['after the number', (byte) => post(`Content-Length: 5${byte}`), number((byte) => `5${byte}`)],
    [
      'after the number, behind a blank',
      (byte) => post(`Content-Length: 5 ${byte}`),
      (byte) => (isBlank(byte) ? '5' : 'refused'),
    ],
    ['alone', (byte) => post(`Content-Length: ${byte}`), (byte) => (isDigit(byte) ? byte : 'refused')],
    ['before the name', (byte) => post(`${byte}Content-Length: 5`), otherName],
    [
      'inside the name',
      (byte) => post(`Content${byte}Length: 5`),
      (byte) => (byte === '-' ? '5' : byte === ':' ? 'none' : otherName(byte)),
    ],
    ['after the name', (byte) => post(`Content-Length${byte}: 5`), otherName],
    ['instead of the colon', (byte) => post(`Content-Length${byte} 5`), (byte) => (byte === ':' ? '5' : 'refused')],
    // `5` and `5`, whatever joins them: one length, or none.
    [
      'between two numbers',
      (byte) => post(`Content-Length: 5${byte}5`),
      (byte) => (byte === ',' ? '5' : isDigit(byte) ? `5${byte}5` : 'refused'),
    ],
  ])('%s', (_what, text, verdict) => {
    expect(table(text, framing)).toEqual(expected(verdict));
  });
});

describe('Host', () => {
  const host = (field: string) => `GET / HTTP/1.1\r\n${field}\r\n\r\n`;
  /** The host that the request is for. */
  const see = (text: string): Outcome => {
    const { code, head, bytes } = scanRequest(text);
    return code === HEAD_OK ? bytes.toString('latin1', head.hostStart, head.hostEnd) : 'refused';
  };
  const named = (text: (byte: string) => string) => (byte: string) => {
    if (isRegName(byte)) return text(byte);
    return isBlank(byte) ? text('') : 'refused';
  };
  it.each<Sweep>([
    ['before the host', (byte) => host(`Host: ${byte}xy`), named((byte) => `${byte}xy`)],
    ['inside the host', (byte) => host(`Host: x${byte}y`), (byte) => (isRegName(byte) ? `x${byte}y` : 'refused')],
    [
      'after the host',
      (byte) => host(`Host: xy${byte}`),
      (byte) => (byte === ':' ? 'xy:' : named((b) => `xy${b}`)(byte)),
    ],
    ['inside the port', (byte) => host(`Host: xy:1${byte}2`), (byte) => (isDigit(byte) ? `xy:1${byte}2` : 'refused')],
    [
      'after the port',
      (byte) => host(`Host: xy:1${byte}`),
      (byte) => (isDigit(byte) ? `xy:1${byte}` : isBlank(byte) ? 'xy:1' : 'refused'),
    ],
    [
      'after an address',
      (byte) => host(`Host: [::1]${byte}`),
      (byte) => (byte === ':' ? '[::1]:' : isBlank(byte) ? '[::1]' : 'refused'),
    ],
    // Another name: then there is no Host.
    ['after the name', (byte) => host(`Host${byte}: xy`), () => 'refused'],
    ['before the name', (byte) => host(`${byte}Host: xy`), () => 'refused'],
  ])('%s', (_what, text, verdict) => {
    expect(table(text, see)).toEqual(expected(verdict));
  });
});

describe('the request line', () => {
  /** Method, target and version as they were understood. */
  const see = (text: string): Outcome => {
    const { code, head, bytes } = scanRequest(text);
    if (code !== HEAD_OK) return 'refused';
    const part = (start: number, end: number) => bytes.toString('latin1', start, end);
    return `${part(head.start, head.methodEnd)}|${part(head.targetStart, head.targetEnd)}|1.${head.minor}`;
  };
  const line = (text: string) => `${text}\r\nHost: s\r\n\r\n`;
  const minor = (byte: string) => (byte === '0' ? '0' : '1');
  it.each<Sweep>([
    [
      'before the method',
      (byte) => line(`${byte}GET / HTTP/1.1`),
      (byte) => (isToken(byte) ? `${byte}GET|/|1.1` : 'refused'),
    ],
    [
      'inside the method',
      (byte) => line(`PO${byte}ST / HTTP/1.1`),
      (byte) => (isToken(byte) ? `PO${byte}ST|/|1.1` : 'refused'),
    ],
    [
      'after the method',
      (byte) => line(`GET${byte} / HTTP/1.1`),
      (byte) => (isToken(byte) ? `GET${byte}|/|1.1` : 'refused'),
    ],
    [
      'instead of the first blank',
      (byte) => line(`GET${byte}/ HTTP/1.1`),
      (byte) => (byte === ' ' ? 'GET|/|1.1' : 'refused'),
    ],
    // A target begins with a slash, unless it is absolute.
    [
      'before the target',
      (byte) => line(`GET ${byte}/x HTTP/1.1`),
      (byte) => (byte === '/' ? 'GET|//x|1.1' : 'refused'),
    ],
    [
      'inside the target',
      (byte) => line(`GET /x${byte}y HTTP/1.1`),
      (byte) => (isTarget(byte) ? `GET|/x${byte}y|1.1` : 'refused'),
    ],
    [
      'after the target',
      (byte) => line(`GET /x${byte} HTTP/1.1`),
      (byte) => (isTarget(byte) ? `GET|/x${byte}|1.1` : 'refused'),
    ],
    [
      'instead of the second blank',
      (byte) => line(`GET /x${byte}HTTP/1.1`),
      (byte) => (byte === ' ' ? 'GET|/x|1.1' : 'refused'),
    ],
    ['before the version', (byte) => line(`GET /x ${byte}HTTP/1.1`), () => 'refused'],
    ['inside the name of the protocol', (byte) => line(`GET /x HT${byte}TP/1.1`), () => 'refused'],
    [
      'instead of the slash',
      (byte) => line(`GET /x HTTP${byte}1.1`),
      (byte) => (byte === '/' ? 'GET|/x|1.1' : 'refused'),
    ],
    [
      'instead of the major version',
      (byte) => line(`GET /x HTTP/${byte}.1`),
      (byte) => (byte === '1' ? 'GET|/x|1.1' : 'refused'),
    ],
    [
      'instead of the dot',
      (byte) => line(`GET /x HTTP/1${byte}1`),
      (byte) => (byte === '.' ? 'GET|/x|1.1' : 'refused'),
    ],
    [
      'instead of the minor version',
      (byte) => line(`GET /x HTTP/1.${byte}`),
      (byte) => (isDigit(byte) ? `GET|/x|1.${minor(byte)}` : 'refused'),
    ],
    ['after the version', (byte) => line(`GET /x HTTP/1.1${byte}`), () => 'refused'],
    ['inside the line end', (byte) => `GET /x HTTP/1.1\r${byte}\nHost: s\r\n\r\n`, () => 'refused'],
    [
      'instead of CR',
      (byte) => `GET /x HTTP/1.1${byte}\nHost: s\r\n\r\n`,
      (byte) => (byte === '\r' ? 'GET|/x|1.1' : 'refused'),
    ],
    [
      'instead of LF',
      (byte) => `GET /x HTTP/1.1\r${byte}Host: s\r\n\r\n`,
      (byte) => (byte === '\n' ? 'GET|/x|1.1' : 'refused'),
    ],
  ])('%s', (_what, text, verdict) => {
    expect(table(text, see)).toEqual(expected(verdict));
  });
});

describe('any other field', () => {
  /** The lines that go on, Host aside. */
  const see = (text: string): Outcome => {
    const scanned = scanRequest(text);
    return scanned.code === HEAD_OK ? keptLines(scanned).slice(1).join('|') : 'refused';
  };
  it.each<Sweep>([
    ['before the name', (byte) => post(`${byte}A: b`), (byte) => (isToken(byte) ? `${byte}A: b` : 'refused')],
    [
      'after the name',
      (byte) => post(`A${byte}: b`),
      (byte) => (byte === ':' ? 'A: : b' : isToken(byte) ? `A${byte}: b` : 'refused'),
    ],
    [
      'before the value',
      (byte) => post(`A:${byte}b`),
      (byte) => (isBlank(byte) ? 'A: b' : isText(byte) ? `A: ${byte}b` : 'refused'),
    ],
    ['inside the value', (byte) => post(`A: b${byte}c`), (byte) => (isText(byte) ? `A: b${byte}c` : 'refused')],
    [
      'after the value',
      (byte) => post(`A: b${byte}`),
      (byte) => (isBlank(byte) ? 'A: b' : isText(byte) ? `A: b${byte}` : 'refused'),
    ],
    ['as the first of the next line', (byte) => post(`A: b\r\n${byte}`), () => 'refused'],
    [
      'instead of CR',
      (byte) => `GET / HTTP/1.1\r\nHost: s\r\nA: b${byte}\nC: d\r\n\r\n`,
      (byte) => (byte === '\r' ? 'A: b|C: d' : 'refused'),
    ],
    [
      'instead of LF',
      (byte) => `GET / HTTP/1.1\r\nHost: s\r\nA: b\r${byte}C: d\r\n\r\n`,
      (byte) => (byte === '\n' ? 'A: b|C: d' : 'refused'),
    ],
    [
      'instead of the CR of the blank line',
      (byte) => `GET / HTTP/1.1\r\nHost: s\r\n${byte}\nA: b\r\n\r\n`,
      (byte) => (byte === '\r' ? '' : 'refused'),
    ],
    [
      'instead of the LF of the blank line',
      (byte) => `GET / HTTP/1.1\r\nHost: s\r\n\r${byte}A: b\r\n\r\n`,
      (byte) => (byte === '\n' ? '' : 'refused'),
    ],
  ])('%s', (_what, text, verdict) => {
    // A LF of its own makes a line of `A`, a CR LF one that has no name: both refused.
    expect(table(text, see)).toEqual(expected(verdict));
  });
});

describe('chunks', () => {
  /** The data, `refused`, or `incomplete`; all at once, and byte by byte. */
  const see = (text: string): Outcome => {
    const whole = feed(text, text.length);
    expect(feed(text, 1)).toBe(whole);
    return whole;
  };
  const feed = (text: string, step: number): Outcome => {
    const body = new ChunkedBody();
    body.strip = true;
    let data = '';
    for (let at = 0; at < text.length; at += step) {
      const bytes = Buffer.from(text.slice(at, at + step), 'latin1');
      const code = scanChunked(body, bytes, 0, bytes.length);
      data += bytes.toString('latin1', 0, body.written);
      if (code === BODY_ERROR) return 'refused';
      if (code === BODY_DONE) return data;
    }
    return 'incomplete';
  };
  const HELLO = '\r\nhello\r\n0\r\n\r\n';
  /** With a digit more the size is another one, and what follows the data is no line end. */
  const size = (byte: string) => (byte === '0' ? 'hello' : isHex(byte) ? 'other' : 'refused');
  it.each<Sweep>([
    ['before the size', (byte) => `${byte}5${HELLO}`, size],
    ['inside the size', (byte) => `0${byte}5${HELLO}`, size],
    // A blank or a semicolon there begins an extension, which needs a name.
    ['after the size', (byte) => `5${byte}${HELLO}`, (byte) => (isHex(byte) ? 'other' : 'refused')],
    [
      'instead of the size',
      (byte) => `${byte}${HELLO}`,
      (byte) => (byte === '5' ? 'hello' : isHex(byte) ? 'other' : 'refused'),
    ],
    ['instead of CR', (byte) => `5${byte}\nhello\r\n0\r\n\r\n`, (byte) => (byte === '\r' ? 'hello' : 'refused')],
    ['instead of LF', (byte) => `5\r${byte}hello\r\n0\r\n\r\n`, (byte) => (byte === '\n' ? 'hello' : 'refused')],
    ['inside the data', (byte) => `5\r\nhe${byte}lo\r\n0\r\n\r\n`, (byte) => `he${byte}lo`],
    ['after the data', (byte) => `5\r\nhello${byte}\r\n0\r\n\r\n`, () => 'refused'],
    [
      'instead of the CR after the data',
      (byte) => `5\r\nhello${byte}\n0\r\n\r\n`,
      (byte) => (byte === '\r' ? 'hello' : 'refused'),
    ],
    [
      'instead of the LF after the data',
      (byte) => `5\r\nhello\r${byte}0\r\n\r\n`,
      (byte) => (byte === '\n' ? 'hello' : 'refused'),
    ],
    [
      'before the last size',
      (byte) => `5\r\nhello\r\n${byte}0\r\n\r\n`,
      (byte) => (byte === '0' ? 'hello' : isHex(byte) ? 'other' : 'refused'),
    ],
    [
      'instead of the last CR',
      (byte) => `5\r\nhello\r\n0\r\n${byte}\n`,
      (byte) => (byte === '\r' ? 'hello' : 'refused'),
    ],
    [
      'instead of the last LF',
      (byte) => `5\r\nhello\r\n0\r\n\r${byte}`,
      (byte) => (byte === '\n' ? 'hello' : 'refused'),
    ],

    [
      'before an extension',
      (byte) => `5${byte};a${HELLO}`,
      (byte) => (isBlank(byte) ? 'hello' : isHex(byte) ? 'other' : 'refused'),
    ],
    [
      'instead of its semicolon',
      (byte) => `5${byte}a${HELLO}`,
      (byte) => (byte === ';' ? 'hello' : isHex(byte) ? 'other' : 'refused'),
    ],
    [
      'before its name',
      (byte) => `5;${byte}a${HELLO}`,
      (byte) => (isBlank(byte) || isToken(byte) ? 'hello' : 'refused'),
    ],
    ['alone as its name', (byte) => `5;${byte}${HELLO}`, (byte) => (isToken(byte) ? 'hello' : 'refused')],
    [
      'inside its name',
      (byte) => `5;a${byte}b${HELLO}`,
      (byte) => (isToken(byte) || byte === '=' || byte === ';' ? 'hello' : 'refused'),
    ],
    ['after its name', (byte) => `5;a${byte}${HELLO}`, (byte) => (isToken(byte) ? 'hello' : 'refused')],
    [
      'before its value',
      (byte) => `5;a=${byte}b${HELLO}`,
      (byte) => (isToken(byte) || isBlank(byte) ? 'hello' : 'refused'),
    ],
    [
      'inside its value',
      (byte) => `5;a=b${byte}c${HELLO}`,
      (byte) => (isToken(byte) || byte === ';' ? 'hello' : 'refused'),
    ],
    ['after its value', (byte) => `5;a=b${byte}${HELLO}`, (byte) => (isToken(byte) ? 'hello' : 'refused')],
    [
      'inside its quoted value',
      (byte) => `5;a="b${byte}c"${HELLO}`,
      (byte) => (byte === '"' ? 'refused' : isText(byte) ? 'hello' : 'refused'),
    ],
    ['behind a backslash', (byte) => `5;a="b\\${byte}c"${HELLO}`, (byte) => (isText(byte) ? 'hello' : 'refused')],
    ['behind its quoted value', (byte) => `5;a="b"${byte}${HELLO}`, () => 'refused'],
    [
      'in an extension of the last chunk',
      (byte) => `5\r\nhello\r\n0;a${byte}b\r\n\r\n`,
      (byte) => (isToken(byte) || byte === '=' || byte === ';' ? 'hello' : 'refused'),
    ],
  ])('%s', (_what, text, verdict) => {
    const seen = Object.fromEntries(
      // Another size makes other data, or none: what it is does not matter, as long as it is not `hello`.
      BYTES.map((byte) => {
        const outcome = see(text(byte));
        const isOther = verdict(byte) === 'other' && outcome !== 'hello';
        return [JSON.stringify(byte), isOther ? 'other' : outcome];
      }),
    );
    expect(seen).toEqual(expected(verdict));
  });

  it.each<Sweep>([
    ['before a name', (byte) => `0\r\n${byte}A: b\r\n\r\n`, (byte) => (isToken(byte) ? '' : 'refused')],
    ['after a name', (byte) => `0\r\nA${byte}: b\r\n\r\n`, (byte) => (isToken(byte) || byte === ':' ? '' : 'refused')],
    ['instead of a colon', (byte) => `0\r\nA${byte}b\r\n\r\n`, (byte) => (byte === ':' ? '' : 'refused')],
    ['inside a value', (byte) => `0\r\nA: b${byte}c\r\n\r\n`, (byte) => (isText(byte) ? '' : 'refused')],
    ['instead of CR', (byte) => `0\r\nA: b${byte}\nC: d\r\n\r\n`, (byte) => (byte === '\r' ? '' : 'refused')],
    ['instead of LF', (byte) => `0\r\nA: b\r${byte}C: d\r\n\r\n`, (byte) => (byte === '\n' ? '' : 'refused')],
  ])('trailers: %s', (_what, text, verdict) => {
    expect(table(text, see)).toEqual(expected(verdict));
  });
});
