/**
 * Clients and what their servers answer, from a seed: valid HTTP, in all the ways that are valid, and servers that fail.
 *
 * Not here: configurations (random-world.ts).
 */
import type { SeededRandom } from '../../support/random.ts';
import type { Answer, Client, Request } from './world.ts';

/** What traffic has to know of the configuration. */
export interface Circumstances {
  readonly cookieNames: readonly string[];
  readonly cookieValues: readonly string[];
  /** A server that says nothing is noticed within a second. */
  readonly impatient: boolean;
  /** A client that waits in a queue is told so within a second. */
  readonly queues: boolean;
  /** `option abortonclose`. */
  readonly abortsOnClose: boolean;
  /** All servers may be down: haproxy asks for a body that its balancing needs even then, Tandem does not. */
  readonly noServers: boolean;
  /** `retry-on`. */
  readonly retries: boolean;
  /** Answers that are errors, in a hundred. */
  readonly failures: number;
}

const chance = (random: SeededRandom, percent: number): boolean => random.below(100) < percent;
const someOf = (random: SeededRandom, items: readonly string[], most: number): string[] =>
  Array.from({ length: random.below(most + 1) }, () => items[random.below(items.length)] ?? '');

const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PURGE',
  'x-Odd~1',
] as const;
const TARGETS = [
  '/',
  '/index.html',
  '/a/b/c?x=1&id=7&y=2',
  '/a/b/d?id=8',
  '/a/?id=',
  '/?ID=3;id=4',
  '/%7euser/%2e%2e/x;p=1',
  '//double//slash',
  '/q?',
  '/?q=?&id=%41',
  `/long/${'x'.repeat(300)}`,
  "/odd!$'()*+,;=:@-._~",
  'http://example.com/absolute?id=9',
  'http://Example.com:8080/x',
] as const;
const HOSTS = ['example.com', 'www.example.com', 'Example.COM:80', 'a.b', '10.1.2.3', '[::1]:8080', 'x'] as const;
const FIELDS = [
  'X-Forwarded-For: 192.0.2.9',
  'x-forwarded-for: 192.0.2.10, 192.0.2.11',
  'X-A: 1',
  'X-A: 2',
  'x-a:3',
  'X-Empty:',
  'X-Tabs:\t a\tb \t',
  'X-High: \xe9\xff\x80',
  'X-Quote: "a\\"b" ; c',
  'User-Agent: fuzz/1.0 (x; y)',
  'Referer: http://example.com/?a="b"',
  'Accept-Encoding: gzip, br',
  'Cache-Control: no-cache',
  'Pragma: no-cache',
  'Keep-Alive: timeout=5',
  'Connection: keep-alive',
  'Connection: close',
  'Connection: keep-alive, X-A',
  'TE: trailers',
  'Via: 1.1 other',
  'If-None-Match: "1"',
  'Range: bytes=0-1',
  'X_Under_Score: 1',
  "X-!#$%&'*+.^_`|~: odd name",
  'Authorization: Basic dTpw',
  'Content-Type: application/x-www-form-urlencoded',
  'X-Forwarded-Proto: https',
  'X-Unique: mine',
  `X-Long: ${'v'.repeat(500)}`,
] as const;

const STATUSES = [
  200, 200, 200, 200, 201, 202, 203, 206, 204, 304, 301, 302, 307, 400, 401, 403, 404, 410, 429, 500, 501, 502, 503,
  504, 299, 599,
] as const;
const REASONS = [' OK', ' Found', ' ', ' Very odd: reason (x)', ' No Content'] as const;
const ANSWER_FIELDS = [
  'ETag: "1"',
  'Cache-Control: max-age=60',
  'Cache-Control: no-store',
  'Set-Cookie: other=1; Path=/',
  'Set-Cookie: app=abc; HttpOnly',
  'Set-Cookie: two=a, b=c',
  'Location: /there?x=1',
  'Server: origin/1',
  'X-High: \xfc',
  'X-Tabs:\ta\t',
  'Content-Type: text/plain',
  'Expires: 0',
  'Vary: Accept',
  'Vary: Cookie',
  'X-Empty:',
  'Date: Sat, 21 Nov 2026 20:00:00 GMT',
  'Last-Modified: Sat, 21 Nov 2026 20:00:00 GMT',
  'WWW-Authenticate: Basic realm="x"',
  'Keep-Alive: timeout=5, max=3',
] as const;

function text(random: SeededRandom, most: number): string {
  const length = random.size(most);
  const seed = random.below(26);
  return Array.from({ length }, (_, i) => String.fromCharCode(97 + ((seed + i * 7) % 26))).join('');
}

