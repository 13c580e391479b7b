/**
 * Requests that try to be read in two ways, and those next to them that must work. Each names the rule it stands on.
 *
 *   forward   reaches the server as so many whole requests, which satisfy test/e2e/hostile/strict-http.ts
 *   refuse    answered by the proxy (4xx or 501/505) and closed; the server sees not one byte of it
 *   cut       the head may have gone, but the server never sees a whole request, and the client's connection ends
 *   either    the rule leaves the choice: refused or cut, or repaired into so many whole requests
 */
export interface RequestCase {
  readonly name: string;
  readonly rule: string;
  readonly raw: string;
  readonly expect: 'forward' | 'refuse' | 'cut' | 'either';
  /** Whole requests that may reach the server; 1 unless told. */
  readonly requests?: number;
  /** Body of the first request as the server decodes it. */
  readonly body?: string;
  /** Lower-case pieces that the first request's head must and must not have. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** The client ends its side after the last byte. */
  readonly halfClose?: boolean;
}

type Row = readonly [name: string, expect: RequestCase['expect'], raw: string, more?: Partial<RequestCase>];

const rows = (rule: string, table: readonly Row[], prefix = ''): RequestCase[] =>
  table.map(([name, expect, raw, more]) => ({ name: `${prefix}${name}`, rule, raw, expect, ...more }));

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: inner\r\n\r\n';
const line = (startLine: string) => `${startLine}\r\nHost: outer\r\n\r\n`;
const field = (text: string) => `GET / HTTP/1.1\r\nHost: outer\r\n${text}\r\n\r\n`;
const host = (text: string) => `GET / HTTP/1.1\r\n${text}\r\n\r\n`;
const post = (fields: string, body: string) => `POST /p HTTP/1.1\r\nHost: outer\r\n${fields}\r\n\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);

const startLines = rows('RFC 9112 section 3', [
  ['a plain request', 'forward', line('GET /a?b=c HTTP/1.1'), { has: ['get /a?b=c http/1.1'] }],
  ['a method of its own', 'forward', line('PURGE /x HTTP/1.1')],
  ['every token character in the method', 'forward', line("!#$%&'*+-.^_`|~Az09 / HTTP/1.1")],
  ['the target with every unreserved mark', 'forward', line("GET /-._~!$&'()*+,;=:@%20?/? HTTP/1.1")],
  ['one empty line before the request', 'forward', `\r\n${line('GET / HTTP/1.1')}`],
  ['OPTIONS *', 'forward', line('OPTIONS * HTTP/1.1')],
  ['two spaces after the method', 'either', line('GET  / HTTP/1.1')],
  ['a tab after the method', 'either', line('GET\t/ HTTP/1.1')],
  ['two spaces before the version', 'either', line('GET /  HTTP/1.1')],
  ['a space after the version', 'either', line('GET / HTTP/1.1 ')],
  ['a space before the method', 'either', line(' GET / HTTP/1.1')],
  ['no target', 'refuse', line('GET HTTP/1.1')],
  ['no version', 'refuse', 'GET /\r\n\r\n'],
  ['a fourth word', 'refuse', line('GET / x HTTP/1.1')],
  ['a method with a colon', 'refuse', line('GE:T / HTTP/1.1')],
  ['a method with brackets', 'refuse', line('[GET] / HTTP/1.1')],
  ['an empty method', 'refuse', line(' / HTTP/1.1')],
  ['a lower-case protocol', 'refuse', line('GET / http/1.1')],
  ['another protocol', 'refuse', line('GET / ICAP/1.0')],
  ['a version without minor', 'refuse', line('GET / HTTP/1')],
  ['a version with two digits', 'refuse', line('GET / HTTP/1.10')],
  ['version 0.9', 'refuse', line('GET / HTTP/0.9')],
  ['version 2.0', 'refuse', line('GET / HTTP/2.0')],
  ['version 3.1', 'refuse', line('GET / HTTP/3.1')],
  ['a letter in the version', 'refuse', line('GET / HTTP/1.x')],
  ['the preface of HTTP/2', 'refuse', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a carriage return in the target', 'refuse', line('GET /a\rb HTTP/1.1')],
  ['a NUL in the target', 'refuse', line('GET /a\0b HTTP/1.1')],
  ['DEL in the target', 'refuse', line('GET /a\x7fb HTTP/1.1')],
  ['GET *', 'refuse', line('GET * HTTP/1.1')],
  ['a relative target', 'refuse', line('GET a/b HTTP/1.1')],
  ['an absolute target for the same host', 'forward', 'GET http://outer/x HTTP/1.1\r\nHost: outer\r\n\r\n'],
  ['an absolute target for another host', 'either', 'GET http://inner/x HTTP/1.1\r\nHost: outer\r\n\r\n'],
  ['CONNECT without a port', 'refuse', 'CONNECT outer HTTP/1.1\r\nHost: outer\r\n\r\n'],
  ['a TLS hello', 'refuse', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n'],
  [
    'a PROXY protocol line nobody asked for',
    'refuse',
    `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n${line('GET / HTTP/1.1')}`,
  ],
]);

