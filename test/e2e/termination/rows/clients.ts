/** Ends that are the client's: it leaves (C), or says and takes nothing for too long (c). */
import {
  CHUNKS,
  GET,
  GET_CLOSE,
  OK,
  OK_CHUNKED,
  OK_CLOSE,
  OK_FIVE,
  OK_FLOOD,
  OK_OPEN,
  POST,
  POST_CHUNKED,
} from '../messages.ts';
import type { Row } from '../row.ts';

const WEB = 'server a $s1';
const SHORT = 'timeout client 300;timeout server 900';

// Why Tandem is not like haproxy in some rows.
const SILENT = 'who has asked nothing is told nothing';
const GONE =
  'haproxy does not look at a client that waits, so the server works for nobody; RST says that nobody will read';
const LISTENS = 'a client that ends half-way may still listen, and its server is not waited for';
const STALLED = 'it is the client that everybody waits for, so it is told so, and the server gets its slot back';
const page = (start: string, length: number, text: string): string =>
  `HTTP/1.1 ${start} | cache-control: no-cache | content-length: ${length} | content-type: text/html || ` +
  `${JSON.stringify(`<html><body><h1>${start}</h1>\n${text}\n</body></html>\n`)} FIN`;
const TOLD_400 = page('400 Bad request', 90, 'Your browser sent an invalid request.');
const TOLD_408 = page('408 Request Time-out', 110, "Your browser didn't send a complete request in time.");

/** A row in which the client sends a part of its request, and no more. */
function stalls(title: string, request: string): Row {
  return {
    title,
    state: 'sH--',
    conf: `${SHORT};${WEB}`,
    play: async (scene) => {
      await scene.client(request);
      await scene.asked('\r\n\r\n');
    },
    deviation: { log: 'a 0/0/0/-1/0 408 232 - - cD-- 1/0/0/0 0/0 "POST / HTTP/1.1"', told: TOLD_408, why: STALLED },
  };
}

