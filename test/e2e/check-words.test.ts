/** The same servers, checked by haproxy and by Tandem: both must say the same of each of them. */
import { describe, expect, it } from 'vitest';
import { Blackhole } from '../support/blackhole.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { type Script, ScriptedServer } from '../support/scripted-server.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const SCRIPTS: Readonly<Record<string, Script>> = {
  fine: { bytes: `${OK}content-length: 5\r\n\r\nhello` },
  notfound: { bytes: 'HTTP/1.1 404 Not "Found" <X>\r\ncontent-length: 5\r\n\r\nhello' },
  moved: { bytes: 'HTTP/1.1 302\r\ncontent-length: 0\r\n\r\n' },
  broken: { bytes: 'HTTP/1.1 500 Bad\r\ncontent-length: 3\r\n\r\nbad' },
  silent: {},
  closes: { ending: 'close' },
  resets: { ending: 'reset' },
  garbage: { bytes: 'blah blah\r\n\r\n' },
  empty: { bytes: `${OK}content-length: 0\r\n\r\n` },
  cut: { bytes: 'HTTP/1.1 200 O', ending: 'close' },
  partial: { bytes: 'HTTP/1.0 200 OK\r\n\r\nhel' },
  chunked: { bytes: `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n` },
};

const BACKENDS: Readonly<Record<string, string>> = {
  tcp: '',
  old: '  option httpchk GET / HTTP/1.1\\r\\nHost:\\ www',
  plain: '  option httpchk',
  status: '  option httpchk GET /\n  http-check expect status 200,404',
  nstatus: '  option httpchk GET /\n  http-check expect ! status 200,404',
  rstatus: '  option httpchk GET /\n  http-check expect rstatus ^[25]',
  string: '  option httpchk GET /\n  http-check expect string hello',
  nstring: '  option httpchk GET /\n  http-check send ver HTTP/1.1 hdr Host www\n  http-check expect ! string hello',
  rstring: '  option httpchk GET /\n  http-check expect rstring ^hel+o$',
};

function configuration(front: number, ports: ReadonlyMap<string, number>): string {
  const servers = [...ports].map(([name, port]) => `  server ${name} 127.0.0.1:${port}`).join('\n');
  const backends = Object.entries(BACKENDS).map(([name, lines]) => `backend ${name}\n${lines}\n${servers}\n`);
  return `global
  log stdout format raw local0
defaults
  log global
  mode http
  timeout connect 300ms
  timeout client 1s
  timeout server 1s
  timeout check 500ms
  default-server check inter 900 fall 1 rise 1
frontend in
  bind 127.0.0.1:${front}
${backends.join('')}`;
}

/** What was said of each server first; durations and counts of others depend on the moment. */
function wordsIn(output: string): Map<string, string> {
  const words = new Map<string, string>();
  for (const [, server = '', text = ''] of output.matchAll(/^Server (\S+) is (.*?), check duration: \d+ms\./gm)) {
    if (!words.has(server)) words.set(server, text);
  }
  return words;
}

async function wordsOf(program: string, ports: ReadonlyMap<string, number>): Promise<Map<string, string>> {
  const front = await freePort();
  const proxy = await ProxyProcess.start(program, configuration(front, ports), front);
  // Two intervals: every server was asked, and the slowest has timed out. On a busy machine it starts later.
  for (let before = -1; before !== wordsIn(proxy.output).size; ) {
    before = wordsIn(proxy.output).size;
    await new Promise((resolve) => setTimeout(resolve, 2500));
  }
  await proxy.stop();
  return wordsIn(proxy.output);
}

describeWithPeer('haproxy', 'words of checks', () => {
  it('are those of haproxy for every kind of server and check', async () => {
    const servers = await Promise.all(
      Object.entries(SCRIPTS).map(async ([name, script]) => [name, await ScriptedServer.start(script)] as const),
    );
    const blackhole = await Blackhole.open();
    const ports = new Map(servers.map(([name, server]) => [name, server.port]));
    ports.set('refused', await freePort());
    ports.set('blackhole', blackhole.port);
    try {
      const theirs = await wordsOf(programPath('haproxy'), ports);
      const ours = await wordsOf(TANDEM_HAPROXY, ports);
      expect(theirs.size).toBeGreaterThan(50);
      expect(Object.fromEntries([...ours].sort())).toEqual(Object.fromEntries([...theirs].sort()));
    } finally {
      await Promise.all(servers.map(([, server]) => server.stop()));
      await blackhole.close();
    }
  });
});

describe('reading the words', () => {
  it('finds them in a log', () => {
    const line =
      'Server a/b is DOWN, reason: Layer7 timeout, check duration: 400ms. 1 active and 0 backup servers left.';
    expect([...wordsIn(`${line}\n`)]).toEqual([['a/b', 'DOWN, reason: Layer7 timeout']]);
  });
});
