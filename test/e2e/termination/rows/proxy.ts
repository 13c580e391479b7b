/** Ends that are the proxy's own decision (P, I, R). */
import { GET, OK, OK_CHUNKED, POST_CHUNKED } from '../messages.ts';
import type { Row } from '../row.ts';

const WEB = 'http-reuse never;server a $s1';

/** A row in which a request is refused. */
function refused(title: string, request: string, state = 'PR--', more = '', deviation?: Row['deviation']): Row {
  return {
    title,
    state,
    conf: `${more};${WEB}`,
    play: async (scene) => void (await scene.client(request)),
    ...(deviation === undefined ? {} : { deviation }),
  };
}

/** A row in which what the server says is not passed on. */
function discarded(title: string, state: string, said: string, deviation?: Row['deviation']): Row {
  return {
    title,
    state,
    conf: WEB,
    play: async (scene) => {
      await scene.client(GET);
      (await scene.asked()).send(said);
    },
    anyBytes: true,
    ...(deviation === undefined ? {} : { deviation }),
  };
}

const TOO_LARGE = {
  log: '<NOSRV> -1/-1/-1/-1/0 431 0 - - PR-- 1/0/0/0 0/0 "<BADREQ>"',
  told:
    'HTTP/1.1 431 Request Header Fields Too Large | cache-control: no-cache | content-length: 133 | content-type: text/html || ' +
    '"<html><body><h1>431 Request Header Fields Too Large</h1>\\n' +
    'The header fields of the request exceed the maximum allowed.\\n</body></html>\\n" FIN',
  why: 'RFC 6585 5 has a status for it',
};
const KNOWN = {
  log: '<NOSRV> 0/-1/-1/-1/0 400 206 - - PR-- 1/0/0/0 0/0 "POST / HTTP/1.1"',
  why: 'the head was a good one; haproxy forgets it when bad chunks are in the same segment',
};

export const PROXY: readonly Row[] = [
  refused('not HTTP', 'what?\r\n\r\n'),
  refused('a control character in the target', 'GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a blank in a name', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'),
  refused('two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'),
  refused('a length that is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nhello'),
  refused('HTTP/0.9', 'GET /\r\n'),
  refused(
    'a head that is too long',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    'PR--',
    '',
    TOO_LARGE,
  ),
  refused('too many fields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(120)}\r\n`, 'PR--', '', TOO_LARGE),
  refused('chunks that are none', `${POST_CHUNKED}hello\r\n`, 'PR--', '', KNOWN),
  {
    title: 'chunks that are none, while the server waits for them',
    state: 'PH--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(POST_CHUNKED);
      await scene.asked();
      client.send('hello\r\n');
    },
  },
  {
    title: 'chunks that are none in the second place',
    state: 'PH--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST_CHUNKED}2\r\nhe\r\n`);
      await scene.asked('he');
      client.send('llo\r\n');
    },
  },
  {
    title: 'chunks that are none, while the answer comes',
    state: 'PD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST_CHUNKED}2\r\nhe\r\n`);
      const server = await scene.asked('he');
      server.send(`${OK_CHUNKED}2\r\nan\r\n`);
      await client.until('an');
      client.send('llo\r\n');
    },
  },
  refused('chunks that are none, buffered', `${POST_CHUNKED}hello\r\n`, 'PR--', 'option http-buffer-request', KNOWN),
  {
    title: 'the second request is bad',
    state: ['----', 'PR--'],
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      (await scene.asked()).send(OK);
      await client.until('hi');
      client.send('what?\r\n\r\n');
    },
  },
  discarded('not HTTP from the server', 'PH--', 'what?\r\n\r\n'),
  discarded('a blank in a name of the answer', 'PH--', 'HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n', {
    log: 'a 0/0/0/0/0 200 * - - ---- 1/0/0/0 0/0 "GET / HTTP/1.1"',
    told: 'HTTP/1.1 200 OK | content-length: 0 | x: y || "" FIN',
    why: 'RFC 9112 5.1: in a response it is taken out',
  }),
  discarded('two lengths in the answer', 'PH--', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi'),
  discarded('a status that is no number', 'PH--', 'HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n'),
  discarded('an answer with a head that is too long', 'PH--', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
  discarded('an answer with too many fields', 'PH--', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(120)}\r\n`),
  discarded('101 that nobody asked for', 'PH--', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  discarded('chunks of the answer that are none', 'PH--', `${OK_CHUNKED}hello\r\n`),
  discarded('chunks of the answer that become none in the same segment', 'PH--', `${OK_CHUNKED}2\r\nhe\r\nllo\r\n`),
  {
    title: 'chunks of the answer that become none',
    state: 'SD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_CHUNKED}2\r\nhe\r\n`);
      await client.until('he');
      server.send('llo\r\n');
    },
  },
];
