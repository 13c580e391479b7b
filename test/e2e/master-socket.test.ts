/** The master socket (`-S`) beside haproxy's: the same words, the same processes, also while an older one finishes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ask, StatsClient } from '../support/stats-client.ts';
import { TalkingClient } from '../support/talking-client.ts';

const DEADLINE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'tandem-master-'));

class Subject {
  readonly path: string;
  readonly port: number;
  readonly proxy: ProxyProcess;
  readonly config: string;

  private constructor(path: string, port: number, proxy: ProxyProcess, config: string) {
    this.path = path;
    this.port = port;
    this.proxy = proxy;
    this.config = config;
  }

  static async start(name: string, program: string): Promise<Subject> {
    const path = join(folder, `${name}.sock`);
    const port = await quietPort();
    const config = `
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend web
  bind 127.0.0.1:${port}
  default_backend app
backend app
  server s1 127.0.0.1:${await quietPort()}
  server s2 127.0.0.1:${await quietPort()} disabled
`;
    const command = [program, '-W', '-S', `${path},mode,600`];
    return new Subject(path, port, await ProxyProcess.startAs(command, config, () => connects(port)), config);
  }

  /** HAProxy's master is gone for a moment while it reloads, and so is who talks to it. */
  ask(line: string): Promise<string> {
    return ask(this.path, `${line}\n`).catch(() => '');
  }

  async rows(): Promise<{ readonly current: readonly string[]; readonly old: readonly string[] }> {
    const text = await this.ask('show proc');
    const pids = (part: string) => [...part.matchAll(/^(\d+) +worker /gm)].map(([, pid = '']) => pid);
    const [, workers = '', older = ''] =
      /# workers\n([\s\S]*?)(?:# old workers\n([\s\S]*?))?# programs/.exec(text) ?? [];
    return { current: pids(workers), old: pids(older) };
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + DEADLINE_MS; !(await holds()); await sleep(50)) {
      if (performance.now() > end) throw new Error(`${what}: never came true\n${this.proxy.output}`);
    }
  }

  /** The same for all: no pids, no version, no seconds. */
  async plain(line: string): Promise<string> {
    const answer = await this.ask(line);
    return answer
      .replace(/^\d+ +(master|worker) /gm, '$1 ')
      .replace(/\d+d\d\dh\d\dm\d\ds/g, 'TIME')
      .replace(/2\.6\.\d+-\S*/g, 'VERSION')
      .replace(/ +$/gm, '');
  }
}

describeWithPeer('haproxy', 'the master socket', () => {
  let haproxy: Subject;
  let tandem: Subject;
  beforeAll(async () => {
    haproxy = await Subject.start('haproxy', programPath('haproxy'));
    tandem = await Subject.start('tandem', TANDEM_HAPROXY);
    for (const subject of [haproxy, tandem]) {
      await subject.until('a worker is there', async () => (await subject.rows()).current.length === 1);
    }
  });
  afterAll(async () => {
    await haproxy?.proxy.stop();
    await tandem?.proxy.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ...['show proc', 'show version', 'show cli level', '@master show version', '@ show cli level', 'help'],
    ...['@1 show cli level', '@1;show cli level', 'user;show cli level', 'user;@1 show cli level', 'user;operator'],
    ...['@1 user;@1 show cli level', 'expert-mode on', 'expert-mode on;@1 expert-mode', '@1 experimental-mode'],
    ...['@99 show info', '@2 show info', '@x show info;show version', '@!99 show info', '@! show info', 'show stat'],
    ...['@1 disable server app/s1', '@1 set weight app/nope 1', '@1 get weight app/s1', 'show version;quit;show proc'],
  ])('%s: the same answer', async (line) => {
    expect(await tandem.plain(line)).toBe(await haproxy.plain(line));
  });

  it('has the same prompts', async () => {
    const talk = async (subject: Subject): Promise<string> => {
      const [worker = ''] = (await subject.rows()).current;
      const client = new StatsClient(subject.path);
      for (const line of [
        'prompt',
        '@1',
        'show cli level',
        '@master show cli level',
        'expert-mode on',
        `@!${worker}`,
        '@',
      ]) {
        const heard = client.text.length;
        client.say(`${line}\n`);
        // An empty line before a prompt belongs to the answer.
        while (!/> $/.test(client.text.slice(heard))) await sleep(5);
      }
      const heard = client.text.replaceAll(worker, 'PID');
      client.say('quit\n');
      await client.rest();
      return heard;
    };
    expect(await talk(tandem)).toBe(await talk(haproxy));
  });

  it('reloads; who has clients from before is shown, and can be asked, until they have gone', async () => {
    for (const subject of [haproxy, tandem]) {
      const [before = ''] = (await subject.rows()).current;
      const client = await TalkingClient.connect(subject.port);
      client.say('GET / HTTP/1.1\r\nHost: a\r\n');
      await subject.until('it is in', async () => /web,FRONTEND,,,1,/.test(await subject.ask('@1 show stat')));
      await subject.ask('reload');
      await subject.until('another one serves', async () => {
        const { current, old } = await subject.rows();
        return current.length === 1 && current[0] !== before && old.includes(before);
      });
      expect(await subject.ask(`@!${before} show stat`)).toMatch(/web,FRONTEND,,,1,/);
      expect(await subject.plain('show proc')).toBe(
        [
          '#<PID>          <type>          <reloads>       <uptime>        <version>',
          'master          1 [failed: 0]   TIME     VERSION',
          '# workers',
          'worker          0               TIME     VERSION',
          '# old workers',
          'worker          1               TIME     VERSION',
          '# programs',
          '\n',
        ].join('\n'),
      );
      client.end();
      await client.ended;
      await subject.until('it has ended', async () => (await subject.rows()).old.length === 0);
    }
  });

  it('says of a file that it cannot carry out, until it can', async () => {
    const prompt = async (subject: Subject): Promise<string> => {
      const [name = ''] = (await subject.ask('prompt')).split('>');
      return name;
    };
    for (const subject of [haproxy, tandem]) {
      subject.proxy.rewrite(`${subject.config}\nnonsense\n`);
      await subject.ask('reload');
      await subject.until('it says so', async () => (await prompt(subject)) === 'master[ReloadFailed]');
      subject.proxy.rewrite(subject.config);
      await subject.ask('reload');
      await subject.until('all is well', async () => (await prompt(subject)) === 'master');
    }
  });
});
