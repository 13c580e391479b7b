/** What was tried again, where requests are sent elsewhere, and lines that are written before the end is known. */
import { GET, GET_CLOSE, HEAD, OK, OK_FIVE, POST } from '../messages.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const TWICE = 'retries 1;option redispatch;balance roundrobin;server a $s1;server b $s2';
const REDIR = 'cookie S insert indirect;server a $refused cookie a redir http://other.example';

/** Both servers are asked; what each does about it. */
function twice(first: (scene: Scene) => Promise<void>, second: (scene: Scene) => Promise<void>, request = GET_CLOSE) {
  return async (scene: Scene): Promise<void> => {
    await scene.client(request);
    await first(scene);
    await second(scene);
  };
}

const says =
  (text: string, n: number) =>
  async (scene: Scene): Promise<void> =>
    (await scene.asked('\r\n\r\n', n)).send(text);
const leaves =
  (n: number) =>
  async (scene: Scene): Promise<void> =>
    (await scene.asked('\r\n\r\n', n)).fin();
const waits =
  (n: number) =>
  async (scene: Scene): Promise<void> =>
    void (await scene.asked('\r\n\r\n', n));

const BUSY = 'HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno';

export const RETRIES: readonly Row[] = [
  {
    title: 'retry-on 503: the other one answers',
    state: '----',
    conf: `retry-on 503;${TWICE}`,
    play: twice(says(BUSY, 1), says(OK, 2)),
  },
  {
    title: 'retry-on 503: the other one is busy, too',
    state: '----',
    conf: `retry-on 503;${TWICE}`,
    play: twice(says(BUSY, 1), says(BUSY, 2)),
  },
  {
    title: 'retry-on empty-response: the other one answers',
    state: '----',
    conf: `retry-on empty-response;${TWICE}`,
    play: twice(leaves(1), says(OK, 2)),
  },
  {
    title: 'retry-on empty-response: the other one leaves, too',
    state: 'SH--',
    conf: `retry-on empty-response;${TWICE}`,
    play: twice(leaves(1), leaves(2)),
  },
  {
    title: 'retry-on junk-response: the other one answers',
    state: '----',
    conf: `retry-on junk-response;${TWICE}`,
    play: twice(says('what?\r\n\r\n', 1), says(OK, 2)),
  },
  {
    title: 'retry-on junk-response: nor does the other one know HTTP',
    state: 'PH--',
    conf: `retry-on junk-response;${TWICE}`,
    play: twice(says('what?\r\n\r\n', 1), says('what?\r\n\r\n', 2)),
  },
  {
    title: 'retry-on response-timeout: the other one answers',
    state: '----',
    conf: `timeout server 400;retry-on response-timeout;${TWICE}`,
    play: twice(waits(1), says(OK, 2)),
  },
  {
    title: 'retry-on response-timeout: the other one thinks, too',
    state: 'sH--',
    conf: `timeout server 300;retry-on response-timeout;${TWICE}`,
    play: twice(waits(1), waits(2)),
  },
  {
    title: 'retry-on of an upload that is whole',
    state: '----',
    conf: `retry-on empty-response;${TWICE}`,
    play: twice(leaves(1), says(OK, 2), `${POST}hello`),
  },
  {
    title: 'retry-on none: who refuses is not asked again',
    state: 'SC--',
    conf: 'retry-on none;retries 1;option redispatch;balance first;server a $refused;server b $s1',
    play: async (scene) => void (await scene.client(GET)),
  },
  { title: 'redir', state: 'LCNN', conf: REDIR, play: async (scene) => void (await scene.client(GET)) },
  { title: 'redir of HEAD', state: 'LCNN', conf: REDIR, play: async (scene) => void (await scene.client(HEAD)) },
  {
    title: 'redir is not for POST',
    state: 'SCNN',
    conf: REDIR,
    play: async (scene) => void (await scene.client(`${POST}hello`)),
  },
  {
    title: 'option logasap says nothing of what comes after the head',
    state: '----',
    conf: 'option logasap;server a $s1',
    play: async (scene) => {
      const client = await scene.client(GET);
      const server = await scene.asked();
      server.send(`${OK_FIVE}he`);
      await client.until('he');
      server.fin();
    },
  },
  {
    title: 'option logasap of one that is not answered',
    state: 'SH--',
    conf: 'option logasap;server a $s1',
    play: async (scene) => {
      await scene.client(GET);
      (await scene.asked()).fin();
    },
  },
];
