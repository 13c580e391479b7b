/** TCP mode: two letters. */
import type { Row } from '../row.ts';

const TCP = 'mode tcp;option tcplog';
const WEB = `${TCP};server a $s1`;

export const TCP_ROWS: readonly Row[] = [
  {
    title: 'the client ends, then the server',
    state: '--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      server.send('pong');
      await client.until('pong');
      client.fin();
      await server.ended();
      server.fin();
    },
  },
  {
    title: 'the server ends, then the client',
    state: '--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      server.send('pong');
      server.fin();
      await client.ended();
      client.fin();
    },
  },
  {
    title: 'the client ends, and the server answers after that',
    state: '--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client('ping');
      client.fin();
      const server = await scene.asked('ping');
      await server.ended();
      server.send('pong');
      server.fin();
    },
  },
  {
    title: 'nobody says anything, and both end',
    state: '--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client();
      const server = await scene.server();
      client.fin();
      await server.ended();
      server.fin();
    },
  },
  {
    title: 'the client resets',
    state: 'CD',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      server.send('pong');
      await client.until('pong');
      client.reset();
    },
  },
  {
    title: 'the client resets without a word',
    state: 'CD',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client();
      await scene.server();
      await scene.taken();
      client.reset();
    },
  },
  {
    title: 'the server resets',
    state: 'SD',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      server.send('pong');
      await client.until('pong');
      server.reset();
    },
  },
  {
    title: 'the server resets without a word',
    state: 'SD',
    conf: WEB,
    play: async (scene) => {
      await scene.client('ping');
      (await scene.asked('ping')).reset();
    },
  },
  {
    title: 'the server ends without a word',
    state: '--',
    conf: WEB,
    play: async (scene) => {
      const client = await scene.client('ping');
      (await scene.asked('ping')).fin();
      await client.ended();
      client.fin();
    },
  },
  {
    title: 'the client is silent',
    state: 'cD',
    conf: `timeout client 300;timeout server 900;${WEB}`,
    play: async (scene) => {
      await scene.client();
      await scene.server();
    },
  },
  {
    title: 'the server is silent',
    state: 'sD',
    conf: `timeout client 900;timeout server 300;${WEB}`,
    play: async (scene) => {
      await scene.client('ping');
      await scene.asked('ping');
    },
  },
  {
    title: 'both are silent, timeout tunnel',
    state: 'cD',
    conf: `timeout tunnel 300;${WEB}`,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      server.send('pong');
      await client.until('pong');
    },
  },
  {
    title: 'the client has ended, the server is silent, timeout server-fin',
    state: 'sD',
    conf: `timeout server-fin 300;${WEB}`,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      client.fin();
      await server.ended();
    },
  },
  {
    title: 'the server has ended, the client is silent, timeout client-fin',
    state: 'cD',
    conf: `timeout client-fin 300;${WEB}`,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      server.fin();
      await client.ended();
      await scene.logged();
    },
  },
  {
    title: 'a server that refuses',
    state: 'SC',
    conf: `${TCP};server a $refused`,
    play: async (scene) => void (await scene.client('ping')),
  },
  {
    title: 'a server that refuses all tries',
    state: 'SC',
    conf: `${TCP};retries 2;timeout connect 50;server a $refused`,
    play: async (scene) => void (await scene.client('ping')),
  },
  {
    title: 'a server that does not accept',
    state: 'sC',
    conf: `${TCP};timeout connect 300;server a $hole`,
    play: async (scene) => void (await scene.client('ping')),
  },
  {
    title: 'no server',
    state: 'SC',
    conf: TCP,
    play: async (scene) => void (await scene.client()),
  },
  {
    title: 'another server after the one that refuses',
    state: '--',
    conf: `${TCP};retries 1;option redispatch;balance first;server a $refused;server b $s1`,
    play: async (scene) => {
      const client = await scene.client('ping');
      const server = await scene.asked('ping');
      client.fin();
      await server.ended();
      server.fin();
    },
  },
  {
    title: 'no place at the server in time',
    state: ['sQ', '--'],
    anyCounts: true,
    conf: `${TCP};timeout queue 300;server a $s1 maxconn 1`,
    play: async (scene) => {
      const first = await scene.client('ping');
      const server = await scene.asked('ping');
      const second = await scene.client('ping');
      await second.ended();
      await scene.logged();
      first.fin();
      await server.ended();
      server.fin();
    },
  },
  {
    title: 'the client resets in the queue',
    state: ['CD', '--'],
    conf: `${TCP};server a $s1 maxconn 1`,
    play: async (scene) => {
      const first = await scene.client('ping');
      const server = await scene.asked('ping');
      const second = await scene.client('ping');
      await scene.taken();
      second.reset();
      await scene.logged();
      first.fin();
      await server.ended();
      server.fin();
    },
  },
  {
    title: 'the client ends in the queue, option abortonclose',
    state: ['CQ', '--'],
    conf: `${TCP};option abortonclose;server a $s1 maxconn 1`,
    play: async (scene) => {
      const first = await scene.client('ping');
      const server = await scene.asked('ping');
      const second = await scene.client('ping');
      await scene.taken();
      second.fin();
      await scene.logged();
      first.fin();
      await server.ended();
      server.fin();
    },
  },
  {
    title: 'the client resets while a server is being connected to',
    state: 'CD',
    conf: `${TCP};timeout connect 900;server a $hole`,
    play: async (scene) => {
      const client = await scene.client('ping');
      await scene.taken();
      client.reset();
    },
  },
  {
    title: 'the client ends while a server is being connected to, option abortonclose',
    state: 'CC',
    conf: `${TCP};timeout connect 900;option abortonclose;server a $hole`,
    play: async (scene) => {
      const client = await scene.client('ping');
      await scene.taken();
      client.fin();
    },
  },
  {
    title: 'option tcplog of an HTTP proxy that forwards whole exchanges',
    state: '--',
    conf: 'option tcplog;option httpclose;server a $s1',
    play: async (scene) => {
      await scene.client('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      (await scene.asked()).send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    },
  },
];
