/** Streams that go well. */
import {
  CHUNKS,
  GET,
  GET_CLOSE,
  HEAD,
  HTTP10,
  OK,
  OK_CHUNKED,
  OK_CLOSE,
  OK_FIVE,
  OK_OPEN,
  POST,
  POST_CHUNKED,
} from '../messages.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

/** One request, one answer. */
function exchange(request: string, answer: string): (scene: Scene) => Promise<void> {
  return async (scene) => {
    await scene.client(request);
    const server = await scene.asked();
    server.send(answer);
  };
}

const WEB = 'server a $s1';

export const WHOLE: readonly Row[] = [
  { title: 'an answer, and the connection stays', state: '----', conf: WEB, play: exchange(GET, OK) },
  {
    title: 'an answer to a client that wants to close',
    state: '----',
    conf: WEB,
    play: exchange(GET_CLOSE, OK),
  },
  { title: 'HTTP/1.0', state: '----', conf: WEB, play: exchange(HTTP10, OK) },
  {
    title: 'HTTP/1.0 with keep-alive',
    state: '----',
    conf: WEB,
    play: exchange('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', OK),
  },
  { title: 'a server that wants to close', state: '----', conf: WEB, play: exchange(GET, OK_CLOSE) },
  { title: 'option httpclose', state: '----', conf: `option httpclose;${WEB}`, play: exchange(GET, OK) },
  {
    title: 'option http-server-close',
    state: '----',
    conf: `option http-server-close;${WEB}`,
    play: exchange(GET, OK),
  },
  { title: 'chunks', state: '----', conf: WEB, play: exchange(GET, `${OK_CHUNKED}${CHUNKS}`) },
  {
    title: 'chunks for HTTP/1.0',
    state: '----',
    conf: WEB,
    play: exchange(HTTP10, `${OK_CHUNKED}${CHUNKS}`),
    deviation: {
      told: 'HTTP/1.1 200 OK || "hello" FIN',
      why: 'RFC 9112 6.1: HTTP/1.0 knows no chunks',
    },
  },
  {
    title: 'an empty body',
    state: '----',
    conf: WEB,
    play: exchange(GET, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  },
  { title: 'HEAD', state: '----', conf: WEB, play: exchange(HEAD, OK_FIVE) },
  { title: 'HEAD of chunks', state: '----', conf: WEB, play: exchange(HEAD, OK_CHUNKED) },
  { title: '204', state: '----', conf: WEB, play: exchange(GET, 'HTTP/1.1 204 No Content\r\n\r\n') },
  {
    title: '304 with the length of what it does not send',
    state: '----',
    conf: WEB,
    play: exchange(GET, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'),
  },
  {
    title: '404',
    state: '----',
    conf: WEB,
    play: exchange(GET, 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno'),
  },
  {
    title: '503 of the server itself',
    state: '----',
    conf: WEB,
    play: exchange(GET, 'HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno'),
  },
  { title: 'POST with a length', state: '----', conf: WEB, play: exchange(`${POST}hello`, OK) },
  { title: 'POST in chunks', state: '----', conf: WEB, play: exchange(`${POST_CHUNKED}${CHUNKS}`, OK) },
  {
    title: '103, then the answer',
    state: '----',
    conf: WEB,
    play: exchange(GET, `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OK}`),
  },
  {
    title: 'a body that ends with the connection',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_OPEN}all`);
      server.fin();
    },
  },
  {
    title: 'a body that ends with the connection, after the client wanted to close',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      await scene.client(GET_CLOSE);
      const server = await scene.asked();
      server.send(`${OK_OPEN}all`);
      server.fin();
    },
  },
  {
    title: 'HEAD of a body without a length',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(HEAD);
      const server = await scene.asked();
      server.send(OK_OPEN);
      await client.until('\r\n\r\n');
    },
  },
  {
    title: 'Expect: 100-continue, which the server says',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(POST.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'));
      const server = await scene.asked();
      server.send('HTTP/1.1 100 Continue\r\n\r\n');
      await client.until('100 Continue\r\n\r\n');
      client.send('hello');
      await server.until('hello');
      server.send(OK);
      await client.until('hi');
    },
  },
  {
    title: 'two requests in one segment',
    state: ['----', '----'],
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${GET}GET /2 HTTP/1.1\r\nHost: a\r\n\r\n`);
      const server = await scene.asked();
      server.send(OK);
      await server.until('GET /2');
      server.send(OK);
      await client.until('hi');
      await client.until('hi');
    },
  },
  {
    title: 'two requests one after the other, then the client leaves',
    state: ['----', '----'],
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(OK);
      await client.until('hi');
      client.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await server.until('GET /2');
      server.send(OK);
      await client.until('hi');
      client.fin();
    },
  },
  {
    title: 'a client that says its end behind its request gets its answer',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      client.fin();
      const server = await scene.asked();
      server.send(OK);
    },
  },
  {
    title: 'a client that says its end while the answer comes gets all of it',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_FIVE}he`);
      await client.until('he');
      client.fin();
      server.send('llo');
    },
  },
  {
    title: 'an answer before all of the request, which comes nevertheless',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      const server = await scene.asked('he');
      server.send(OK);
      await client.until('hi');
      client.send('llo');
      await server.until('llo');
    },
  },
  {
    title: 'an answer before all of the request, which comes after the server has closed',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      const server = await scene.asked('he');
      server.send(OK_CLOSE);
      server.fin();
      await client.until('hi');
      client.send('llo');
    },
  },
  {
    title: 'an empty line before the request',
    state: '----',
    conf: WEB,
    play: exchange(`\r\n${GET}`, OK),
  },
  {
    title: 'an absolute target',
    state: '----',
    conf: WEB,
    play: exchange('GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n', OK),
  },
  {
    title: 'the second try succeeds',
    state: '----',
    conf: 'retries 3;option redispatch 1;balance roundrobin;server r $refused;server a $s1',
    play: exchange(GET, OK),
  },
  {
    title: 'a backup stands in where the others refuse',
    state: '----',
    conf: 'retries 1;option redispatch;server r $refused disabled;server a $s1 backup',
    play: exchange(GET, OK),
  },
  {
    title: 'option http-buffer-request',
    state: '----',
    conf: `option http-buffer-request;${WEB}`,
    play: exchange(`${POST}hello`, OK),
  },
  {
    title: 'waiting for a place, then the answer',
    state: ['----', '----'],
    anyCounts: true,
    conf: 'server a $s1 maxconn 1',
    play: async (scene) => {
      await scene.client(GET_CLOSE);
      const server = await scene.asked();
      await scene.client('GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      await scene.taken();
      server.send(OK_CLOSE);
      scene.answers(OK, '/2');
    },
  },
];