const hosts = rows('RFC 9112 section 3.2, RFC 9110 section 7.2', [
  ['a port', 'forward', host('Host: outer:8080')],
  ['an IPv6 address and a port', 'forward', host('Host: [2001:db8::1]:80')],
  ['HTTP/1.0 without Host', 'forward', 'GET / HTTP/1.0\r\n\r\n'],
  ['two that differ', 'refuse', host('Host: outer\r\nHost: inner')],
  ['two that differ in case of the name only', 'refuse', host('Host: outer\r\nhOST: inner')],
  ['a list', 'refuse', host('Host: outer, inner')],
  ['a space inside', 'refuse', host('Host: out er')],
  ['userinfo', 'refuse', host('Host: root@outer')],
  ['a port that is no number', 'refuse', host('Host: outer:8a')],
  ['a path', 'refuse', host('Host: outer/inner')],
  ['an open bracket', 'refuse', host('Host: [2001:db8::1')],
]);

const fields = rows('RFC 9112 section 5, RFC 9110 section 5', [
  ['bytes over 0x7f in a value', 'forward', field('X-A: \xe9\xff')],
  ['a tab inside a value', 'forward', field('X-A: a\tb')],
  ['an empty value', 'forward', field('X-A:')],
  ['forty of them', 'forward', field(Array.from({ length: 40 }, (_, i) => `X-${i}: ${i}`).join('\r\n'))],
  ['a space before the colon', 'refuse', field('X-A : b')],
  ['a tab before the colon', 'refuse', field('X-A\t: b')],
  ['a space in the name', 'refuse', field('X A: b')],
  ['no name', 'refuse', field(': b')],
  ['no colon', 'refuse', field('X-A')],
  ['a bracket in the name', 'refuse', field('X(A): b')],
  ['a byte over 0x7f in the name', 'refuse', field('X-\xe9: b')],
  ['a folded line with a space', 'either', field('X-A: a\r\n b')],
  ['a folded line with a tab', 'either', field('X-A: a\r\n\tb')],
  ['a line of blanks', 'either', field('X-A: a\r\n   ')],
  ['a blank before the first field', 'either', 'GET / HTTP/1.1\r\n X-A: a\r\nHost: outer\r\n\r\n'],
  ['NUL in a value', 'either', field('X-A: a\0b'), { lacks: ['\0'] }],
  ['a carriage return in a value', 'either', field('X-A: a\rb')],
  ['two carriage returns at the end of a line', 'either', field('X-A: a\r')],
  ['vertical tab in a value', 'either', field('X-A: a\vb')],
  ['line feeds alone', 'either', 'GET / HTTP/1.1\nHost: outer\n\n'],
  ['one line feed alone', 'either', 'GET / HTTP/1.1\r\nHost: outer\nX-A: b\r\n\r\n'],
  ['CR and a letter where the head should end', 'refuse', `GET / HTTP/1.1\r\nHost: outer\r\n\rX${HIDDEN}`],
  ['a head that never ends', 'refuse', 'GET / HTTP/1.1\r\nHost: outer\r\nX-A: b', { halfClose: true }],
  ['a name of 20,000 bytes', 'refuse', field(`X-${'a'.repeat(20_000)}: b`)],
  ['a value of 200,000 bytes', 'refuse', field(`X-A: ${'b'.repeat(200_000)}`)],
  ['a target of 70,000 bytes', 'refuse', line(`GET /${'a'.repeat(70_000)} HTTP/1.1`)],
]);

