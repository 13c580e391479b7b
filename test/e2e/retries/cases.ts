/** What servers do wrong, and what is to be done about it. */
import type { Case } from './scene.ts';

const GET = 'GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const POST = 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello';
const NAMED = 'GET /x HTTP/1.1\r\nHost: x\r\nCookie: S=a\r\nConnection: close\r\n\r\n';

const FAULTS = ['hangs up', 'closes', 'resets', 'junk', 'half a head', 'interim, closes', 'half a body'] as const;
const CONDITIONS = ['none', 'conn-failure', 'empty-response', 'junk-response', '503', 'all-retryable-errors'];

/**
 * One server that does it once, then serves: with each condition. After an interim response HAProxy has thrown away what it
 * would send again, and answers 500; ours is 502, as without `retry-on`. A reset is two errors for it, unless it is retried.
 */
const oneFault: Case[] = FAULTS.flatMap((fault) =>
  CONDITIONS.filter((condition) => fault !== 'interim, closes' || !/^(empty|all)/.test(condition)).map((condition) => ({
    what: `${condition}: a server that does it once: ${fault}`,
    lines: [`retry-on ${condition}`],
    servers: { a: [fault, 200] },
    request: GET,
    uncounted: fault === 'resets' ? ['eresp'] : [],
  })),
);

const statuses: Case[] = [401, 403, 404, 408, 425, 500, 501, 502, 503, 504].map((status) => ({
  what: `${status}: is tried again`,
  lines: [`retry-on ${status}`],
  servers: { a: [status, 200] },
  request: GET,
}));

const others: Case[] = [
  ...['', 'retry-on none', 'retry-on conn-failure', 'retry-on 503', 'retry-on 503 conn-failure'].map((line) => ({
    what: `refused, one server: ${line}`,
    lines: ['retries 1', line],
    servers: { a: 'refuses' } as const,
    request: GET,
  })),
  ...[1, 2, 3, -1, -2].map((n) => ({
    what: `redispatch ${n}: all fail`,
    lines: ['retries 3', 'retry-on 503', `option redispatch ${n}`],
    servers: { a: [503], b: [503], c: [503] } as const,
    request: GET,
  })),
  ...[1, 2, -1].map((n) => ({
    what: `redispatch ${n}, leastconn: all fail`,
    lines: ['balance leastconn', 'retries 3', 'retry-on 503', `option redispatch ${n}`],
    servers: { a: [503], b: [503], c: [503] } as const,
    request: GET,
  })),
  ...[1, 2, -1].map((n) => ({
    what: `redispatch ${n}, persistent: all fail`,
    lines: ['cookie S insert indirect', 'retries 3', 'retry-on 503', `option redispatch ${n}`],
    servers: { 'a cookie a': [503], 'b cookie b': [503], 'c cookie c': [503] } as const,
    request: NAMED,
  })),
  {
    what: 'persistent, redispatch on the last retry: served elsewhere',
    lines: ['cookie S insert indirect', 'retries 2', 'retry-on all-retryable-errors', 'option redispatch'],
    servers: { 'a cookie a': ['closes'], 'b cookie b': [200] },
    request: NAMED,
  },
  {
    what: 'persistent, refused, no redispatch',
    lines: ['cookie S insert indirect', 'retries 1', 'no option redispatch'],
    servers: { 'a cookie a': 'refuses', 'b cookie b': [200] },
    request: NAMED,
  },
  {
    what: 'persistent, refused, redispatch',
    lines: ['cookie S insert indirect', 'retries 1', 'option redispatch'],
    servers: { 'a cookie a': 'refuses', 'b cookie b': [200] },
    request: NAMED,
  },
  {
    what: 'a backup server is the other one',
    lines: ['retries 1', 'option redispatch'],
    servers: { a: 'refuses', 'b backup': [200] },
    request: GET,
  },
  {
    what: 'leastconn: another one after the pause',
    lines: ['balance leastconn', 'retries 1', 'option redispatch'],
    servers: { a: 'refuses', b: [200] },
    request: GET,
  },
  {
    what: 'source: another one after the pause',
    lines: ['balance source', 'hash-type consistent', 'retries 1', 'option redispatch'],
    servers: { a: 'refuses', b: 'refuses' },
    request: GET,
  },
  {
    what: 'no retries at all',
    lines: ['retries 0', 'retry-on all-retryable-errors'],
    servers: { a: [503, 200] },
    request: GET,
  },
  {
    what: 'more faults than retries',
    lines: ['retries 2', 'retry-on all-retryable-errors'],
    servers: { a: [503, 'closes', 'junk', 200] },
    request: GET,
  },
  {
    what: 'the last answer is passed on when no retry is left',
    lines: ['retries 2', 'retry-on 503'],
    servers: { a: [503] },
    request: GET,
  },
  {
    what: 'a time-out, once',
    lines: ['timeout server 3s', 'retry-on response-timeout'],
    servers: { a: ['is silent', 200] },
    request: GET,
  },
  {
    what: 'a time-out, always',
    lines: ['timeout server 3s', 'retries 1', 'retry-on response-timeout'],
    servers: { a: ['is silent'] },
    request: GET,
  },
  {
    what: 'a time-out that nobody wants to be retried',
    lines: ['timeout server 3s', 'retry-on empty-response'],
    servers: { a: ['is silent', 200] },
    request: GET,
  },
  {
    what: 'a POST is sent again when told so',
    lines: ['retry-on all-retryable-errors'],
    servers: { a: ['closes', 503, 200] },
    request: POST,
  },
  {
    what: 'a POST is not sent again otherwise',
    lines: [],
    servers: { a: ['closes', 200] },
    request: POST,
  },
  {
    what: 'a chunked request, whole',
    lines: ['retry-on 503'],
    servers: { a: [503, 200] },
    request:
      'POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  },
  {
    what: 'a body that has not come whole is not kept',
    lines: ['retry-on 503'],
    servers: { a: [503, 200] },
    request: `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\nConnection: close\r\n\r\n${'x'.repeat(40_000)}`,
  },
];

const asked = (line: string): string => `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`;

const instead: Case[] = [
  ...['GET /a/b?c HTTP/1.1', 'HEAD /x HTTP/1.1', 'GET http://x/deep/er?q HTTP/1.1', 'DELETE /x HTTP/1.1'].flatMap(
    (line) =>
      ['http://other.org', '/', 'https://other.org/under'].map((prefix) => ({
        what: `redir ${prefix}: ${line}`,
        lines: [],
        servers: { [`a redir ${prefix}`]: [200] },
        request: asked(line),
      })),
  ),
  {
    what: 'redir of the server that a cookie names',
    lines: ['cookie S insert indirect'],
    servers: { 'a cookie a redir http://a.org': [200], 'b cookie b redir http://b.org': [200] },
    request: NAMED,
  },
  ...['errorloc 503 http://x.org/sorry?a=%20b', 'errorloc302 503 /sorry', 'errorloc303 503 /sorry'].map((line) => ({
    what: line,
    lines: ['retries 0', line],
    servers: { a: 'refuses' } as const,
    request: GET,
  })),
];

export const CASES: readonly Case[] = [...oneFault, ...statuses, ...others, ...instead];
