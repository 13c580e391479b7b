/**
 * Messages from the grammar of RFC 9112, most of them right, with what proxies stumble over at every place where there is a
 * choice: `often` takes the usual thing nine times of ten.
 *
 * Not here: damage to finished messages (mutate.ts).
 */
import type { SeededRandom } from '../../support/random.ts';
import { FORBIDDEN } from '../reference/chunked.ts';
import { FOR_ALL } from '../reference/reading.ts';

type Choice = readonly [string, ...string[]];

export function often(random: SeededRandom, usual: string, others: Choice): string {
  return random.below(10) > 0 ? usual : random.pick(others);
}

const METHODS: Choice = ['GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'TRACE', 'CONNECT'];
const ODD_METHODS: Choice = [
  'get',
  'PURGE',
  'M-SEARCH',
  'X',
  "!#$%&'*+-.^_`|~",
  'GE T',
  'G\tET',
  '',
  'GET,',
  'A'.repeat(33),
];
const TARGETS: Choice = ['/', '/a?b=c', '/a/../b', '/%2e%2e/', '//b/c', '/a;b=c', '/%00', '/a%20b'];
const ODD_TARGETS: Choice = [
  '*',
  'http://b.test/x',
  'HTTP://b.test:8080',
  'https://b.test?q',
  'http://b.test:65536/',
  'http://u@b.test/',
  'http://[::1]:80/x',
  'http://',
  'http:///x',
  'ftp://b.test/',
  'b.test:443',
  'b.test:0',
  'b.test',
  'a',
  '',
  '?x',
  '/a b',
  '/a#b',
  '/\x7f',
  '/\xe9',
  '/"<>\\^`{|}',
  '/a\tb',
  `/${'x'.repeat(300)}`,
  `http://${'x'.repeat(321)}/`,
];
const VERSIONS: Choice = [
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/1.9',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1.10',
  'HTTP/1',
  'HTTP/1.',
  'HTTP/01.1',
  'http/1.1',
  'HTTPS/1.1',
  'HTTP /1.1',
  'HTTP/1,1',
  '',
];
const LINE_ENDS: Choice = ['\n', '\r', '\r\r\n', '\n\r', '\r\n ', '\r\n\t', ' \r\n', '', '\x85', '\r\n\r\n'];
const COLONS: Choice = [':', ' :', ':\t', ': :', '::', '', '\t:', ';', '=', ':\r\n '];

export const FIELD_VALUES: Readonly<Record<string, Choice>> = {
  Host: [
    'a.test',
    'a.test:80',
    '[::1]',
    '[::1]:8080',
    '[::ffff:1.2.3.4]',
    '[::ffff:1.2.3.04]',
    '[1:2:3:4:5:6:7::]',
    '[::1%25eth0]',
    '[v1.x]',
    '1.2.3.4',
    '',
    ':80',
    'a.test:',
    'a.test:65536',
    'a.test:0080',
    'a@b',
    'a,b',
    'a/b',
    'a b',
    'a%2eb',
    'a%zz',
    '\xe9',
  ],
  'Content-Length': [
    '0',
    '5',
    '11',
    '5, 5',
    '5,5',
    '5 ,\t5',
    '5, 6',
    '05',
    '00',
    '+5',
    '-1',
    '',
    '5x',
    '0x5',
    '5 5',
    '5,',
    ',5',
    '9007199254740991',
    '9007199254740992',
    '18446744073709551621',
    '4294967301',
    '5.0',
    '1e1',
    '\xb2',
  ],
  'Transfer-Encoding': [
    'chunked',
    'Chunked',
    'CHUNKED',
    'gzip, chunked',
    'chunked, chunked',
    'chunked, identity',
    'identity',
    'gzip',
    '',
    ',chunked',
    'chunked,',
    'chunked;a=b',
    'xchunked',
    'chunke',
    '"chunked"',
    'chun ked',
    '\x0bchunked',
    'chunked\x0c',
  ],
  Connection: [
    'close',
    'keep-alive',
    'Close',
    'upgrade',
    'Upgrade, close',
    'x-a, X-B',
    'content-length, host',
    'TE,,close',
    'transfer-encoding',
    'cookie, x-forwarded-for',
    ',',
    'x a',
    '"x-a"',
    'close, keep-alive',
    'http2-settings, upgrade',
  ],
  TE: ['trailers', 'gzip', 'trailers, gzip', 'Trailers', ''],
  Upgrade: ['websocket', 'h2c', 'h2c, websocket', 'websocket, h2c', 'H2C', 'h2', '', 'TLS/1.0', ',', 'h2c,h2'],
  Expect: ['100-continue', '100-Continue', 'x', '', '100-continue, x'],
  'Keep-Alive': ['timeout=5'],
  'Proxy-Connection': ['keep-alive', 'x-a'],
  'HTTP2-Settings': ['AAMAAABkAAQAAP__'],
  'Max-Forwards': ['10', '0', '1', '00', '007', 'x', '', '99999999999999999999', '-1', '5, 5'],
  'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'short', ''],
  'Sec-WebSocket-Accept': ['s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', ''],
  Trailer: ['X-Sum', 'Content-Length'],
  Cookie: ['a=b', 'a=b; c=d', ''],
  'Set-Cookie': ['a=b; Path=/', ''],
  'X-Forwarded-For': ['192.0.2.1'],
  'Content-Type': ['text/plain'],
  Date: ['Sat, 21 Nov 2026 00:00:00 GMT'],
  'X-A': ['b', '', 'two words', 'caf\xe9', '\t', 'a\tb', 'a\x00b', 'a\x7fb', 'a\x0bb', 'a: b', '"q', 'a,b;c=d'],
  'X-B': ['c', '5', 'chunked'],
  Content_Length: ['7'],
  'Transfer-Encoding-X': ['chunked'],
};
const NAMES = Object.keys(FIELD_VALUES) as [string, ...string[]];
/** Those that decide where a message ends or where it goes are taken more often. */
const GRAVE: Choice = ['Content-Length', 'Transfer-Encoding', 'Host', 'Connection', 'Expect', 'Upgrade'];

function cased(random: SeededRandom, name: string): string {
  switch (random.below(8)) {
    case 0:
      return name.toLowerCase();
    case 1:
      return name.toUpperCase();
    default:
      return name;
  }
}

export function fieldLine(random: SeededRandom, name: string, value: string): string {
  const colon = often(random, ': ', COLONS);
  const after = often(random, '', [' ', '\t', '  \t ']);
  return `${cased(random, name)}${colon}${value}${after}${lineEnd(random)}`;
}

/** One in thirty is not CRLF. */
export function lineEnd(random: SeededRandom): string {
  return random.below(30) > 0 ? '\r\n' : random.pick(LINE_ENDS);
}

/** Names that mean something to the proxy at one place or another. */
const MEANINGFUL = [...FOR_ALL, ...FORBIDDEN] as [string, ...string[]];

/** A field and a Connection that names it. */
function nominated(random: SeededRandom): string {
  const name = random.pick(MEANINGFUL);
  const lines = [
    fieldLine(random, name, 'x'),
    fieldLine(random, 'Connection', often(random, name, [`close, ${name}`])),
  ];
  return random.below(2) === 0 ? lines.join('') : lines.reverse().join('');
}

export function someField(random: SeededRandom): string {
  if (random.below(12) === 0) return nominated(random);
  const name = random.below(3) === 0 ? random.pick(GRAVE) : random.pick(NAMES);
  const values = FIELD_VALUES[name] ?? ['b'];
  return fieldLine(random, name, random.below(2) === 0 ? values[0] : random.pick(values));
}

const DATA: Choice = [
  'hello',
  'hello world',
  'a',
  '\r\n',
  '0\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  '\x00\xff',
  ';',
  '5\r\n',
];
const SIZE_STYLES: Choice = ['0', '00', '0000000000000000', '+', '-', '0x', ' ', '1000000000000000', '\t'];
const EXTENSIONS: Choice = [
  ';a',
  ';a=b',
  '; a = b',
  ' ;a',
  ';a="b;c"',
  ';a="\\""',
  ';a=""',
  ';',
  ';=',
  ';a=',
  ' ',
  '\t',
  ';a="b',
  ';a\x00',
  ';a b',
  ';a=b=c',
  ';\xe9',
  ';a="\xe9\t"',
  `;${'x'.repeat(200)}`,
  ';a\r',
];
const TRAILERS: Choice = [
  'X-Sum: 1\r\n',
  'X-Sum:\r\nX-Two: 2\r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: b\r\n',
  'X : y\r\n',
  'X\r\n',
  ': y\r\n',
  'X: y\n',
  'X: y\r\n z\r\n',
  'X: \x00\r\n',
  'Set-Cookie: a=b\r\nX: y\r\n',
  'GET / HTTP/1.1\r\n',
];

function extension(random: SeededRandom): string {
  if (random.below(3) > 0) return random.pick(EXTENSIONS);
  const bytes = Array.from({ length: random.below(4) }, () => String.fromCharCode(random.below(256))).join('');
  return `;a="${random.pick(['', 'b', '\\', '\\\\'])}${bytes}"`;
}

function trailers(random: SeededRandom): string {
  if (random.below(2) === 0) return random.pick(TRAILERS);
  const name = random.pick(MEANINGFUL);
  return `X-A: b\r\n${fieldLine(random, often(random, name, [`${name}s`, name.slice(0, -1)]), 'x')}X-C: d\r\n`;
}

export function chunk(random: SeededRandom, data: string): string {
  const digits = random.below(2) === 0 ? data.length.toString(16) : data.length.toString(16).toUpperCase();
  const size = random.below(15) === 0 ? `${random.pick(SIZE_STYLES)}${digits}` : digits;
  return `${size}${random.below(6) === 0 ? extension(random) : ''}${lineEnd(random)}${data}${lineEnd(random)}`;
}

export function chunkedBody(random: SeededRandom): string {
  let text = '';
  for (let chunks = random.below(4); chunks > 0; chunks--) text += chunk(random, random.pick(DATA));
  const last = often(random, '0', ['00', '000', '', '0 ', '1']);
  const ext = random.below(10) === 0 ? extension(random) : '';
  const section = random.below(4) === 0 ? trailers(random) : '';
  return `${text}${last}${ext}${lineEnd(random)}${section}${lineEnd(random)}`;
}

function fieldSection(random: SeededRandom, first: string): string {
  const lines = [first];
  for (let count = random.below(5); count > 0; count--) {
    lines.splice(random.below(lines.length + 1), 0, someField(random));
  }
  return `${lines.join('')}${lineEnd(random)}`;
}

/** Fields that frame a body, and the body. */
function framed(random: SeededRandom): readonly [fields: string, body: string] {
  switch (random.below(4)) {
    case 0: {
      const data = random.pick(DATA);
      const length = often(random, String(data.length), [`0${data.length}`, String(data.length + 1), '0']);
      return [fieldLine(random, 'Content-Length', length), data];
    }
    case 1:
      return [fieldLine(random, 'Transfer-Encoding', 'chunked'), chunkedBody(random)];
    default:
      return ['', random.below(4) === 0 ? random.pick(DATA) : ''];
  }
}

const NEXT = 'GET /next HTTP/1.1\r\nHost: next.test\r\n\r\n';

export function request(random: SeededRandom): string {
  const method = random.below(15) === 0 ? random.pick(ODD_METHODS) : random.pick(METHODS);
  const usual = method === 'CONNECT' ? 'b.test:443' : random.pick(TARGETS);
  const target = random.below(5) === 0 ? random.pick(ODD_TARGETS) : usual;
  const version = often(random, 'HTTP/1.1', VERSIONS);
  const space = () => (random.below(40) > 0 ? ' ' : random.pick(['  ', '\t', '', '\x0b', ' \t']));
  const [framing, body] = framed(random);
  const hostValue = target.startsWith('b.test') ? target : 'a.test';
  const host = often(random, `Host: ${hostValue}\r\n`, ['', 'Host: a.test\r\nHost: a.test\r\n', 'host:b.test\r\n']);
  const before = random.below(30) > 0 ? '' : random.pick(['\r\n', '\r\n\r\n', '\n', ' ', '\r']);
  const line = `${before}${method}${space()}${target}${space()}${version}${lineEnd(random)}`;
  return `${line}${fieldSection(random, host + framing)}${body}${random.below(4) === 0 ? NEXT : ''}`;
}

const STATUSES: Choice = ['200', '200', '200', '204', '304', '100', '103', '101', '302', '404', '426', '500', '999'];
const ODD_STATUSES: Choice = ['099', '20', '2000', '', '2x0', '-20', '+200', '600', '000', ' 200', '200.'];
const REASONS: Choice = ['', ' ', ' OK then', ' caf\xe9', ' \t', ' a\x00b', ' a\rb', '\tOK', '  OK', ' \x7f'];

export function response(random: SeededRandom): string {
  const status = random.below(12) === 0 ? random.pick(ODD_STATUSES) : random.pick(STATUSES);
  const version = often(random, 'HTTP/1.1', VERSIONS);
  const [framing, body] = framed(random);
  const line = `${version} ${status}${often(random, ' OK', REASONS)}${lineEnd(random)}`;
  const next = random.below(8) === 0 ? 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil' : '';
  return `${line}${fieldSection(random, framing)}${body}${next}`;
}
