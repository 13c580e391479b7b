/** Upgrades: from 101 on nobody looks at the bytes. */
import { OK, SWITCHED, UPGRADE } from '../messages.ts';
import type { Peer } from '../peer.ts';
import type { Row } from '../row.ts';

const WEB = 'server a $s1';

/** A row that begins with a tunnel in which both have said something. */
function tunnel(
  title: string,
  state: string,
  then: (client: Peer, server: Peer) => void | Promise<void>,
  conf = WEB,
  deviation?: Row['deviation'],
): Row {
  return {
    title: `a tunnel: ${title}`,
    state,
    conf,
    play: async (scene) => {
      const client = await scene.client(UPGRADE);
      const server = await scene.asked();
      server.send(SWITCHED);
      await client.until('\r\n\r\n');
      client.send('ping');
      await server.until('ping');
      server.send('pong');
      await client.until('pong');
      await then(client, server);
    },
    ...(deviation === undefined ? {} : { deviation }),
  };
}

export const TUNNELS: readonly Row[] = [
  tunnel('the client ends, then the server', '----', async (client, server) => {
    client.fin();
    await server.ended();
    server.fin();
  }),
  tunnel('the server ends, then the client', '----', async (client, server) => {
    server.fin();
    await client.ended();
    client.fin();
  }),
  tunnel('the client resets', 'CD--', (client) => client.reset()),
  tunnel('the server resets', 'SD--', (_, server) => server.reset()),
  tunnel('nobody says anything, timeout tunnel', 'cD--', () => undefined, `timeout tunnel 300;${WEB}`),
  tunnel(
    'nobody says anything, the client is to',
    'cD--',
    () => undefined,
    `timeout client 400;timeout server 900;${WEB}`,
  ),
  tunnel('nobody says anything, the server is to', 'sD--', () => undefined, `timeout server 400;${WEB}`),
  tunnel(
    'the client has ended, the server never does',
    'sD--',
    async (client, server) => {
      client.fin();
      await server.ended();
    },
    `timeout server-fin 300;${WEB}`,
  ),
  tunnel(
    'the server has ended, the client never does',
    '----',
    async (client, server) => {
      server.fin();
      await client.ended();
    },
    `timeout client-fin 300;${WEB}`,
    {
      log: 'a 0/0/0/0/0 101 83 - - cD-- 1/0/0/0 0/0 "GET / HTTP/1.1"',
      why: 'a tunnel is a connection: who has ended may still listen',
    },
  ),
  {
    title: 'an upgrade that the server does not follow',
    state: '----',
    conf: WEB,
    play: async (scene) => {
      await scene.client(UPGRADE);
      (await scene.asked()).send(OK);
    },
  },
  {
    title: 'an upgrade that the server leaves unanswered',
    state: 'SH--',
    conf: WEB,
    play: async (scene) => {
      await scene.client(UPGRADE);
      (await scene.asked()).fin();
    },
  },
];
