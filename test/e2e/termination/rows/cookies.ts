/** The third and the fourth letter: what the client's cookie said, and what became of the server's. */
import { GET, GET_CLOSE, OK, OK_FIVE, POST } from '../messages.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const INSERT = 'cookie S insert indirect nocache;server a $s1 cookie a;server b $refused cookie b disabled';
const SETS = 'HTTP/1.1 200 OK\r\nSet-Cookie: S=x\r\nContent-Length: 2\r\n\r\nhi';

function get(cookie: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
}

function exchange(request: string, answer: string): (scene: Scene) => Promise<void> {
  return async (scene) => {
    await scene.client(request);
    (await scene.asked()).send(answer);
  };
}

/** A row with an exchange that goes well. */
function well(title: string, letters: string, conf: string, request: string, answer = OK): Row {
  return { title, state: `--${letters}`, conf, play: exchange(request, answer) };
}

export const COOKIES: readonly Row[] = [
  well('no cookie; one is inserted', 'NI', INSERT, GET),
  well('a good cookie', 'VN', INSERT, get('S=a')),
  well(
    'a good cookie that is told again: not indirect',
    'VU',
    'cookie S insert maxidle 1h;server a $s1 cookie a',
    get('S=a'),
  ),
  well('a cookie of nobody', 'II', INSERT, get('S=nobody')),
  well('a cookie of a server that is down', 'DI', INSERT, get('S=b')),
  well('an empty cookie', 'II', INSERT, get('S=')),
  well('a cookie of another name', 'NI', INSERT, get('T=a')),
  well(
    'a cookie with a date that is long ago',
    'EI',
    'cookie S insert indirect maxidle 1h;server a $s1 cookie a',
    get('S=a|AAAAB'),
  ),
  well(
    'a cookie that was made long ago',
    'OI',
    'cookie S insert indirect maxlife 1h;server a $s1 cookie a',
    get('S=a|AAAAB|AAAAB'),
  ),
  well(
    'a cookie without the date that is wanted',
    'VU',
    'cookie S insert indirect maxidle 1h;server a $s1 cookie a',
    get('S=a'),
  ),
  well('the server sets the cookie itself: taken out', 'NI', INSERT, GET, SETS),
  well('the server sets the cookie itself: taken out, the client has one', 'VD', INSERT, get('S=a'), SETS),
  well(
    'the server sets the cookie itself: preserved',
    'NP',
    'cookie S insert indirect preserve;server a $s1 cookie a',
    GET,
    SETS,
  ),
  well('the server sets the cookie itself: nothing is done to it', '--', 'cookie S;server a $s1 cookie a', GET, SETS),
  well('a cookie that is only declared', '--', 'cookie S;server a $s1 cookie a', GET),
  well('postonly and GET', 'NN', 'cookie S insert indirect postonly;server a $s1 cookie a', GET),
  well('postonly and POST', 'NI', 'cookie S insert indirect postonly;server a $s1 cookie a', `${POST}hello`),
  well('rewrite', 'NR', 'cookie S rewrite;server a $s1 cookie a', GET, SETS),
  well('rewrite, and the server sets none', 'NN', 'cookie S rewrite;server a $s1 cookie a', GET),
  well('rewrite, the client has one', 'VR', 'cookie S rewrite;server a $s1 cookie a', get('S=a'), SETS),
  well('prefix', 'NR', 'cookie S prefix;server a $s1 cookie a', GET, SETS),
  well('prefix, the client has one', 'VN', 'cookie S prefix;server a $s1 cookie a', get('S=a~x')),
  well('prefix, the client has one of nobody', 'IN', 'cookie S prefix;server a $s1 cookie a', get('S=z~x')),
  well('prefix, the client has one without a server', 'IN', 'cookie S prefix;server a $s1 cookie a', get('S=x')),
  well('dynamic', 'NI', 'cookie S insert indirect dynamic;dynamic-cookie-key k;server a $s1', GET),
  well(
    'weight 0 and a good cookie',
    'VN',
    'cookie S insert indirect;server a $s1 cookie a weight 0;server b $refused cookie b',
    get('S=a'),
  ),
  well('a server without a cookie of its own', 'NI', 'cookie S insert indirect;server a $s1', GET),
  {
    title: 'no server that may be used, with a cookie',
    state: 'SCDN',
    conf: 'cookie S insert indirect;server a $s1 cookie a disabled',
    play: async (scene) => void (await scene.client(get('S=a'))),
  },
  {
    title: 'the server of the cookie refuses',
    state: 'SCVN',
    conf: 'cookie S insert indirect;server a $refused cookie a;server b $s1 cookie b',
    play: async (scene) => void (await scene.client(get('S=a'))),
  },
  {
    title: 'the server of the cookie refuses, another one answers',
    state: '--DI',
    conf: 'retries 1;option redispatch;cookie S insert indirect;server a $refused cookie a;server b $s1 cookie b',
    play: exchange(get('S=a'), OK),
  },
  {
    title: 'the server of the cookie refuses for good, option persist',
    state: 'SCDN',
    conf: 'option persist;cookie S insert indirect;server a $refused cookie a disabled;server b $s1 cookie b',
    play: async (scene) => void (await scene.client(get('S=a'))),
  },
  {
    title: 'the server leaves without a word, with a cookie',
    state: 'SHVN',
    conf: INSERT,
    play: async (scene) => {
      await scene.client(get('S=a'));
      (await scene.asked()).fin();
    },
  },
  {
    title: 'the server leaves in the middle of a body, with a cookie to be inserted',
    state: 'SDNI',
    conf: INSERT,
    play: async (scene) => {
      const client = await scene.client(GET_CLOSE);
      const server = await scene.asked();
      server.send(`${OK_FIVE}he`);
      await client.until('he');
      server.fin();
    },
  },
  {
    title: 'the server is not heard, with a cookie',
    state: 'sHVN',
    conf: `timeout server 300;${INSERT}`,
    play: async (scene) => {
      await scene.client(get('S=a'));
      await scene.asked();
    },
  },
  {
    title: 'an answer that is none, with a cookie',
    state: 'PHNN',
    conf: INSERT,
    play: exchange(GET, 'what?\r\n\r\n'),
  },
  {
    title: 'a bad request where there are cookies',
    state: 'PR--',
    conf: INSERT,
    play: async (scene) => void (await scene.client('what?\r\n\r\n')),
  },
  {
    title: 'half a head where there are cookies, then FIN',
    state: 'CR--',
    conf: INSERT,
    play: async (scene) => (await scene.client('GET / HTTP/1.1\r\nHo')).fin(),
  },
  {
    title: 'FIN while the server thinks, with a cookie and option abortonclose',
    state: 'CHVN',
    conf: `option abortonclose;${INSERT}`,
    play: async (scene) => {
      const client = await scene.client(get('S=a'));
      await scene.asked();
      client.fin();
    },
  },
];
