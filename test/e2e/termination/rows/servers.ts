/** Ends that are the server's: it refuses, leaves (S), or keeps everybody waiting (s). */
import { GET, HEAD, OK, OK_CHUNKED, OK_CLOSE, OK_FIVE, OK_OPEN, POST, POST_CHUNKED } from '../messages.ts';
import type { Row } from '../row.ts';

const WEB = 'http-reuse never;server a $s1';
const SHORT = 'timeout server 300';

/** A row in which the server says something to a request, and leaves. */
function leaves(
  title: string,
  state: string,
  said: string,
  how: 'FIN' | 'RST',
  request = GET,
  more = '',
  deviation?: Row['deviation'],
): Row {
  return {
    title,
    state,
    conf: `${more};${WEB}`,
    play: async (scene) => {
      const client = await scene.client(request);
      const server = await scene.asked(request.slice(-4));
      if (said !== '') server.send(said);
      // Before it has been passed on, haproxy may not even have seen it when the end comes.
      const shown = /\b(he|an)\b|\r\n\r\n$/.exec(said)?.[0];
      if (shown !== undefined) await client.until(shown);
      if (how === 'FIN') server.fin();
      else server.reset();
    },
    ...(deviation === undefined ? {} : { deviation }),
  };
}

/** A row in which the server says something to a request, and no more. */
function stalls(title: string, state: string, said: string, request = GET, deviation?: Row['deviation']): Row {
  return {
    title,
    state,
    conf: `${SHORT};${WEB}`,
    play: async (scene) => {
      await scene.client(request);
      const server = await scene.asked(request.slice(-4));
      if (said !== '') server.send(said);
    },
    ...(deviation === undefined ? {} : { deviation }),
  };
}

const VISIBLE = 'behind a FIN a body without a length would look complete';
const TOLD_502 =
  'HTTP/1.1 502 Bad Gateway | cache-control: no-cache | content-length: 107 | content-type: text/html || ' +
  '"<html><body><h1>502 Bad Gateway</h1>\\nThe server returned an invalid or incomplete response.\\n</body></html>\\n" FIN';

