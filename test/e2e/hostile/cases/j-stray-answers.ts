/** Group J: bytes behind an answer, at once or later, and answers in parts. */
import type { ResponseCase } from '../case.ts';
import { bothWays, chunked, HEAD, HIDDEN, LENGTH, ok, type Row, STRAY } from './j-answer.ts';

const rows: readonly Row[] = [
  [
    'after-length',
    'forward',
    ok(LENGTH, `ok${STRAY}`),
    'An answer behind the answer is for nobody (response queue poisoning).',
    { body: 'ok', rfc: '9112 6.3, 11.2', ...HIDDEN },
  ],
  [
    'after-length-zero',
    'forward',
    ok('Content-Length: 0', STRAY),
    'The same behind an empty body.',
    { body: '', rfc: '9112 6.3, 11.2', ...HIDDEN },
  ],
  [
    'after-length-byte',
    'forward',
    ok(LENGTH, 'okX'),
    'A byte too many makes the next answer another.',
    { body: 'ok', rfc: '9112 6.3' },
  ],
  ['after-length-crlf', 'forward', ok(LENGTH, 'ok\r\n'), 'An empty line too many.', { body: 'ok', rfc: '9112 6.3' }],
  [
    'after-chunked',
    'forward',
    chunked(`2\r\nok\r\n0\r\n\r\n${STRAY}`),
    'An answer behind the last chunk is for nobody.',
    { body: 'ok', rfc: '9112 11.2', ...HIDDEN },
  ],
  [
    'after-204',
    'forward',
    `HTTP/1.1 204 No Content\r\n\r\n${STRAY}`,
    'An answer behind a 204 is for nobody.',
    { status: 204, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-204-body',
    'either',
    'HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nhidden',
    'A 204 with a body.',
    { status: 204, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-304',
    'forward',
    `HTTP/1.1 304 Not Modified\r\n\r\n${STRAY}`,
    'An answer behind a 304 is for nobody.',
    { status: 304, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-304-body',
    'forward',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\nhidden',
    'A 304 with a body.',
    { status: 304, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-head',
    'forward',
    ok('Content-Length: 6', 'hidden'),
    'A body for HEAD is not there.',
    { request: HEAD, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-head-answer',
    'forward',
    ok('Content-Length: 6', STRAY),
    'An answer behind one to HEAD is for nobody.',
    { request: HEAD, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-head-chunked',
    'forward',
    chunked('6\r\nhidden\r\n0\r\n\r\n'),
    'A chunked body for HEAD is not there.',
    { request: HEAD, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-bad',
    'bad',
    ok('Content-Length: x', `ok${STRAY}`),
    'Behind a bad answer nothing is one.',
    { rfc: '9112 6.3(5)', ...HIDDEN },
  ],
  [
    'many-answers',
    'forward',
    ok(LENGTH, `ok${STRAY.repeat(200)}`),
    'Two hundred answers to one request.',
    { body: 'ok', rfc: '9112 11.2', ...HIDDEN },
  ],
  [
    'after-length-later',
    'forward',
    [
      { send: ok(LENGTH), wait: 'client' },
      { send: STRAY, wait: 'turn' },
    ],
    'An answer on a connection that is idle by now is for nobody.',
    { body: 'ok', rfc: '9112 9.3, 11.2', ...HIDDEN },
  ],
  [
    'after-length-later-byte',
    'forward',
    [
      { send: ok(LENGTH), wait: 'client' },
      { send: 'X', wait: 'turn' },
    ],
    'A byte on a connection that is idle by now.',
    { body: 'ok', rfc: '9112 9.3' },
  ],
  [
    'after-chunked-later',
    'forward',
    [
      { send: chunked('2\r\nok\r\n0\r\n\r\n'), wait: 'client' },
      { send: STRAY, wait: 'turn' },
    ],
    'The same behind chunks.',
    { body: 'ok', rfc: '9112 9.3, 11.2', ...HIDDEN },
  ],
  [
    'after-304-later',
    'forward',
    [
      { send: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n', wait: 'client' },
      { send: 'hidden', wait: 'turn' },
    ],
    'The body of a 304, later.',
    { status: 304, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-head-later',
    'forward',
    [
      { send: ok('Content-Length: 6', ''), wait: 'client' },
      { send: 'hidden', wait: 'turn' },
    ],
    'The body for HEAD, later.',
    { request: HEAD, rfc: '9112 6.3(1)', ...HIDDEN },
  ],
  [
    'after-408-later',
    'forward',
    [
      { send: ok(LENGTH), wait: 'client' },
      { send: 'HTTP/1.1 408 Hidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', wait: 'turn' },
    ],
    'A 408 on an idle connection is a good-bye, not an answer.',
    { body: 'ok', rfc: '9110 15.5.9', ...HIDDEN },
  ],
  [
    'in-pieces',
    'forward',
    [
      { send: 'HTTP/1.1 20', wait: 'turn' },
      { send: '0 OK\r\nContent-Len', wait: 'turn' },
      { send: 'gth: 2\r\n\r', wait: 'turn' },
      { send: '\no', wait: 'turn' },
      { send: 'k' },
    ],
    'An answer may come in parts.',
    { body: 'ok' },
  ],
  [
    'chunks-in-pieces',
    'forward',
    [
      { send: chunked('1'), wait: 'turn' },
      { send: '0\r', wait: 'turn' },
      { send: '\n0123456789abcdef\r', wait: 'turn' },
      { send: '\n0\r\n', wait: 'turn' },
      { send: '\r\n' },
    ],
    'Chunks may come in parts.',
    { body: '0123456789abcdef' },
  ],
  [
    'bad-late',
    'cut',
    [{ send: chunked('2\r\nok\r\n'), wait: 'turn' }, { send: `Z\r\n${STRAY}` }],
    'A broken chunk when the head has gone.',
    { rfc: '9112 7.1', ...HIDDEN },
  ],
];

export const STRAY_ANSWERS: readonly ResponseCase[] = bothWays(rows);
