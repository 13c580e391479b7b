/**
 * Answers of a server that are wrong, ambiguous or cut, and the odd ones that must pass.
 *
 *   forward   the client gets one whole answer, which satisfies strict-http.ts
 *   bad       502, and nothing of the answer
 *   cut       the client can tell that it did not get all: an unfinished answer, or 502
 *   either    502, or repaired into one whole strict answer
 */
export interface ResponseCase {
  readonly name: string;
  readonly raw: string;
  readonly expect: 'forward' | 'bad' | 'cut' | 'either';
  readonly request?: string;
  readonly status?: number;
  readonly body?: string;
  /** Lower-case pieces that nothing the client gets may contain. */
  readonly lacks?: readonly string[];
}

type Row = readonly [name: string, expect: ResponseCase['expect'], raw: string, more?: Partial<ResponseCase>];

const ok = (fields: string, body = 'ok') => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`;
const status = (line: string) => `${line}\r\nContent-Length: 2\r\n\r\nok`;
const chunked = (body: string) => ok('Transfer-Encoding: chunked', body);
const HIDDEN = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden';
const HEAD = 'HEAD / HTTP/1.1\r\nHost: outer\r\n\r\n';
const OLD = 'GET / HTTP/1.0\r\n\r\n';

const table: readonly Row[] = [
  ['Content-Length', 'forward', ok('Content-Length: 2'), { body: 'ok' }],
  ['chunked', 'forward', chunked('2\r\nok\r\n0\r\n\r\n'), { body: 'ok' }],
  ['until the connection ends', 'forward', ok('X-A: b'), { body: 'ok' }],
  ['no reason phrase', 'either', status('HTTP/1.1 200 ')],
  ['no reason phrase and no space', 'either', status('HTTP/1.1 200')],
  ['bytes over 0x7f in the reason', 'either', status('HTTP/1.1 200 \xe9')],
  ['a status without meaning', 'either', status('HTTP/1.1 799 Odd'), { status: 799 }],
  [
    'early hints first',
    'forward',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('Content-Length: 2')}`,
    { body: 'ok' },
  ],
  ['204 with a length', 'either', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', { status: 204 }],
  [
    '304 with the length of what is not sent',
    'forward',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    { status: 304 },
  ],
  ['HEAD with a length', 'forward', ok('Content-Length: 9', ''), { request: HEAD }],
  [
    'HEAD with a body that may not be there',
    'forward',
    ok('Content-Length: 6', 'hidden'),
    { request: HEAD, lacks: ['hidden'] },
  ],
  [
    'chunked for an HTTP/1.0 client',
    'forward',
    chunked('2\r\nok\r\n0\r\n\r\n'),
    { request: OLD, body: 'ok', lacks: ['chunked'] },
  ],
  ['bytes after the answer', 'forward', ok('Content-Length: 2', `ok${HIDDEN}`), { body: 'ok', lacks: ['hidden'] }],
  ['an answer after 204', 'forward', `HTTP/1.1 204 No Content\r\n\r\n${HIDDEN}`, { status: 204, lacks: ['hidden'] }],
  ['an answer after 304', 'forward', `HTTP/1.1 304 Not Modified\r\n\r\n${HIDDEN}`, { status: 304, lacks: ['hidden'] }],
  [
    'an answer after the last chunk',
    'forward',
    chunked(`2\r\nok\r\n0\r\n\r\n${HIDDEN}`),
    { body: 'ok', lacks: ['hidden'] },
  ],

  ['lengths that differ', 'bad', ok('Content-Length: 2\r\nContent-Length: 4', `ok${HIDDEN}`)],
  ['lengths that differ in a list', 'bad', ok('Content-Length: 2, 4')],
  ['the same length twice', 'either', ok('Content-Length: 2\r\nContent-Length: 2'), { body: 'ok' }],
  ['a length with a letter', 'bad', ok('Content-Length: 2b')],
  ['a negative length', 'bad', ok('Content-Length: -2')],
  ['a length with a sign', 'bad', ok('Content-Length: +2')],
  ['a length of 65 bits', 'bad', ok('Content-Length: 18446744073709551618')],
  [
    'both framing fields',
    'either',
    ok('Content-Length: 4\r\nTransfer-Encoding: chunked', '2\r\nok\r\n0\r\n\r\n'),
    { body: 'ok' },
  ],
  ['an unknown coding', 'either', ok('Transfer-Encoding: odd')],
  ['chunked twice', 'either', ok('Transfer-Encoding: chunked, chunked', '2\r\nok\r\n0\r\n\r\n')],
  [
    'a coding in 204',
    'either',
    'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    { status: 204, lacks: ['transfer-encoding'] },
  ],
  ['a blank before the colon', 'either', ok('Content-Length : 2'), { lacks: ['content-length :'] }],
  ['a folded line', 'either', ok('X-A: b\r\n c\r\nContent-Length: 2'), { body: 'ok' }],
  ['no colon', 'either', ok('nonsense\r\nContent-Length: 2'), { lacks: ['nonsense'] }],
  ['an empty name', 'either', ok(': b\r\nContent-Length: 2')],
  ['NUL in a value', 'either', ok('X-A: b\0c\r\nContent-Length: 2'), { lacks: ['\0'] }],
  ['a carriage return in a value', 'either', ok('X-A: b\rc\r\nContent-Length: 2')],
  ['line feeds alone', 'either', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  ['a status of four digits', 'bad', status('HTTP/1.1 2000 OK')],
  ['a status of two digits', 'bad', status('HTTP/1.1 20 OK')],
  ['a status in words', 'bad', status('HTTP/1.1 OK 200')],
  ['status 000', 'bad', status('HTTP/1.1 000 No')],
  ['status 099', 'bad', status('HTTP/1.1 099 No')],
  ['another protocol', 'bad', status('ICAP/1.0 200 OK')],
  ['version 2', 'either', status('HTTP/2.0 200 OK')],
  ['a lower-case protocol', 'bad', status('http/1.1 200 OK')],
  ['a blank first', 'bad', status(' HTTP/1.1 200 OK')],
  ['a body without a head', 'bad', '<html>hidden</html>', { lacks: ['hidden'] }],
  ['nothing', 'bad', ''],
  ['half a head', 'bad', 'HTTP/1.1 200 OK\r\nX-A: b'],
  ['a head of 200,000 bytes', 'bad', ok(`X-A: ${'b'.repeat(200_000)}\r\nContent-Length: 2`)],
  [
    '101 that nobody asked for',
    'bad',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\nhidden',
    { lacks: ['hidden'] },
  ],
  ['early hints, then nothing', 'cut', 'HTTP/1.1 103 Early Hints\r\n\r\n'],

  ['fewer bytes than the length', 'cut', ok('Content-Length: 9')],
  ['the last chunk missing', 'cut', chunked('2\r\nok\r\n')],
  ['half a chunk', 'cut', chunked('9\r\nok')],
  ['a chunk size that is no number', 'cut', chunked('g\r\nok\r\n0\r\n\r\n')],
  ['a chunk size of 65 bits', 'cut', chunked('10000000000000002\r\nok\r\n0\r\n\r\n')],
  ['a chunk longer than its size', 'cut', chunked('1\r\nok\r\n0\r\n\r\n')],
  ['a line feed after the size', 'cut', chunked('2\nok\r\n0\r\n\r\n')],
  ['the trailer without its end', 'cut', chunked('2\r\nok\r\n0\r\nX-T: a\r\n')],
];

export const RESPONSE_CASES: readonly ResponseCase[] = table.map(([name, expect, raw, more]) => ({
  name,
  expect,
  raw,
  ...more,
}));
