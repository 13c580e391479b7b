/**
 * Who hears of virtual servers: scripts as the users that the file names, pipes and their readers, through a reload and at the
 * end; and what nft has at that moment. Checks look for files, so that the test says what they find.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NamespaceLab } from '../../support/namespaces.ts';
import { OwnBox } from '../../support/own-box.ts';
import { describeWithPeer } from '../../support/peers.ts';

const FILE = '/etc/keepalived/keepalived.conf';
const VS = '[192.0.2.1]:tcp:80';
const RS = (n: number) => `[10.0.0.7${n}]:tcp:80`;
const WITHIN_MS = 30_000;

const script = (word: string, user = '') => `"/etc/keepalived/said.sh ${word}"${user === '' ? '' : ` ${user}`}`;

function server(n: number, lines = ''): string {
  return `  real_server 10.0.0.7${n} 80 {
    ${lines}
    notify_up ${script(`up-${n}`)}
    notify_down ${script(`down-${n}`, 'root')}
    MISC_CHECK {
      misc_path "/usr/bin/test -e /run/serves-${n}"
      retry 0
    }
  }
`;
}

function configuration(servers: string, lines = ''): string {
  return `global_defs {
  router_id box
  script_user nobody
  lvs_notify_fifo /run/lvs.fifo root
  lvs_notify_fifo_script /etc/keepalived/reader.sh root
}
virtual_server 192.0.2.1 80 {
  delay_loop 1
  warmup 0
  lb_algo rr
  lb_kind NAT
  protocol TCP
  omega
  quorum_up ${script('quorum-up')}
  quorum_down ${script('quorum-down')}
  sorry_server 10.0.0.99 80
  ${lines}
${servers}}
`;
}

describeWithPeer(['root', 'netns', 'ip', 'nft'], 'notifiers of virtual servers', () => {
  const lab = new NamespaceLab();
  let box: OwnBox;
  let program: ChildProcess;
  let output = '';

  beforeAll(async () => {
    const space = lab.add('notified');
    lab.run(space, 'ip', 'address', 'add', '192.0.2.1/32', 'dev', 'lo');
    box = await OwnBox.open(lab, space);
    box.write('/etc/keepalived/said.sh', '#!/bin/sh\necho "$(id -un) $*" >> /run/said\n');
    box.write('/etc/keepalived/reader.sh', '#!/bin/sh\nexec cat "$1" >> /run/lines\n');
    run('chmod 755 /etc/keepalived/*.sh; touch /run/said; chmod 666 /run/said; touch /run/serves-1 /run/serves-2');
    box.write(FILE, configuration(server(1) + server(2)));
    const [command = '', ...rest] = [...box.exec, 'tandem-keepalived', '-n', '-l'];
    program = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: box.env, cwd: '/' });
    lab.adopt(program);
    for (const stream of [program.stdout, program.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
  });

  afterAll(() => lab.remove());

  function run(command: string): string {
    return box.run(command).stdout;
  }

  /** Since this was asked last: what scripts have said, and what was read from the pipe. */
  async function heard(lines: readonly string[], from: 'said' | 'lines'): Promise<void> {
    const path = `/run/${from}`;
    const endMs = performance.now() + WITHIN_MS;
    let seen: readonly string[] = [];
    while (seen.length < lines.length && performance.now() < endMs) {
      seen = run(`cat ${path}`).split('\n').slice(0, -1);
      await sleep(50);
    }
    expect(seen, output).toEqual(lines);
    // Who writes has the file open, and appends.
    run(`cp /dev/null ${path}`);
  }

  async function balanced(...ips: readonly string[]): Promise<void> {
    const endMs = performance.now() + WITHIN_MS;
    const seen = (): string[] =>
      [...new Set(run('nft list table inet tandem').match(/10\.0\.0\.\d+(?=[: ])/g) ?? [])].sort();
    while (seen().join() !== ips.join() && performance.now() < endMs) await sleep(50);
    expect(seen(), output).toEqual(ips);
  }

  it('at the start tell of the quorum', async () => {
    await heard(['nobody quorum-up'], 'said');
    await heard([`VS ${VS} UP`], 'lines');
    await balanced('10.0.0.71', '10.0.0.72');
  });

  it('tell of servers, and of the last one before the quorum', async () => {
    run('rm /run/serves-1');
    await heard(['root down-1'], 'said');
    await balanced('10.0.0.72');
    run('rm /run/serves-2');
    await heard(['root down-2', 'nobody quorum-down'], 'said');
    await balanced('10.0.0.99');
    run('touch /run/serves-2');
    await heard(['nobody up-2', 'nobody quorum-up'], 'said');
    await balanced('10.0.0.72');
    await heard(
      [
        ...[`RS ${RS(1)} ${VS} DOWN`, `RS ${RS(2)} ${VS} DOWN`, `VS ${VS} DOWN`],
        ...[`RS ${RS(2)} ${VS} UP`, `VS ${VS} UP`],
      ],
      'lines',
    );
  });

  it('in a reload tell of what it changes', async () => {
    run('touch /run/serves-3');
    box.write(FILE, configuration(server(1) + server(3, 'weight 5')));
    program.kill('SIGHUP');
    await heard(['root down-2'], 'said');
    await heard([`RS ${RS(2)} ${VS} DOWN`], 'lines');
    await balanced('10.0.0.73');
    run('touch /run/serves-1');
    await heard(['nobody up-1'], 'said');
    await heard([`RS ${RS(1)} ${VS} UP`], 'lines');
    await balanced('10.0.0.71', '10.0.0.73');
  });

  it('at the end of omega tell that all is down, and the rules are gone', async () => {
    program.kill('SIGTERM');
    if (program.exitCode === null) await once(program, 'exit');
    await heard(['root down-1', 'root down-3', 'nobody quorum-down'], 'said');
    await heard([`RS ${RS(1)} ${VS} DOWN`, `RS ${RS(3)} ${VS} DOWN`, `VS ${VS} DOWN`], 'lines');
    expect(run('nft list tables')).not.toContain('tandem');
  });
});