export const SERVERS: readonly Row[] = [
  {
    title: 'a server that refuses',
    state: 'SC--',
    conf: 'server a $refused',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'a server that refuses HEAD',
    state: 'SC--',
    conf: 'server a $refused',
    play: async (scene) => void (await scene.client(HEAD)),
  },
  {
    title: 'a server that refuses an upload',
    state: 'SC--',
    conf: 'server a $refused',
    play: async (scene) => void (await scene.client(`${POST}hello`)),
  },
  {
    title: 'a server that refuses all tries',
    state: 'SC--',
    conf: 'retries 2;timeout connect 50;server a $refused',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'two servers that refuse',
    state: 'SC--',
    conf: 'retries 1;option redispatch;balance first;timeout connect 50;server a $refused;server b $refused',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'a server that does not accept',
    state: 'sC--',
    conf: 'timeout connect 300;server a $hole',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'a server that does not accept, twice',
    state: 'sC--',
    conf: 'retries 1;timeout connect 200;server a $hole',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'no server',
    state: 'SC--',
    conf: '',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'no server that may be used',
    state: 'SC--',
    conf: 'server a $s1 disabled',
    play: async (scene) => void (await scene.client(GET)),
  },
  {
    title: 'no server for an upload',
    state: 'SC--',
    conf: 'server a $s1 disabled',
    play: async (scene) => void (await scene.client(`${POST}he`)),
  },
  {
    title: 'no place at the server in time',
    state: ['sQ--', '----'],
    conf: 'timeout queue 200;server a $s1 maxconn 1',
    play: async (scene) => {
      const first = await scene.client(GET);
      const server = await scene.asked();
      await scene.client('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await scene.logged();
      server.send(OK);
      await first.until('hi');
    },
  },
  {
    title: 'no place in time, where the time to connect counts',
    state: ['sQ--', '----'],
    conf: 'timeout connect 200;server a $s1 maxconn 1',
    play: async (scene) => {
      const first = await scene.client(GET);
      const server = await scene.asked();
      await scene.client('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await scene.logged();
      server.send(OK);
      await first.until('hi');
    },
  },
  {
    title: 'no place at the server that the cookie names',
    state: ['sQ--', '----'].map((state) => `${state.slice(0, 2)}VN`),
    conf: 'timeout queue 200;cookie S insert indirect;server a $s1 maxconn 1 cookie a;server b $s2 cookie b',
    play: async (scene) => {
      const request = 'GET / HTTP/1.1\r\nHost: a\r\nCookie: S=a\r\n\r\n';
      const first = await scene.client(request);
      const server = await scene.asked();
      await scene.client(request);
      await scene.logged();
      server.send(OK);
      await first.until('hi');
    },
  },
  leaves('a server that closes without a word', 'SH--', '', 'FIN'),
  leaves('a server that resets without a word', 'SH--', '', 'RST'),
  leaves('a server that closes without a word on HEAD', 'SH--', '', 'FIN', HEAD),
  leaves('a server that closes without a word on an upload', 'SH--', '', 'FIN', `${POST}hello`),
  leaves('a server that resets in the middle of an upload', 'SD--', '', 'RST', `${POST}he`, '', {
    log: 'a 0/0/0/-1/0 502 209 - - SH-- 1/0/0/0 0/0 "POST / HTTP/1.1"',
    told: TOLD_502,
    why: 'haproxy says nothing to the client; it is told what it would be told if the server had closed',
  }),
  leaves('a server that closes in the middle of an upload', 'SH--', '', 'FIN', `${POST}he`),
  leaves('half a head and FIN', 'SH--', 'HTTP/1.1 200 OK\r\nContent-', 'FIN'),
  leaves('half a status line and FIN', 'SH--', 'HTT', 'FIN'),
  leaves('100 and FIN', 'SH--', 'HTTP/1.1 100 Continue\r\n\r\n', 'FIN', `${POST}hello`),
  leaves('103 and FIN', 'SH--', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'FIN'),
  leaves('FIN in the middle of a body', 'SD--', `${OK_FIVE}he`, 'FIN'),
  leaves('FIN behind a head that promises a body', 'SD--', OK_FIVE, 'FIN'),
  leaves('RST in the middle of a body', 'SD--', `${OK_FIVE}he`, 'RST'),
  leaves('FIN in the middle of a chunk', 'SD--', `${OK_CHUNKED}5\r\nhe`, 'FIN'),
  leaves('FIN between chunks', 'SD--', `${OK_CHUNKED}2\r\nhe\r\n`, 'FIN'),
  leaves('FIN before the last empty line', 'SD--', `${OK_CHUNKED}2\r\nhe\r\n0\r\n`, 'FIN'),
  leaves('RST between chunks', 'SD--', `${OK_CHUNKED}2\r\nhe\r\n`, 'RST'),
  leaves('RST in a body that ends with the connection', 'SD--', `${OK_OPEN}he`, 'RST', GET, '', {
    told: 'RST',
    why: VISIBLE,
  }),
  leaves('FIN in the middle of a body, while the upload goes on', 'SD--', `${OK_FIVE}an`, 'FIN', `${POST}he`),
  leaves('RST in the middle of a body, while the upload goes on', 'SD--', `${OK_FIVE}an`, 'RST', `${POST}he`),
  leaves('FIN in the middle of a body for HTTP/1.0', 'SD--', `${OK_FIVE}he`, 'FIN', 'GET / HTTP/1.0\r\n\r\n'),
  leaves(
    'FIN in the middle of chunks for HTTP/1.0',
    'SD--',
    `${OK_CHUNKED}5\r\nhe`,
    'FIN',
    'GET / HTTP/1.0\r\n\r\n',
    '',
    { told: 'RST', why: `chunks are taken off for HTTP/1.0, and ${VISIBLE}` },
  ),
  leaves('FIN in the middle of a body, option httpclose', 'SD--', `${OK_FIVE}he`, 'FIN', GET, 'option httpclose'),
  stalls('a server that thinks too long', 'sH--', ''),
  stalls('a server that thinks too long about HEAD', 'sH--', '', HEAD),
  stalls('a server that thinks too long about an upload', 'sH--', '', `${POST}hello`),
  stalls('a server that thinks too long about chunks', 'sH--', '', `${POST_CHUNKED}5\r\nhello\r\n0\r\n\r\n`),
  stalls('a server that stalls in its head', 'sH--', 'HTTP/1.1 200 OK\r\nConte'),
  stalls('a server that stalls after 103', 'sH--', 'HTTP/1.1 103 Early Hints\r\n\r\n'),
  stalls('a server that stalls in its body', 'sD--', `${OK_FIVE}he`),
  stalls('a server that stalls behind its head', 'sD--', OK_FIVE),
  stalls('a server that stalls in a chunk', 'sD--', `${OK_CHUNKED}5\r\nhe`),
  stalls('a server that stalls between chunks', 'sD--', `${OK_CHUNKED}2\r\nhe\r\n`),
  stalls('a server that stalls before the last empty line', 'sD--', `${OK_CHUNKED}2\r\nhe\r\n0\r\n`),
  stalls('a server that stalls in a body that ends with the connection', 'sD--', `${OK_OPEN}he`, GET, {
    told: 'RST',
    why: VISIBLE,
  }),
  {
    title: 'a kept connection that the server closes under the second request, which is tried again',
    state: ['----', '----'],
    conf: 'retries 1;http-reuse aggressive;server a $s1',
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(OK);
      await client.until('hi');
      server.fin();
      await server.ended();
      client.send(GET);
      (await scene.asked()).send(OK);
      await client.until('hi');
    },
  },
  {
    title: 'a kept connection on which the server leaves with the second request unanswered: the client may ask again',
    state: '----',
    conf: 'server a $s1',
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(OK);
      await client.until('hi');
      client.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await server.until('/2');
      scene.answers(OK_CLOSE, '/2');
      server.fin();
      await client.until('hi').catch(() => undefined);
    },
    deviation: {
      log: [
        'a 0/0/0/0/0 200 51 - - ---- 1/0/0/0 0/0 "GET / HTTP/1.1"',
        'a 0/0/0/0/0 200 51 - - ---- 1/0/0/0 0/0 "GET /2 HTTP/1.1"',
      ],
      told: 'HTTP/1.1 200 OK | content-length: 2 || "hi" || HTTP/1.1 200 OK | content-length: 2 || "hi" FIN',
      why: 'RFC 9112 9.3.1: what is idempotent is asked again on a new connection, so that the client need not',
    },
  },
  {
    title: 'as many wait for the server of the cookie as may',
    state: ['SQVN', '--VN', '--VN'],
    anyCounts: true,
    conf: 'cookie S insert indirect;server a $s1 cookie a maxconn 1 maxqueue 1;server b $s2 cookie b',
    play: async (scene) => {
      const request = 'GET / HTTP/1.1\r\nHost: a\r\nCookie: S=a\r\nConnection: close\r\n\r\n';
      await scene.client(request);
      const server = await scene.asked();
      await scene.client(request);
      await scene.taken();
      await scene.client(request);
      await scene.logged();
      server.send(OK_CLOSE);
      (await scene.asked()).send(OK_CLOSE);
    },
  },
  {
    title: 'more than was promised: nobody wants it',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      await scene.client(GET);
      (await scene.asked()).send(`${OK}HTTP/1.1 200 OK\r\n`);
    },
  },
  {
    title: 'HEAD, and a body nevertheless',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      await scene.client(HEAD);
      (await scene.asked()).send(OK);
    },
  },
];
