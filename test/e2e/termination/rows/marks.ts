/** Servers that go down (D) or come back (U) while somebody talks to them: what the operator wants to become of that. */
import { GET, OK, OK_FIVE } from '../messages.ts';
import type { Row } from '../row.ts';

const UP = 'check inter 100ms fall 1 rise 1 on-marked-up shutdown-backup-sessions';
const CHECK = 'check inter 100ms fall 1 rise 1 on-marked-down shutdown-sessions';

export const MARKS: readonly Row[] = [
  {
    title: 'the server goes down while it thinks',
    state: 'DH--',
    conf: `server a $s1 addr $h2 ${CHECK}`,
    play: async (scene) => {
      await scene.up('a');
      await scene.client(GET);
      await scene.asked();
      scene.stopListening(2);
    },
  },
  {
    title: 'the server goes down in the middle of its answer',
    state: 'DD--',
    conf: `server a $s1 addr $h2 ${CHECK}`,
    play: async (scene) => {
      await scene.up('a');
      const client = await scene.client(GET);
      (await scene.asked()).send(`${OK_FIVE}he`);
      await client.until('he');
      scene.stopListening(2);
    },
  },
  {
    title: 'the server goes down in a TCP session',
    state: 'D-',
    conf: `mode tcp;option tcplog;server a $s1 addr $h2 ${CHECK}`,
    play: async (scene) => {
      await scene.up('a');
      const client = await scene.client('ping');
      (await scene.asked('ping')).send('pong');
      await client.until('pong');
      scene.stopListening(2);
    },
  },
  {
    title: 'the server comes back while its backup thinks',
    state: 'UH--',
    conf: `server a $refused addr $l3 ${UP};server b $s1 backup`,
    play: async (scene) => {
      await scene.noticed('a is DOWN');
      await scene.client(GET);
      await scene.asked();
      await scene.listen(3);
    },
  },
  {
    title: 'the server comes back in the middle of the answer of its backup',
    state: 'UD--',
    conf: `server a $refused addr $l3 ${UP};server b $s1 backup`,
    play: async (scene) => {
      await scene.noticed('a is DOWN');
      const client = await scene.client(GET);
      (await scene.asked()).send(`${OK_FIVE}he`);
      await client.until('he');
      await scene.listen(3);
    },
  },
  {
    title: 'the server comes back in a TCP session of its backup',
    state: 'U-',
    conf: `mode tcp;option tcplog;server a $refused addr $l3 ${UP};server b $s1 backup`,
    play: async (scene) => {
      await scene.noticed('a is DOWN');
      const client = await scene.client('ping');
      (await scene.asked('ping')).send('pong');
      await client.until('pong');
      await scene.listen(3);
    },
  },
  {
    title: 'the server goes down, and nobody minds',
    state: '----',
    conf: 'server a $s1 addr $h2 check inter 100ms fall 1',
    play: async (scene) => {
      await scene.up('a');
      await scene.client(GET);
      const server = await scene.asked();
      scene.stopListening(2);
      await scene.noticed('a is DOWN');
      server.send(OK);
    },
  },
];