export const CLIENTS: readonly Row[] = [
  {
    title: 'no word, then FIN',
    state: 'CR--',
    conf: WEB,
    play: async (scene) => (await scene.client()).fin(),
    deviation: { told: 'FIN', why: SILENT },
  },
  {
    title: 'no word, then RST',
    state: 'CR--',
    conf: WEB,
    play: async (scene) => (await scene.client()).reset(),
  },
  {
    title: 'half a head, then FIN',
    state: 'CR--',
    conf: WEB,
    play: async (scene) => (await scene.client('GET / HTTP/1.1\r\nHo')).fin(),
  },
  {
    title: 'an empty line, then FIN',
    state: 'CR--',
    conf: WEB,
    play: async (scene) => (await scene.client('\r\n')).fin(),
    deviation: { told: 'FIN', why: SILENT },
  },
  {
    title: 'no word for too long',
    state: 'cR--',
    conf: `timeout http-request 500;${WEB}`,
    play: async (scene) => void (await scene.client()),
  },
  {
    title: 'half a head for too long',
    state: 'cR--',
    conf: `timeout http-request 500;${WEB}`,
    play: async (scene) => void (await scene.client('GET / HTTP/1.1\r\nHo')),
  },
  {
    title: 'half a second head for too long',
    state: ['----', 'cR--'],
    conf: `timeout http-request 500;${WEB}`,
    play: async (scene) => {
      const client = await scene.client(GET);
      (await scene.asked()).send(OK);
      await client.until('hi');
      client.send('GET /2');
    },
  },
  {
    title: 'half a second head, then FIN',
    state: ['----', 'CR--'],
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      (await scene.asked()).send(OK);
      await client.until('hi');
      client.send('GET /2');
      client.fin();
    },
  },
  {
    title: 'no second request: that is no event',
    state: '----',
    conf: `timeout http-keep-alive 100;${WEB}`,
    play: async (scene) => {
      await scene.client(GET);
      (await scene.asked()).send(OK);
    },
  },
  {
    title: 'RST while the server thinks',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      client.reset();
      await scene.taken();
      server.send(OK);
    },
    deviation: { log: `a 0/0/0/-1/0 -1 0 - - CH-- 1/0/0/0 0/0 "GET / HTTP/1.1"`, why: GONE },
  },
  {
    title: 'FIN while the server thinks, with option abortonclose',
    state: 'CH--',
    conf: `option abortonclose;${WEB}`,
    play: async (scene) => {
      const client = await scene.client(GET);
      await scene.asked();
      client.fin();
    },
  },
  {
    title: 'RST while a server is being connected to',
    state: 'sC--',
    conf: 'timeout connect 500;server a $hole',
    play: async (scene) => {
      const client = await scene.client(GET);
      await scene.taken();
      client.reset();
    },
    deviation: { log: 'a 0/0/-1/-1/0 -1 0 - - CC-- 1/0/0/0 0/0 "GET / HTTP/1.1"', why: GONE },
  },
  {
    title: 'FIN while a server is being connected to, with option abortonclose',
    state: 'CC--',
    conf: 'option abortonclose;server a $hole',
    play: async (scene) => {
      const client = await scene.client(GET);
      await scene.taken();
      client.fin();
    },
  },
  {
    title: 'RST in the queue',
    state: ['----', 'CD--'],
    anyCounts: true,
    conf: 'server a $s1 maxconn 1',
    play: async (scene) => {
      await scene.client(GET_CLOSE);
      const server = await scene.asked();
      const second = await scene.client('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await scene.taken();
      second.reset();
      await scene.taken();
      server.send(OK_CLOSE);
      scene.answers(OK, '/2');
      await scene.logged(2);
    },
    deviation: {
      log: [
        '<NOSRV> 0/0/-1/-1/0 -1 0 - - CQ-- */0 0/1 "GET /2 HTTP/1.1"',
        'a 0/0/0/0/0 200 51 - - ---- */0 0/0 "GET / HTTP/1.1"',
      ],
      why: GONE,
    },
  },
  {
    title: 'FIN in the queue, with option abortonclose',
    state: ['CQ--', '----'],
    conf: 'option abortonclose;server a $s1 maxconn 1',
    play: async (scene) => {
      const first = await scene.client(GET);
      const server = await scene.asked();
      const second = await scene.client('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await scene.taken();
      second.fin();
      await scene.logged();
      server.send(OK);
      await first.until('hi');
    },
  },
  {
    title: 'RST in the middle of an answer with a length',
    state: 'CD--',
    anyBytes: true,
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_FIVE}he`);
      await client.until('he');
      client.reset();
      await scene.taken();
      server.send('llo');
    },
  },
  {
    title: 'RST in the middle of chunks',
    state: 'CD--',
    anyBytes: true,
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_CHUNKED}2\r\nhe\r\n`);
      await client.until('he');
      client.reset();
      await scene.taken();
      server.send('3\r\nllo\r\n0\r\n\r\n');
    },
  },
  {
    title: 'RST in the middle of a body that ends with the connection',
    state: 'CD--',
    anyBytes: true,
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_OPEN}he`);
      await client.until('he');
      client.reset();
      await scene.taken();
      server.send('llo');
    },
  },
  {
    title: 'RST in the middle of an upload',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      await scene.asked('he');
      client.reset();
    },
  },
  {
    title: 'FIN in the middle of an upload',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      await scene.asked('he');
      client.fin();
    },
    deviation: { log: 'a 0/0/0/-1/0 400 206 - - CD-- 1/0/0/0 0/0 "POST / HTTP/1.1"', told: TOLD_400, why: LISTENS },
  },
  {
    title: 'FIN in the middle of chunks of an upload',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST_CHUNKED}2\r\nhe\r\n`);
      await scene.asked('he');
      client.fin();
    },
    deviation: { log: 'a 0/0/0/-1/0 400 206 - - CD-- 1/0/0/0 0/0 "POST / HTTP/1.1"', told: TOLD_400, why: LISTENS },
  },
  {
    title: 'FIN in the middle of an upload, while the answer comes',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      const server = await scene.asked('he');
      server.send(`${OK_FIVE}an`);
      await client.until('an');
      client.fin();
    },
  },
  {
    title: 'RST in the middle of an upload, while the answer comes',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      const server = await scene.asked('he');
      server.send(`${OK_FIVE}an`);
      await client.until('an');
      client.reset();
    },
  },
  {
    title: 'Expect: 100-continue, and the answer comes without it: the client leaves',
    state: 'CD--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(POST.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'));
      const server = await scene.asked();
      server.send('HTTP/1.1 417 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      server.fin();
      await client.until('no');
      client.fin();
    },
    deviation: {
      log: 'a 0/0/0/0/0 417 51 - - ---- 1/0/0/0 0/0 "POST / HTTP/1.1"',
      why: 'who was refused need not send what nobody wants: the exchange is over',
    },
  },
  {
    title: 'FIN in the middle of an upload that is being buffered',
    state: 'CR--',
    conf: `option http-buffer-request;${WEB}`,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      await scene.taken();
      client.fin();
    },
    deviation: {
      log: '<NOSRV> -1/-1/-1/-1/0 400 206 - - CR-- 1/0/0/0 0/0 "POST / HTTP/1.1"',
      told: TOLD_400,
      why: LISTENS,
    },
  },
  {
    title: 'an upload that stalls while it is being buffered',
    state: 'cR--',
    conf: `option http-buffer-request;timeout http-request 900;${WEB}`,
    play: async (scene) => void (await scene.client(`${POST}he`)),
  },
  stalls('an upload that stalls', `${POST}he`),
  stalls('an upload of chunks that stalls', `${POST_CHUNKED}2\r\nhe\r\n`),
  stalls('an upload that stalls before its first byte', POST),
  {
    title: 'a body that was expected and never comes',
    state: 'sH--',
    conf: `${SHORT};${WEB}`,
    play: async (scene) => {
      await scene.client(POST.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'));
      (await scene.asked()).send('HTTP/1.1 100 Continue\r\n\r\n');
    },
    deviation: {
      log: 'a 0/0/0/-1/0 408 272 - - cD-- 1/0/0/0 0/0 "POST / HTTP/1.1"',
      told: `HTTP/1.1 100 Continue || ${TOLD_408}`,
      why: STALLED,
    },
  },
  {
    title: 'an upload that stalls while the answer comes',
    state: 'sD--',
    conf: `${SHORT};${WEB}`,
    play: async (scene) => {
      const client = await scene.client(`${POST}he`);
      const server = await scene.asked('he');
      server.send(`${OK_FIVE}an`);
      await client.until('an');
    },
    deviation: { log: 'a 0/0/0/0/0 200 51 - - cD-- 1/0/0/0 0/0 "POST / HTTP/1.1"', why: STALLED },
  },
  {
    title: 'an upload that stalls in the queue',
    state: ['sQ--', '----'],
    anyCounts: true,
    conf: 'timeout client 300;timeout queue 600;server a $s1 maxconn 1',
    play: async (scene) => {
      const first = await scene.client(GET);
      const server = await scene.asked();
      await scene.client(`${POST}he`);
      await scene.logged();
      server.send(OK);
      await first.until('hi');
    },
  },
  {
    title: 'an answer that nobody takes',
    state: 'cD--',
    anyBytes: true,
    conf: `timeout client 300;${WEB}`,
    play: async (scene) => {
      const client = await scene.client();
      client.pause();
      client.send(GET);
      const server = await scene.asked();
      server.flood(OK_FLOOD);
      await scene.logged();
      client.reset();
    },
  },
  {
    title: 'RST after the answer, before the second request: that is no event',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client(GET);
      (await scene.asked()).send(`${OK_CHUNKED}${CHUNKS}`);
      await client.until('0\r\n\r\n');
      client.reset();
    },
  },
];
