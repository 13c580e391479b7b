/** What the two proxies are told to log: every variable of HAProxy 2.6 with every flag, samples, and what is odd in the syntax. */

/** How much of a line has to be the same: all of it, or all but the numbers. */
export type Comparison = 'exact' | 'numbers';

export interface FormatCase {
  readonly format: string;
  readonly compares: Comparison;
}

const FLAGS = ['', '+Q', '+X', '+E', '+Q,+E', '-M', '+Q,+X', '+Q,-Q', '+M+Q', 'Q,+nothing'];

const TEXTS = 'ci fi si f ft b s H CC CS ts tsc sslc sslv'.split(' ');
const IDS = ['ID'];
const NUMBERS = 'ST B U rc sq bq lc sp'.split(' ');
const MOVING = 'rt fp cp bi bp pid ac fc bc sc T Tl Ts ms t tr trg trl TR Tw Tc Tr Ta Tt Td Tu Th Ti Tq'.split(' ');
const REQUEST = 'r HM HU HP HPO HQ HV'.split(' ');
const CAPTURES = 'hr hs hrl hsl'.split(' ');

function together(names: readonly string[], flags: string, between: string): string {
  return names.map((name) => `${name}=%${flags === '' ? '' : `{${flags}}`}${name}`).join(between);
}

export const HTTP_FORMATS: readonly FormatCase[] = [
  ...FLAGS.flatMap((flags): FormatCase[] => [
    { format: together(TEXTS, flags, ' '), compares: 'exact' },
    { format: together(IDS, flags, ' '), compares: 'numbers' },
    { format: together(NUMBERS, flags, '|'), compares: 'exact' },
    { format: together(MOVING, flags, ' '), compares: 'numbers' },
    { format: together(REQUEST, flags, ' '), compares: 'exact' },
    { format: together(CAPTURES, flags, ' '), compares: 'exact' },
  ]),
  { format: '%{+Q}o %ci %r %{-Q}f %s %{-Q}o %b %hr %hs', compares: 'exact' },
  { format: '  %hr   %hs x  %hrl %hsl  ', compares: 'exact' },
  { format: '%hr%hs %% 100%% {%ST} [%ST] %-|%"|%ST', compares: 'exact' },
  { format: '%{+E}o "quoted" \\ ] %HU %b', compares: 'exact' },
  ...[
    '%[capture.req.hdr(0)] %{+Q}[capture.req.hdr(1)] %[capture.res.hdr(0)] %[capture.req.hdr(7)]',
    '%{+E}[capture.req.uri] %{+Q,+E}[capture.req.hdr(0)] %[capture.req.method] %[capture.req.ver]',
    '%[src] %{+Q}[fe_name] %[be_name] %[srv_name] %[int(3)] %[str(a b)] %[str(x),upper]',
    '%[capture.req.hdr(0),lower,field(1,z)] %[unique-id,length] %[capture.req.uri,length,mul(2)] %{-M}[capture.req.hdr(7)]',
  ].map((format): FormatCase => ({ format, compares: 'exact' })),
];

const TCP_TEXTS = TEXTS.filter((name) => name !== 'CC' && name !== 'CS');

export const TCP_FORMATS: readonly FormatCase[] = [
  ...['', '+Q', '+X', '+E'].flatMap((flags): FormatCase[] => [
    { format: together(TCP_TEXTS, flags, ' '), compares: 'exact' },
    { format: together(NUMBERS, flags, '|'), compares: 'exact' },
    {
      format: together('rt fp cp bi bp pid ac fc bc sc T Tl Ts ms t Tw Tc Tt Td Tu Th ID'.split(' '), flags, ' '),
      compares: 'numbers',
    },
    { format: together(CAPTURES, flags, ' '), compares: 'exact' },
  ]),
  { format: '%ci %f %s', compares: 'exact' },
  { format: '%f', compares: 'exact' },
];

export interface Exchange {
  readonly title: string;
  readonly bytes: string;
  /** The client says that it has nothing more to say. */
  readonly ends?: boolean;
  /** Requests in it, and so lines. */
  readonly lines: number;
}

const hostile = '"#{|}[]\\^`~%00';

export const EXCHANGES: readonly Exchange[] = [
  {
    title: 'headers and cookies',
    bytes:
      'GET /index.html?x=y HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla"]\\|{}#\xe9\tz end\r\nX-Two: first\r\nx-two: second\r\n' +
      'Cookie: a=b; track="x;y"; tracker=2\r\nConnection: close\r\n\r\n',
    lines: 1,
  },
  {
    title: 'odd bytes in the target',
    bytes: `GET /${hostile}?${hostile} HTTP/1.1\r\nHost: a\r\nCookie: xtrack=1; track=abcdefghijklmnopqrstuvwxyz0123456789\r\nConnection: close\r\n\r\n`,
    lines: 1,
  },
  {
    title: 'content',
    bytes: 'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    lines: 1,
  },
  {
    title: 'a target with scheme and authority',
    bytes: 'GET http://example.com/p/a?th=1 HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n',
    lines: 1,
  },
  { title: 'the asterisk', bytes: 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', lines: 1 },
  { title: 'HTTP/1.0', bytes: 'GET /old HTTP/1.0\r\nUser-Agent:\r\n\r\n', lines: 1 },
  {
    title: 'two requests of a connection',
    bytes: 'GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    lines: 2,
  },
  {
    title: 'a long target',
    bytes: `GET /${'long/'.repeat(220)}?end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    lines: 1,
  },
  { title: 'no request', bytes: 'GET\r\n\r\n', lines: 1 },
  { title: 'half of a request', bytes: 'GET / HT', ends: true, lines: 1 },
];