/** Trailers only in requests: haproxy counts those of answers in the log's size, which is of no use to anybody. */
function chunked(random: SeededRandom, body: string, trailers: boolean): string {
  let out = '';
  for (let at = 0; at < body.length; ) {
    const size = 1 + random.below(Math.max(1, body.length - at));
    const extension = chance(random, 10) ? ';x=y' : '';
    out += `${size.toString(16)}${extension}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${out}0\r\n${trailers && chance(random, 10) ? 'X-Trailer: t\r\n' : ''}\r\n`;
}

function cookies(random: SeededRandom, facts: Circumstances): string {
  const name = (): string => facts.cookieNames[random.below(facts.cookieNames.length)] ?? 'SRV';
  const value = (): string => facts.cookieValues[random.below(facts.cookieValues.length)] ?? 's0';
  const pair = (): string =>
    random.pick([
      `${name()}=${value()}`,
      `${name()}=${value()}~tail`,
      `${name()}=nobody`,
      'x=1',
      'app=abc',
      `${name()}=`,
      'flag',
    ]);
  return `Cookie: ${Array.from({ length: 1 + random.below(3) }, pair).join('; ')}`;
}

function someRequest(random: SeededRandom, facts: Circumstances): Request {
  const old = chance(random, 12);
  const method = random.pick(METHODS);
  const target = method === 'OPTIONS' && chance(random, 30) ? '*' : random.pick(TARGETS);
  const headers: string[] = [];
  if (!old || target.startsWith('http') || chance(random, 70))
    headers.push(`Host: ${target.startsWith('http') ? (/\/\/([^/]+)/.exec(target)?.[1] ?? '') : random.pick(HOSTS)}`);
  headers.push(...someOf(random, FIELDS, 5));
  while (chance(random, 35)) headers.push(cookies(random, facts));
  let body = '';
  let framed = false;
  if (method === 'POST' || method === 'PUT' || method === 'PATCH' || chance(random, 4)) {
    const plain = chance(random, 30) ? 'id=5&x=1' : text(random, chance(random, 5) ? 40_000 : 600);
    framed = true;
    if (!old && chance(random, 35)) {
      headers.push('Transfer-Encoding: chunked');
      body = chunked(random, plain, true);
    } else {
      headers.push(`Content-Length: ${plain.length}`);
      body = plain;
    }
  }
  const expects = framed && body !== '' && !old && !facts.noServers && chance(random, 10);
  if (expects) headers.push('Expect: 100-continue');
  // Any order of the lines is right.
  if (chance(random, 30)) headers.push(headers.splice(random.below(headers.length + 1), 1)[0] ?? 'X-Moved: 1');
  return {
    startLine: `${method} ${target} HTTP/1.${old ? 0 : 1}`,
    headers,
    body,
    expects,
    jar: chance(random, 40),
    pipelined: false,
    answers: answers(random, facts, method, expects, body !== '', old),
  };
}

const FAILURES: readonly [Answer, ...Answer[]] = [
  { after: 'whole', says: '', afterwards: 'close' },
  { after: 'whole', says: '', afterwards: 'reset' },
  { after: 'whole', says: 'HTTP/1.1 200 OK\r\nContent-Le', afterwards: 'close' },
  { after: 'whole', says: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', afterwards: 'close' },
  { after: 'whole', says: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n', afterwards: 'close' },
  { after: 'whole', says: 'garbage\r\n\r\n', afterwards: 'close' },
  { after: 'whole', says: 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n', afterwards: 'keep' },
  {
    after: 'whole',
    says: 'HTTP/1.1 500 Oops\r\nContent-Length: 4\r\nConnection: close\r\n\r\noops',
    afterwards: 'close',
  },
  { after: 'whole', says: 'HTTP/1.1 200 OK\r\nBad Name: 1\r\nContent-Length: 0\r\n\r\n', afterwards: 'close' },
];

function answers(
  random: SeededRandom,
  facts: Circumstances,
  method: string,
  expects: boolean,
  hasBody: boolean,
  old: boolean,
): Answer[] {
  const list: Answer[] = [];
  while (chance(random, facts.failures) && list.length < 4) {
    const failure = random.pick(FAILURES);
    // HTTP/1.0 has no chunks: haproxy sends them all the same, here the client gets what is in them.
    if (!old || !failure.says.includes('chunked')) list.push(failure);
    else break;
  }
  if (facts.impatient && chance(random, 10)) list.push({ after: 'whole', says: '', afterwards: 'keep' });
  list.push(goodAnswer(random, facts, method, expects, hasBody, old));
  return list;
}

function goodAnswer(
  random: SeededRandom,
  facts: Circumstances,
  method: string,
  expects: boolean,
  hasBody: boolean,
  old: boolean,
): Answer {
  const status = random.pick(STATUSES);
  const version = chance(random, 12) ? 0 : 1;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  const fields = someOf(random, ANSWER_FIELDS, 4);
  const name = facts.cookieNames[0];
  if (name !== undefined && chance(random, 25)) fields.push(`Set-Cookie: ${name}=own; Path=/`);
  const body = text(random, chance(random, 5) ? 60_000 : 400);
  let says = '';
  let sent = body;
  let afterwards: Answer['afterwards'] = 'keep';
  const framing = random.below(10);
  if (status === 204 || (status === 304 && framing < 5)) {
    sent = '';
  } else if (framing < 5 || (bodiless && framing < 8)) {
    fields.push(`Content-Length: ${body.length}`);
    // To a client of HTTP/1.0 haproxy sends chunks, which it cannot read.
  } else if (framing < 8 && version === 1 && !old) {
    fields.push('Transfer-Encoding: chunked');
    sent = chunked(random, body, false);
  } else {
    afterwards = 'close';
  }
  // A connection that is closed unannounced may be taken for the next request, or not.
  if (afterwards === 'close' && bodiless && version === 1) fields.push('Connection: close');
  if (afterwards === 'keep' && chance(random, 15)) {
    fields.push('Connection: close');
    afterwards = 'close';
  } else if (version === 0 && afterwards === 'keep') {
    if (chance(random, 50)) fields.push('Connection: keep-alive');
    else afterwards = 'close';
  } else if (chance(random, 10)) fields.push('Connection: keep-alive');
  // With retry-on haproxy 2.6 loses the answer behind an interim one, and says 504.
  if (!facts.retries && chance(random, 5) && !old && !expects) says += 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
  const reason = chance(random, 80) ? ` S${status}` : random.pick(REASONS);
  says += `HTTP/1.${version} ${status}${reason}\r\n${fields.map((one) => `${one}\r\n`).join('')}\r\n`;
  if (!bodiless) says += sent;
  return {
    // Who expects 100 gets it: haproxy waits for a body that was not asked for, Tandem lets such a client go.
    after: !expects && afterwards === 'keep' && hasBody && chance(random, 10) ? 'head' : 'whole',
    says,
    afterwards,
  };
}

export function someClients(random: SeededRandom, facts: Circumstances): Client[] {
  return Array.from({ length: 1 + random.below(5) }, (): Client => {
    const requests = Array.from({ length: 1 + random.below(chance(random, 30) ? 5 : 2) }, () =>
      someRequest(random, facts),
    ).map((one, r) => (r === 0 ? one : withoutFailures(one)));
    for (let i = 0; i + 1 < requests.length; i++) {
      const one = requests[i];
      if (one !== undefined && !one.expects && chance(random, 12)) requests[i] = { ...one, pipelined: true };
    }
    const ending = someEnding(random, facts);
    const last = requests.at(-1);
    if (ending !== 'end' && last !== undefined) {
      const held: Answer = {
        after: 'whole',
        says: 'HTTP/1.1 200 Late\r\nContent-Length: 0\r\n\r\n',
        afterwards: 'held',
      };
      const silent: Answer = { after: 'whole', says: '', afterwards: 'keep' };
      requests[requests.length - 1] = {
        ...last,
        startLine: last.startLine.replace(/^HEAD/, 'GET'),
        expects: false,
        headers: last.headers.filter((line) => !line.startsWith('Expect')),
        answers: [ending === 'hold' ? held : silent],
      };
    }
    return { address: 1 + random.below(9), requests, ending };
  });
}

/**
 * When a server fails a request that is not the first on its client's connection, haproxy ends that connection without a
 * word, and without a line in its log; here it is answered like the first. So only first ones are failed.
 */
function withoutFailures(request: Request): Request {
  return { ...request, answers: request.answers.slice(-1) };
}

function someEnding(random: SeededRandom, facts: Circumstances): Client['ending'] {
  if (facts.queues && chance(random, 35)) return 'hold';
  // haproxy does not look for a reset while it waits for an answer, unless it is told to.
  if (facts.abortsOnClose && chance(random, 15)) return 'leave';
  if (facts.impatient && chance(random, 15)) return 'leave-softly';
  return 'end';
}