const refusedLengths = ['-5', '+5', '0x5', '5e0', '5.0', '5,6', '5 5', '5;', '"5"', 'five', '1_0', ',5', '5\v', '\f5'];
const lengths = [
  ...rows('RFC 9112 section 6.3', [
    ['a body', 'forward', post('Content-Length: 5', 'hello'), { body: 'hello' }],
    ['blanks around the number', 'either', post('Content-Length: \t 5 \t', 'hello'), { body: 'hello' }],
    ['leading zeros', 'either', post('Content-Length: 005', 'hello'), { body: 'hello' }],
    ['twice the same', 'either', post('Content-Length: 5\r\nContent-Length: 5', 'hello'), { body: 'hello' }],
    ['a list of the same', 'either', post('Content-Length: 5, 5', 'hello'), { body: 'hello' }],
    ['two that differ', 'refuse', post('Content-Length: 5\r\nContent-Length: 6', 'hello!')],
    ['two that differ, far apart', 'refuse', post('Content-Length: 0\r\nX-A: b\r\ncontent-length: 5', 'hello')],
    ['a value and an empty one', 'refuse', post('Content-Length: 5\r\nContent-Length:', 'hello')],
    ['empty', 'refuse', post('Content-Length:', 'hello')],
    ['2^64 + 5', 'refuse', post('Content-Length: 18446744073709551621', 'hello')],
    ['2^63', 'refuse', post('Content-Length: 9223372036854775808', 'hello')],
    ['forty digits', 'refuse', post(`Content-Length: ${'9'.repeat(40)}`, 'hello')],
    ['more than comes', 'cut', post('Content-Length: 50', 'hello'), { halfClose: true }],
    ['a request inside the body', 'forward', post(`Content-Length: ${HIDDEN.length}`, HIDDEN), { body: HIDDEN }],
    [
      'GET with a request inside its body',
      'either',
      `GET / HTTP/1.1\r\nHost: outer\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
      { body: HIDDEN },
    ],
    [
      'none: what follows is the next request',
      'forward',
      `POST / HTTP/1.1\r\nHost: outer\r\n\r\n${HIDDEN}`,
      { requests: 2, body: '' },
    ],
    ['zero: what follows is the next request', 'forward', post('Content-Length: 0', HIDDEN), { requests: 2, body: '' }],
    ['zero, then garbage', 'forward', post('Content-Length: 0', `X${'\0'}${HIDDEN}`), { body: '' }],
    ['a name that only looks like it', 'forward', post('Content_Length: 5', ''), { body: '' }],
    [
      'named by Connection',
      'either',
      post(`Connection: Content-Length\r\nContent-Length: ${HIDDEN.length}`, HIDDEN),
      { body: HIDDEN },
    ],
  ]),
  ...rows(
    'RFC 9110 section 8.6',
    refusedLengths.map((value): Row => [JSON.stringify(value), 'refuse', post(`Content-Length: ${value}`, 'hello')]),
  ),
].map((one) => ({ ...one, name: `Content-Length: ${one.name}` }));

const HELLO = '5\r\nhello\r\n0\r\n\r\n';
const codings = rows(
  'RFC 9112 sections 6.1 and 6.3',
  [
    ['chunked', 'forward', chunked(HELLO), { body: 'hello' }],
    ['in other letters', 'either', post('Transfer-Encoding: CHunkeD', HELLO), { body: 'hello' }],
    ['with blanks around', 'either', post('Transfer-Encoding: \t chunked\t ', HELLO), { body: 'hello' }],
    [
      'with Content-Length after it',
      'either',
      post('Transfer-Encoding: chunked\r\nContent-Length: 3', HELLO),
      { body: 'hello', lacks: ['content-length'] },
    ],
    [
      'with Content-Length before it',
      'either',
      post('Content-Length: 3\r\nTransfer-Encoding: chunked', HELLO),
      { body: 'hello', lacks: ['content-length'] },
    ],
    ['twice', 'refuse', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', HELLO)],
    ['twice in a list', 'refuse', post('Transfer-Encoding: chunked, chunked', HELLO)],
    ['identity after chunked', 'refuse', post('Transfer-Encoding: chunked, identity', HELLO)],
    ['identity', 'refuse', post('Transfer-Encoding: identity\r\nContent-Length: 5', 'hello')],
    ['gzip alone', 'refuse', post('Transfer-Encoding: gzip\r\nContent-Length: 5', 'hello')],
    ['empty', 'refuse', post('Transfer-Encoding:\r\nContent-Length: 5', 'hello')],
    ['a comma first', 'either', post('Transfer-Encoding: ,chunked', HELLO), { body: 'hello' }],
    ['a parameter', 'refuse', post('Transfer-Encoding: chunked;a=b', HELLO)],
    ['quoted', 'refuse', post('Transfer-Encoding: "chunked"', HELLO)],
    ['a letter too many', 'refuse', post('Transfer-Encoding: chunkedd', HELLO)],
    ['a letter too few', 'refuse', post('Transfer-Encoding: chunke\r\nContent-Length: 5', 'hello')],
    ['folded', 'either', post('Transfer-Encoding:\r\n chunked', HELLO), { body: 'hello' }],
    [
      'from HTTP/1.0',
      'either',
      `POST / HTTP/1.0\r\nHost: outer\r\nTransfer-Encoding: chunked\r\n\r\n${HELLO}`,
      { body: 'hello' },
    ],
    [
      'an underscore instead of the dash',
      'forward',
      post('Transfer_Encoding: chunked\r\nContent-Length: 5', 'hello'),
      { body: 'hello' },
    ],
    [
      'as Content-Encoding',
      'forward',
      post('Content-Encoding: chunked\r\nContent-Length: 5', 'hello'),
      { body: 'hello' },
    ],
  ],
  'Transfer-Encoding: ',
);

const chunks = rows(
  'RFC 9112 section 7.1',
  [
    ['an upper-case size', 'forward', chunked(`A\r\n0123456789\r\n0\r\n\r\n`), { body: '0123456789' }],
    ['zeros before the size', 'either', chunked(`0005\r\nhello\r\n000\r\n\r\n`), { body: 'hello' }],
    ['an extension', 'either', chunked(`5;a=b\r\nhello\r\n0\r\n\r\n`), { body: 'hello' }],
    ['a quoted extension', 'either', chunked(`5;a="b;c"\r\nhello\r\n0\r\n\r\n`), { body: 'hello' }],
    ['a trailer field', 'either', chunked('5\r\nhello\r\n0\r\nX-T: a\r\n\r\n'), { body: 'hello' }],
    ['then another request', 'forward', chunked(HELLO + HIDDEN), { requests: 2, body: 'hello' }],
    [
      'a framing field as trailer',
      'either',
      chunked(`5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n`),
      { body: 'hello' },
    ],
    ['no size', 'cut', chunked(`\r\nhello\r\n0\r\n\r\n`)],
    ['a size with a sign', 'cut', chunked(`+5\r\nhello\r\n0\r\n\r\n`)],
    ['a negative size', 'cut', chunked(`-5\r\nhello\r\n0\r\n\r\n`)],
    ['a size with 0x', 'cut', chunked(`0x5\r\nhello\r\n0\r\n\r\n`)],
    ['a size with a letter', 'cut', chunked(`5g\r\nhello\r\n0\r\n\r\n`)],
    ['a size of 65 bits', 'cut', chunked(`10000000000000005\r\nhello\r\n0\r\n\r\n`)],
    ['a size of 64 ones', 'cut', chunked(`FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n`)],
    ['a blank before the size', 'cut', chunked(` 5\r\nhello\r\n0\r\n\r\n`)],
    ['a tab instead of the line end', 'cut', chunked(`5\thello\r\n0\r\n\r\n`)],
    ['a line feed after the size', 'cut', chunked(`5\nhello\r\n0\r\n\r\n`)],
    ['a carriage return after the size', 'cut', chunked(`5\rhello\r\n0\r\n\r\n`)],
    ['a line feed inside an extension', 'cut', chunked(`5;a\nhello\r\n0\r\n\r\n`)],
    ['a line feed after the data', 'cut', chunked(`5\r\nhello\n0\r\n\r\n`)],
    ['nothing after the data', 'cut', chunked(`5\r\nhello0\r\n\r\n`)],
    ['more data than the size', 'cut', chunked(`4\r\nhello\r\n0\r\n\r\n`)],
    ['two letters instead of CRLF', 'cut', chunked(`5\r\nhelloXX0\r\n\r\n`)],
    ['an empty line between chunks', 'cut', chunked(`5\r\nhello\r\n\r\n0\r\n\r\n`)],
    ['a line feed at the very end', 'cut', chunked(`5\r\nhello\r\n0\r\n\n${HIDDEN}`)],
    ['a trailer without colon', 'cut', chunked(`5\r\nhello\r\n0\r\nhidden\r\n\r\n`)],
    ['a trailer with a blank before its colon', 'cut', chunked(`5\r\nhello\r\n0\r\nX-T : a\r\n\r\n`)],
    ['the last chunk missing', 'cut', chunked(`5\r\nhello\r\n`), { halfClose: true }],
    ['half a chunk', 'cut', chunked(`5\r\nhe`), { halfClose: true }],
    ['garbage, then a request', 'cut', chunked(`nonsense\r\n${HIDDEN}`)],
    [
      'the extension of 100,000 bytes',
      'either',
      chunked(`5;${'a'.repeat(100_000)}\r\nhello\r\n0\r\n\r\n`),
      { body: 'hello' },
    ],
  ],
  'chunked: ',
);

const hops = rows('RFC 9110 section 7.6', [
  [
    'Connection names a field',
    'forward',
    field('Connection: X-Drop\r\nX-Drop: a\r\nX-Keep: b'),
    { has: ['x-keep: b'], lacks: ['x-drop: a'] },
  ],
  ['Connection: close, then a request', 'forward', `${field('Connection: close')}${HIDDEN}`],
  ['a good request, then garbage', 'forward', `${line('GET / HTTP/1.1')}\0\x01garbage\r\n\r\n`],
  ['garbage, then a good request', 'refuse', `\0\x01garbage\r\n\r\n${line('GET / HTTP/1.1')}`],
  [
    'Expect: 100-continue with the body at once',
    'forward',
    post('Expect: 100-continue\r\nContent-Length: 5', 'hello'),
    { body: 'hello' },
  ],
  [
    'three pipelined',
    'forward',
    line('GET /1 HTTP/1.1') + line('GET /2 HTTP/1.1') + line('GET /3 HTTP/1.1'),
    { requests: 3 },
  ],
  ['a hundred pipelined', 'forward', line('GET /1 HTTP/1.1').repeat(100), { requests: 100 }],
  [
    'an upgrade that the server refuses, then a request',
    'forward',
    `${field('Connection: Upgrade\r\nUpgrade: raw')}${HIDDEN}`,
    { requests: 2 },
  ],
]);

/** Every byte value at a place where one of them decides how long the body is. */
function sweep(): RequestCase[] {
  const cases: RequestCase[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const character = String.fromCharCode(byte);
    const hex = `0x${byte.toString(16).padStart(2, '0')}`;
    const blank = character === ' ' || character === '\t';
    const base = { rule: 'RFC 9112 section 6.1', expect: 'refuse' as const };
    // Blanks are trimmed; a comma makes an empty list element, which a recipient may skip (RFC 9110 section 5.6.1).
    const tolerated = blank || character === ',' || character === '\r' || character === '\n';
    const around = tolerated ? ({ expect: 'either', body: 'hello' } as const) : {};
    cases.push({
      ...base,
      name: `${hex} before chunked`,
      raw: post(`Transfer-Encoding: ${character}chunked`, HELLO),
      ...around,
    });
    cases.push({
      ...base,
      name: `${hex} after chunked`,
      raw: post(`Transfer-Encoding: chunked${character}`, HELLO),
      ...around,
    });
    // A line feed starts a field of its own, and `chunk` alone is another coding; both must be refused.
    cases.push({ ...base, name: `${hex} inside chunked`, raw: post(`Transfer-Encoding: chun${character}ked`, HELLO) });
    const digit = character >= '0' && character <= '9';
    const lengthOutcome = digit || tolerated ? ({ expect: 'either' } as const) : {};
    const digits = digit ? Number(`5${character}`) : 5;
    const body = 'hello'.padEnd(digits, '!');
    cases.push({
      ...base,
      rule: 'RFC 9110 section 8.6',
      name: `${hex} after a length`,
      raw: post(`Content-Length: 5${character}`, body),
      ...lengthOutcome,
    });
    const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character);
    // Part of the name: another field, and no body. Else the name is broken.
    const nameOutcome = token ? ({ expect: 'forward', body: '' } as const) : {};
    cases.push({
      ...base,
      rule: 'RFC 9110 section 5.1',
      name: `${hex} after the name Content-Length`,
      raw: post(`Content-Length${character}: 5`, token ? '' : 'hello'),
      ...nameOutcome,
    });
  }
  return cases;
}

export const REQUEST_CASES: readonly (readonly [group: string, cases: readonly RequestCase[]])[] = [
  ['the request line', startLines],
  ['Host', hosts],
  ['fields', fields],
  ['Content-Length', lengths],
  ['Transfer-Encoding', codings],
  ['chunks', chunks],
  ['hop by hop', hops],
  ['every byte beside the framing', sweep()],
];
