/** Group G: trailers. A server that merges them into the head must not get a length, a host or a credential that way. */
import { chunked, HIDDEN, type RequestCase, type Row, requestCases } from '../case.ts';

const trailer = (text: string, rest = ''): string => chunked(`5\r\nhello\r\n0\r\n${text}\r\n\r\n${rest}`);

/** Fields that frame or route: dropped, or the request refused. */
const NEVER = ['Content-Length: 99', 'Transfer-Encoding: gzip', 'Host: b.example'];
/** Fields that are for the head, and harm only where somebody merges them. */
const ODD = [
  'Connection: close',
  'TE: trailers',
  'Upgrade: websocket',
  'Content-Encoding: gzip',
  'Content-Type: text/html',
  'Content-Range: bytes 0-1/2',
  'Trailer: X-T',
  'Authorization: Basic Zm9v',
  'Cookie: a=b',
  'X-Forwarded-For: 192.0.2.1',
];
const slugOf = (text: string): string => text.slice(0, text.indexOf(':')).toLowerCase();

const fields = requestCases('G', '9110 6.5.1, 9112 7.1.2', [
  ...NEVER.map((text): Row => {
    const why = 'A trailer that frames or routes is dropped or refused, never merged or passed on.';
    return [slugOf(text), 'either', trailer(text), why, { body: 'hello', trailerLacks: [text.toLowerCase()] }];
  }),
  ...ODD.map((text): Row => {
    const why = 'A field that is for the head is dropped, refused, or stays in the trailer, never merged.';
    return [slugOf(text), 'either', trailer(text), why, { body: 'hello', lacks: [text.toLowerCase()] }];
  }),
  ['plain', 'either', trailer('X-T: a'), 'An ordinary trailer goes on or is dropped.', { body: 'hello' }],
  ['two', 'either', trailer('X-T: a\r\nX-U: b'), 'Two ordinary trailers.', { body: 'hello' }],
  [
    'announced',
    'either',
    chunked('5\r\nhello\r\n0\r\nX-T: a\r\n\r\n').replace('\r\nTransfer', '\r\nTrailer: X-T\r\nTransfer'),
    'An announced one.',
    { body: 'hello' },
  ],
  ['empty-value', 'either', trailer('X-T:'), 'A value may be empty.', { body: 'hello' }],
  [
    'then-request',
    'forward',
    trailer('X-T: a', HIDDEN),
    'Behind the trailers the next request begins.',
    { body: 'hello', requests: 2 },
  ],
  [
    'value-like-request',
    'either',
    trailer('X-T: GET /hidden HTTP/1.1'),
    'A value is never a request.',
    { body: 'hello' },
  ],
]);

const syntax = requestCases('G', '9112 5.1, 7.1.2', [
  ['space-colon', 'cut', trailer('X-T : v', HIDDEN), 'A blank before the colon, here as well.'],
  ['tab-colon', 'cut', trailer('X-T\t: v', HIDDEN), 'A tab before the colon, here as well.'],
  ['no-colon', 'cut', trailer('hidden', HIDDEN), 'A line without a colon.'],
  ['request-line', 'cut', trailer('GET /hidden HTTP/1.1', HIDDEN), 'A request line is no trailer.'],
  ['empty-name', 'cut', trailer(': v', HIDDEN), 'A name has a character at least.'],
  ['name-nul', 'cut', trailer('X\0T: v', HIDDEN), 'NUL is not tchar.'],
  ['name-8bit', 'cut', trailer('X\xe9T: v', HIDDEN), 'Octets over 0x7f are not tchar.'],
  ['name-bracket', 'cut', trailer('X[T]: v', HIDDEN), 'Brackets are not tchar.'],
  ['leading-space', 'cut', trailer(' X-T: v', HIDDEN), 'A blank before the first trailer.'],
  ['fold', 'either', trailer('X-T: v\r\n w'), 'A fold, here as well.', { body: 'hello', rfc: '9112 5.2' }],
  [
    'value-nul',
    'either',
    trailer('X-T: a\0b'),
    'A NUL is refused or not passed on.',
    { body: 'hello', rfc: '9110 5.5' },
  ],
  [
    'value-cr',
    'either',
    trailer('X-T: a\rb'),
    'A bare CR is refused or not passed on.',
    { body: 'hello', rfc: '9112 2.2' },
  ],
  [
    'value-control',
    'either',
    trailer('X-T: a\x01b'),
    'A control character is refused, replaced, dropped, or opaque.',
    { body: 'hello', opaque: true, rfc: '9110 5.5' },
  ],
  [
    'bare-lf',
    'either',
    trailer('X-T: a\nX-U: b'),
    'A bare LF is refused, or leaves as CRLF.',
    { body: 'hello', rfc: '9112 2.2' },
  ],
  [
    'lf-end',
    'either',
    chunked(`5\r\nhello\r\n0\r\nX-T: a\n\n`),
    'Trailers that end in bare LFs.',
    { body: 'hello', rfc: '9112 2.2' },
  ],
  [
    'crlf-cr-x',
    'cut',
    chunked(`5\r\nhello\r\n0\r\nX-T: a\r\n\rX${HIDDEN}`),
    'CRLF CR and a letter is not the end.',
    { rfc: '9112 2.2' },
  ],
  [
    'lf-hidden',
    'cut',
    chunked(`5\r\nhello\r\n0\r\nX-T: a\n\n${HIDDEN}\r\n`),
    'Where trailers end decides whether a request follows.',
    { rfc: '9112 2.2' },
  ],
  ['17k', 'either', trailer(`X-T: ${'a'.repeat(17_000)}`), 'Trailers are bounded.', { body: 'hello', rfc: '9110 5.4' }],
  [
    '200-fields',
    'either',
    trailer(Array.from({ length: 200 }, (_, i) => `X-${i}: a`).join('\r\n')),
    'Trailers are bounded.',
    { body: 'hello', rfc: '9110 5.4' },
  ],
  [
    '100k',
    'either',
    trailer(`X-T: ${'a'.repeat(100_000)}`),
    'Trailers are bounded.',
    { body: 'hello', rfc: '9110 5.4' },
  ],
  [
    'unfinished',
    'cut',
    chunked('5\r\nhello\r\n0\r\nX-T: a'),
    'Trailers that are cut.',
    { halfClose: true, silent: true, rfc: '9112 8' },
  ],
  [
    'unfinished-line',
    'cut',
    chunked('5\r\nhello\r\n0\r\nX-T: a\r\n'),
    'Trailers that are cut.',
    { halfClose: true, silent: true, rfc: '9112 8' },
  ],
]);

export const TRAILER_CASES: readonly RequestCase[] = [...fields, ...syntax];
