/** Group T: the same bytes at another time. Messages in two parts, answers before their request is whole, half-closes. */
import { field, HELLO, HIDDEN, HIDDEN_HEX, HOST, line, post, type RequestCase, type Step } from '../case.ts';

type More = Partial<Omit<RequestCase, 'id' | 'expect' | 'steps' | 'why'>>;
type Row = readonly [slug: string, expect: RequestCase['expect'], steps: readonly Step[], why: string, more?: More];

const turns = (...parts: readonly string[]): Step[] => parts.map((send) => ({ send, wait: 'turn' }));
const bytewise = (text: string): Step[] => turns(...text);
const ok = (body: string, fields = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
const WS = field(
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13',
);
const LENGTH_HEAD = post(`Content-Length: ${HIDDEN.length}`, '');
const CHUNK_HEAD = post('Transfer-Encoding: chunked', '');

const rows: readonly Row[] = [
  ['line-cut', 'forward', turns('GE', 'T / HT', `TP/1.1\r\nHost: ${HOST}\r\n\r\n`), 'A line may come in parts.'],
  ['crlf-cut', 'forward', turns('GET / HTTP/1.1\r', `\nHost: ${HOST}\r`, '\n\r', '\n'), 'CR and LF may come apart.'],
  [
    'name-cut',
    'forward',
    turns('POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Len', 'gth: 5\r\n\r\nhe', 'llo'),
    'A name may come in parts.',
    { body: 'hello' },
  ],
  [
    'length-cut',
    'forward',
    turns('POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1', '0\r\n\r\nhello', 'world'),
    'A number may come in parts, and is not taken for the first one.',
    { body: 'helloworld' },
  ],
  [
    'byte-by-byte',
    'forward',
    bytewise('POST / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
    'Every byte may come alone.',
    { body: 'hello' },
  ],
  [
    'bad-byte-late',
    'refuse',
    turns('GET / HTTP/1.1\r\nHost: a.example\r\nX-A', ' : b\r\n\r\n'),
    'A blank before the colon, at the beginning of a segment.',
    { rfc: '9112 5.1' },
  ],
  [
    'cr-then-letter',
    'refuse',
    turns('GET / HTTP/1.1\r\nHost: a.example\r\n\r', `X${HIDDEN}`),
    'CR at the end of a segment, and then no LF.',
    { rfc: '9112 2.2' },
  ],
  ['body-later', 'forward', turns(LENGTH_HEAD, HIDDEN), 'A body that comes later is no request.', { body: HIDDEN }],
  [
    'body-later-in-two',
    'forward',
    turns(LENGTH_HEAD, HIDDEN.slice(0, 20), HIDDEN.slice(20)),
    'A body that comes later in parts is no request.',
    { body: HIDDEN },
  ],
  [
    'body-after-server',
    'forward',
    [...turns(post(`Content-Length: ${HIDDEN.length + 1}`, 'x'), ''), { send: HIDDEN }],
    'A body that comes when the head has gone is no request.',
    { body: `x${HIDDEN}` },
  ],
  [
    'chunks-later',
    'forward',
    turns(CHUNK_HEAD, `${HIDDEN_HEX}\r\n`, HIDDEN, '\r\n0\r\n', '\r\n'),
    'Chunks that come later are no request.',
    { body: HIDDEN },
  ],
  [
    'chunk-size-cut',
    'forward',
    turns(`${CHUNK_HEAD}${HIDDEN_HEX[0]}`, `${HIDDEN_HEX[1]}\r`, `\n${HIDDEN}\r`, '\n0', '\r\n\r', '\n'),
    'A size may come in parts, and is not taken for its first digit.',
    { body: HIDDEN },
  ],
  [
    'chunk-lf-later',
    'cut',
    turns(`${CHUNK_HEAD}5`, '\nhello\r\n0\r\n\r\n', HIDDEN),
    'A bare LF at the beginning of a segment.',
    { rfc: '9112 7.1' },
  ],
  [
    'chunk-crlf-later-bad',
    'cut',
    turns(`${CHUNK_HEAD}5\r\nhello`, `XX0\r\n\r\n${HIDDEN}`),
    'Bytes behind the data at the beginning of a segment.',
    { rfc: '9112 7.1' },
  ],
  [
    'trailer-later',
    'either',
    turns(`${CHUNK_HEAD}5\r\nhello\r\n0\r\n`, 'X-T: a\r\n', '\r\n'),
    'Trailers that come later.',
    { body: 'hello' },
  ],
  [
    'trailer-request-later',
    'cut',
    turns(`${CHUNK_HEAD}5\r\nhello\r\n0\r\n`, HIDDEN),
    'A request where the end of trailers should be.',
    { rfc: '9112 7.1.2' },
  ],
  [
    'zero-then-later',
    'forward',
    turns(post('Content-Length: 0', ''), HIDDEN),
    'CL.0 in two parts: the second one is a request, and answered as such.',
    { requests: 2, body: '' },
  ],
  [
    'early-answer',
    'either',
    [
      { send: LENGTH_HEAD, wait: 'answer' },
      { send: HIDDEN, wait: 'turn' },
    ],
    'Answered before its body came: the body is still one, or the connection ends.',
    { requests: [0, 1], body: HIDDEN, answer: { raw: ok('early'), after: 'head' }, rfc: '9112 9.3, 9.6' },
  ],
  [
    'early-answer-chunked',
    'either',
    [
      { send: CHUNK_HEAD, wait: 'answer' },
      { send: `${HIDDEN_HEX}\r\n${HIDDEN}\r\n0\r\n\r\n`, wait: 'turn' },
    ],
    'The same in chunks.',
    { requests: [0, 1], body: HIDDEN, answer: { raw: ok('early'), after: 'head' }, rfc: '9112 9.3, 9.6' },
  ],
  [
    'early-answer-half',
    'either',
    [
      { send: LENGTH_HEAD + HIDDEN.slice(0, 5), wait: 'answer' },
      { send: HIDDEN.slice(5), wait: 'turn' },
    ],
    'Answered in the middle of its body.',
    { requests: [0, 1], body: HIDDEN, answer: { raw: ok('early'), after: 'head' }, rfc: '9112 9.3, 9.6' },
  ],
  [
    'early-refusal',
    'either',
    [
      { send: LENGTH_HEAD, wait: 'answer' },
      { send: HIDDEN, wait: 'turn' },
    ],
    'Refused by the server before its body came, with close.',
    {
      requests: [0, 1],
      body: HIDDEN,
      answer: { raw: 'HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', after: 'head' },
      rfc: '9112 9.6',
    },
  ],
  [
    'early-redirect',
    'either',
    [
      { send: LENGTH_HEAD, wait: 'answer' },
      { send: HIDDEN, wait: 'turn' },
    ],
    'Redirected before its body came (CL.0): the body is still one.',
    {
      requests: [0, 1],
      body: HIDDEN,
      answer: { raw: 'HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n', after: 'head' },
      rfc: '9112 9.3',
    },
  ],
  [
    'expect-waits',
    'forward',
    [{ send: post(`Expect: 100-continue\r\nContent-Length: ${HIDDEN.length}`, ''), wait: 'answer' }, { send: HIDDEN }],
    'Who waits for 100 gets it, and then the body is one.',
    { body: HIDDEN, clientHas: ['http/1.1 100 '], rfc: '9110 10.1.1' },
  ],
  [
    'expect-refused',
    'either',
    [
      { send: post(`Expect: 100-continue\r\nContent-Length: ${HIDDEN.length}`, ''), wait: 'answer' },
      { send: HIDDEN, wait: 'turn' },
    ],
    'Who got 417 and sends the body nevertheless sent a body, no request.',
    {
      requests: [0, 1],
      body: HIDDEN,
      answer: { raw: 'HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n', after: 'head' },
      rfc: '9110 10.1.1',
    },
  ],
  [
    'expect-early-final',
    'either',
    [
      { send: post(`Expect: 100-continue\r\nContent-Length: ${HIDDEN.length}`, ''), wait: 'answer' },
      { send: HIDDEN, wait: 'turn' },
    ],
    'A final answer instead of 100: what comes then is the body (0.CL), or the connection ends.',
    { requests: [0, 1], body: HIDDEN, answer: { raw: ok('final'), after: 'head' }, rfc: '9110 10.1.1' },
  ],
  [
    'early-hints',
    'forward',
    [{ send: line('GET / HTTP/1.1') }],
    'A 103 before the answer goes on or is dropped, and is no answer.',
    {
      answer: { raw: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('late')}` },
      clientHas: ['late'],
      rfc: '9110 15.2',
    },
  ],
  [
    'second-while-first',
    'forward',
    [{ send: line('GET /1 HTTP/1.1'), wait: 'server' }, { send: line('GET /2 HTTP/1.1') }],
    'A second request before the first is answered waits its turn.',
    { requests: 2, rfc: '9112 9.3.2' },
  ],
  [
    'bad-while-first',
    'forward',
    [{ send: line('GET /1 HTTP/1.1'), wait: 'server' }, { send: 'GET  \0\r\n\r\n' }],
    'A bad one behind a good one takes nothing from it.',
    { rfc: '9112 9.3.2' },
  ],
  [
    'bad-after-first',
    'forward',
    [{ send: line('GET /1 HTTP/1.1'), wait: 'answer' }, { send: `X-bad\r\n\r\n${HIDDEN}` }],
    'A bad one on a kept connection gets its 400, and nothing behind it is read.',
    { rfc: '9112 9.6' },
  ],
  [
    'half-second',
    'forward',
    [{ send: line('GET /1 HTTP/1.1') + HIDDEN.slice(0, 20), wait: 'answer' }],
    'Half a second request is none.',
    { halfClose: true, rfc: '9112 8' },
  ],
  [
    'half-second-later',
    'forward',
    [{ send: line('GET /1 HTTP/1.1') + HIDDEN.slice(0, 20), wait: 'answer' }, { send: HIDDEN.slice(20) }],
    'A second request in two parts, the first of them with the first request.',
    { requests: 2, rfc: '9112 9.3.2' },
  ],
  [
    'body-and-half-second',
    'forward',
    [{ send: post('Content-Length: 5', `hello${HIDDEN.slice(0, 7)}`), wait: 'answer' }, { send: HIDDEN.slice(7) }],
    'Where a body ends within a segment.',
    { requests: 2, body: 'hello', rfc: '9112 9.3.2' },
  ],
  [
    'chunked-and-half-second',
    'forward',
    [{ send: CHUNK_HEAD + HELLO + HIDDEN.slice(0, 7), wait: 'answer' }, { send: HIDDEN.slice(7) }],
    'Where a chunked body ends within a segment.',
    { requests: 2, body: 'hello', rfc: '9112 9.3.2' },
  ],
  [
    'half-close',
    'either',
    [{ send: line('GET / HTTP/1.1') }],
    'Who has said all may end its side, and is answered, or finds the end.',
    { halfClose: true, silent: true, rfc: '9112 9.6' },
  ],
  [
    'half-close-body',
    'either',
    [{ send: post('Content-Length: 5', 'hello') }],
    'Who has said all may end its side, with a body as well.',
    { halfClose: true, silent: true, body: 'hello', rfc: '9112 9.6' },
  ],
  [
    'half-close-two',
    'either',
    [{ send: line('GET /1 HTTP/1.1') + line('GET /2 HTTP/1.1') }],
    'Who has said all may end its side: both are answered, or find the end.',
    { halfClose: true, silent: true, requests: [0, 2], rfc: '9112 9.6' },
  ],
  [
    'server-closes-between',
    'forward',
    [{ send: line('GET /1 HTTP/1.1') + HIDDEN }],
    'An answer with close ends that server connection, not the second request.',
    { requests: [1, 2], answer: { raw: ok('/1', 'Connection: close\r\n') }, rfc: '9112 9.6' },
  ],
  [
    'ws-switched',
    'forward',
    [
      { send: WS, wait: 'answer' },
      { send: 'ping', wait: 'server' },
    ],
    'Behind a 101 both sides say what they like.',
    { answer: { raw: SWITCHING }, clientHas: ['echo:ping'], rfc: '9110 7.8' },
  ],
  [
    'ws-switched-requests',
    'forward',
    [
      { send: WS, wait: 'answer' },
      { send: HIDDEN, wait: 'server' },
    ],
    'Behind a 101 nothing is a request.',
    { answer: { raw: SWITCHING }, clientHas: ['echo:get /hidden'], rfc: '9110 7.8' },
  ],
  [
    'ws-bytes-first',
    'either',
    [{ send: `${WS}ping` }],
    'Bytes before the 101 are the tunnel’s when there is one, or the connection ends.',
    { answer: { raw: SWITCHING }, requests: [0, 1], rfc: '9110 7.8' },
  ],
  [
    'ws-refused-later',
    'forward',
    [{ send: WS, wait: 'answer' }, { send: HIDDEN }],
    'After a refused upgrade the connection speaks HTTP.',
    { answer: { raw: 'HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n' }, requests: 2, rfc: '9110 7.8' },
  ],
];

export const TIMING_CASES: readonly RequestCase[] = rows.map(([slug, expect, steps, why, more]) => {
  return { id: `T-${slug}`, expect, steps, why, rfc: '9112 2.2, 9.3', ...more };
});
