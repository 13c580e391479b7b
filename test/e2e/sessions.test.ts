/**
 * Sessions on the stats socket beside haproxy's: how they are listed, what becomes of one that an operator ends (for its client, and
 * in the log), frontends that are disabled, shut, limited; and that those of before a reload are seen, counted and ended, too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blackhole } from '../support/blackhole.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects } from '../support/ports.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { Client, dumpFields, lineFields, originServer, type Ports, Subject, until } from './sessions/subject.ts';

const PROGRAMS = ['haproxy', 'epoll', 'ring'] as const;
type Program = (typeof PROGRAMS)[number];

interface Kind {
  readonly title: string;
  readonly frontend: keyof Ports;
  readonly text: string;
  /** Whether a line of `show sess` shows that it is where it is meant to be. */
  readonly isThere: (line: string) => boolean;
  /** What the log says of its end: status and bytes, and the termination state. */
  readonly log: string;
  readonly told: string;
  /** HAProxy's session stays until a timeout or its client ends it: ours ends at once. */
  readonly lingers?: true;
}

const stands = (line: string): boolean => /scb=\[8,.*fd=\d/.test(line);
const answers = (line: string): boolean => stands(line) && / rp\[.*an=4000000h/.test(line);

const KINDS: readonly Kind[] = [
  {
    title: 'that waits for its response',
    frontend: 'web',
    text: 'GET /waits HTTP/1.1\r\nHost: a\r\n\r\n',
    isThere: (line) => stands(line) && !answers(line),
    log: '502 209 - - KH--',
    told: '502',
  },
  {
    title: 'that has some of its response',
    frontend: 'web',
    text: 'GET /half HTTP/1.1\r\nHost: a\r\n\r\n',
    isThere: answers,
    log: '200 55 - - KD--',
    told: '200, half',
  },
  {
    title: 'that uploads',
    frontend: 'web',
    text: 'POST /uploads HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc',
    isThere: stands,
    log: '-1 0 - - K---',
    told: '',
  },
  {
    title: 'that has switched protocols',
    frontend: 'web',
    text: 'GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    isThere: (line) => stands(line) && / rp\[.*?an=00h/.test(line),
    log: '101 ',
    told: '101',
  },
  {
    title: 'whose connection to the server does not stand',
    frontend: 'hole',
    text: 'GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n',
    isThere: (line) => /scb=\[5,/.test(line),
    log: '-1 0 - - K---',
    told: '',
  },
  {
    title: 'in TCP mode',
    frontend: 'tcp',
    text: 'hello',
    isThere: stands,
    log: ' 0 K- ',
    told: '',
  },
  {
    title: 'that waits for a place on its server',
    frontend: 'queue',
    text: 'GET /queued HTTP/1.1\r\nHost: a\r\n\r\n',
    isThere: (line) => /scb=\[2,/.test(line),
    log: '-1 0 - - K---',
    told: '',
    lingers: true,
  },
];

/** Status and end of what a client got. */
function toldIn(text: string): string {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? '';
  return text.endsWith('half') ? `${status}, half` : status;
}

function end(line: string): string {
  return line.split(':')[0] ?? '';
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-sessions-'));

describeWithPeer('haproxy', 'sessions beside haproxy', () => {
  const subjects = new Map<Program, Subject>();
  const of = (program: Program): Subject => subjects.get(program) as Subject;
  let origin: Server;
  let hole: Blackhole;

  beforeAll(async () => {
    hole = await Blackhole.open();
    const made = await originServer();
    origin = made.server;
    const start = async (name: Program, program: string, global: string): Promise<void> => {
      subjects.set(name, await Subject.start(program, join(folder, name), global, made.port, hole.port));
    };
    await start('haproxy', programPath('haproxy'), '');
    await start('epoll', TANDEM_HAPROXY, 'tune.tandem.poller epoll');
    await start('ring', TANDEM_HAPROXY, 'tune.tandem.poller auto');
  }, 120_000);

  afterAll(async () => {
    for (const { proxy } of subjects.values()) await proxy.stop();
    await hole.close();
    origin.close();
    rmSync(folder, { recursive: true });
  });

  describe.each(['epoll', 'ring'] as const)('%s', (engine) => {
    it.each(KINDS)(
      'one $title is listed like haproxy’s, and ends like it',
      async ({ title, frontend, text, isThere, log, told, lingers }) => {
        const seen = [];
        for (const name of ['haproxy', engine] as const) {
          const subject = of(name);
          const before = frontend === 'queue' ? new Client(subject.ports.queue, text.replace('queued', 'first')) : null;
          if (before !== null) await subject.session('queue', stands);
          const key = `/${engine}-${title.replaceAll(' ', '-')}`;
          const client = new Client(
            subject.ports[frontend],
            text.replace(/(?<=^\S+ )\S+/, (path) => path + key),
          );
          const line = await subject.session(frontend, isThere);
          const fields = lineFields(line);
          let state = '';
          const dump = dumpFields(await subject.ask(`show sess ${end(line)}`));
          expect(await subject.ask(`show sess ${end(line)}`)).toContain(end(line));
          if (lingers === undefined || name !== 'haproxy') {
            expect(await subject.ask(`shutdown session ${end(line)}`)).toBe('\n');
            await until(async () => client.isOver || client.text.startsWith('HTTP/1.1 502'), `${name}: its end`);
            const logged = await subject.logLine(frontend === 'tcp' ? ` ${frontend} raw/` : key);
            expect(logged, name).toContain(log);
            if (lingers === undefined) state = / - - (\S{4}) /.exec(logged)?.[1] ?? '';
            expect(toldIn(client.text), name).toBe(told);
            await until(async () => !(await subject.sessions()).some((one) => end(one) === end(line)), `${name}: gone`);
          }
          if (name !== 'haproxy') {
            // HAProxy gives the number to the next one, which is the connection that asks.
            expect(await subject.ask(`show sess ${end(line)}`)).toBe('Session not found.\n\n');
            expect(await subject.ask(`shutdown session ${end(line)}`)).toBe("No such session (use 'show sess').\n\n");
          }
          client.leave();
          before?.leave();
          await subject.quiet();
          seen.push({ fields, dump, state });
        }
        expect(seen[1]).toEqual(seen[0]);
      },
      60_000,
    );
  });

  it('all of a server end together, those of others do not', async () => {
    for (const name of PROGRAMS) {
      const subject = of(name);
      const text = 'GET /waits HTTP/1.1\r\nHost: a\r\n\r\n';
      const mine = [new Client(subject.ports.web, text), new Client(subject.ports.gate, text)];
      const other = new Client(subject.ports.tcp, 'hello');
      await subject.session('web', stands);
      await subject.session('gate', stands);
      await subject.session('tcp', stands);
      expect(await subject.ask('shutdown sessions server app/s1')).toBe('\n');
      await until(async () => mine.every((client) => toldIn(client.text) === '502'), `${name}: 502 for both`);
      expect((await subject.row('raw', 't1'))['scur'], name).toBe('1');
      expect(other.isOver, name).toBe(false);
      for (const client of [...mine, other]) client.leave();
      await subject.quiet();
    }
  }, 60_000);

  it('what is said to wrong commands, and what becomes of frontends, is the same', async () => {
    const answersOf = async (subject: Subject): Promise<Record<string, string>> => {
      const said: Record<string, string> = {};
      const say = async (command: string): Promise<void> => {
        said[`${Object.keys(said).length} ${command}`] = await subject.ask(command);
      };
      const look = async (moment: string): Promise<void> => {
        const { status, slim } = await subject.row('gate', 'FRONTEND');
        said[moment] = `${status} ${slim} ${await connects(subject.ports.gate)}`;
      };
      for (const command of ['shutdown session', 'shutdown session 0x1', 'shutdown session abc', 'show sess 0x1']) {
        await say(command);
      }
      for (const path of ['', ' app', ' none/s1', ' app/none']) await say(`shutdown sessions server${path}`);
      for (const verb of ['disable', 'enable', 'shutdown']) {
        for (const name of ['', ' none', ' app']) await say(`${verb} frontend${name}`);
      }
      await look('at first');
      for (const what of ['disable', 'disable', 'enable', 'enable']) {
        await say(`${what} frontend gate`);
        await look(`${what} ${Object.keys(said).length}`);
      }
      for (const value of ['', ' gate', ' gate -1', ' none 5', ' gate 7']) await say(`set maxconn frontend${value}`);
      await look('limited');
      for (const value of ['', ' 99999999', ' 150']) await say(`set maxconn global${value}`);
      said['global'] = /^Maxconn: .*$/m.exec(await subject.ask('show info'))?.[0] ?? '';
      await say('set maxconn global 0');
      said['global again'] = /^Maxconn: .*\nHard_maxconn: .*$/m.exec(await subject.ask('show info'))?.[0] ?? '';
      for (const what of ['shutdown', 'shutdown', 'enable', 'disable']) await say(`${what} frontend gate`);
      await look('at last');
      return said;
    };
    const theirs = await answersOf(of('haproxy'));
    expect(await answersOf(of('epoll'))).toEqual(theirs);
    expect(await answersOf(of('ring'))).toEqual(theirs);
  }, 60_000);

  it.each(['epoll', 'ring'] as const)(
    'those of before a reload are listed, counted and ended (%s); a frontend that was shut is open again',
    async (engine) => {
      const subject = of(engine);
      const tunnel = new Client(subject.ports.tcp, 'hello');
      const waits = new Client(subject.ports.web, 'GET /waits HTTP/1.1\r\nHost: a\r\n\r\n');
      const line = await subject.session('web', stands);
      await subject.session('tcp', stands);
      expect(await subject.ask('reload')).toMatch(/^Success=1\n/);
      await until(() => connects(subject.ports.gate), 'the shut frontend is open');
      const gauges = async (): Promise<readonly (string | undefined)[]> => [
        (await subject.row('tcp', 'FRONTEND'))['scur'],
        (await subject.row('raw', 't1'))['scur'],
        (await subject.row('web', 'FRONTEND'))['scur'],
        (await subject.row('app', 'BACKEND'))['scur'],
      ];
      expect(await gauges()).toEqual(['1', '1', '1', '1']);
      expect(await subject.session('web', stands)).toContain(end(line));
      const next = new Client(subject.ports.web, 'GET /waits HTTP/1.1\r\nHost: a\r\n\r\n');
      await until(async () => (await gauges())[2] === '2' && (await subject.sessions()).length === 3, 'both are there');
      expect(Number(/^CurrConns: (\d+)$/m.exec(await subject.ask('show info'))?.[1])).toBeGreaterThanOrEqual(3);
      expect(await subject.ask(`shutdown session ${end(line)}`)).toBe('\n');
      await until(async () => toldIn(waits.text) === '502', 'the old one got 502');
      expect(next.isOver).toBe(false);
      await subject.ask('shutdown sessions server raw/t1');
      await until(async () => tunnel.isOver, 'the tunnel is over');
      for (const client of [tunnel, waits, next]) client.leave();
      await until(async () => (await gauges()).every((gauge) => gauge === '0'), 'nobody is left');
    },
    60_000,
  );
});
