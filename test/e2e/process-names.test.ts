/** What our processes are called, by ps, pidof and `killall -0`: scripts that look for haproxy and keepalived find them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeAsRoot, findProgram } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';

const programs = join(import.meta.dirname, '..', '..', 'dist', 'cli');

let folder: string;
let config: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-names-'));
  config = join(folder, 'haproxy.cfg');
  const timeouts = 'timeout connect 1s\n  timeout client 1s\n  timeout server 1s';
  writeFileSync(config, `defaults\n  ${timeouts}\nlisten web\n  bind 127.0.0.1:${await freePort()}\n`);
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  // A data process ends with its control.
  await sleep(100);
  rmSync(folder, { recursive: true });
});

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};
const nameOf = (pid: number) => textOf(`/proc/${pid}/comm`).trim();
const lineOf = (pid: number) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
const parentOf = (pid: number) => Number(/^PPid:\s*(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]);
const dataOf = (pid: number) =>
  readdirSync('/proc')
    .map(Number)
    .find((one) => one > 0 && parentOf(one) === pid && nameOf(one) === 'haproxy');

async function eventually<T>(what: string, find: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    await sleep(20);
  }
  throw new Error(`never: ${what}`);
}

function start(prefix: readonly string[], program: string, said: string, ...args: string[]): number {
  const [first = '', ...rest] = [...prefix, process.execPath, join(programs, program), ...args];
  const output = openSync(said, 'w');
  const child = spawn(first, rest, { stdio: ['ignore', output, output] });
  closeSync(output);
  started.push(child);
  return child.pid ?? 0;
}

describe('names', () => {
  it('tandem-haproxy is haproxy, with its command line; its data process, too', async () => {
    const pid = start([], 'tandem-haproxy.js', '/dev/null', '-db', '-f', config);
    const data = await eventually('a data process', () => dataOf(pid));
    expect([nameOf(pid), lineOf(pid)]).toEqual(['haproxy', `haproxy -db -f ${config}`]);
    expect(lineOf(data)).toBe('haproxy tandem data-process');
  });

  it('of tandem run the data process alone is haproxy, and who takes its place', async () => {
    const said = join(folder, 'said');
    const pid = start([], 'tandem.js', said, 'run', '-f', config);
    await eventually('serving', () => textOf(said).includes('serving '));
    const data = await eventually('a data process', () => dataOf(pid));
    expect(nameOf(pid)).not.toBe('haproxy');
    process.kill(data, 'SIGKILL');
    const next = await eventually('another one', () => {
      const found = dataOf(pid);
      return found !== data && found;
    });
    expect(lineOf(next)).toBe('haproxy tandem data-process');
  });
});

describeAsRoot('names in a pair', () => {
  const lab = new NamespaceLab();
  afterEach(() => lab.remove());

  function box(): Namespace {
    const space = lab.add('names');
    lab.link(lab.add('far'), {}, space, '10.77.0.1/24', 'eth0');
    return space;
  }
  const pairFile = (script: string) => {
    const file = join(folder, 'keepalived.conf');
    const chk = `vrrp_script chk {\n  script "${script}"\n  user root\n  weight 2\n  init_fail\n}\n`;
    const router = `vrrp_instance VI_1 {\n  interface eth0\n  version 3\n  advert_int 0.1\n  virtual_router_id 51\n  priority 100\n  track_script {\n    chk\n  }\n  virtual_ipaddress {\n    10.77.0.100/24\n  }\n}\n`;
    writeFileSync(file, chk + router);
    return file;
  };

  it('tandem-keepalived is keepalived', async () => {
    const file = pairFile('/bin/true');
    const pids = ['-p', join(folder, 'p'), '-r', join(folder, 'r')];
    const pid = start(box().exec, 'tandem-keepalived.js', '/dev/null', '-n', '-l', '-G', '-f', file, ...pids);
    await eventually('the name', () => nameOf(pid) === 'keepalived');
    expect(lineOf(pid)).toBe(`keepalived -n -l -G -f ${file} ${pids.join(' ')}`);
  });

  it.runIf(findProgram('killall') !== undefined).each<[string, readonly string[], boolean]>([
    ['succeeds where proxies run', ['-f', 'haproxy.cfg'], true],
    ['fails where none do', [], false],
  ])('killall -0 haproxy in a vrrp_script %s', async (_, proxies, succeeds) => {
    const files = [...proxies.map((word) => word.replace('haproxy.cfg', config)), '-f', pairFile('killall -0 haproxy')];
    // Processes of its own: whoever else is called haproxy on this machine does not answer.
    const inside = [...box().exec, 'unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const said = join(folder, 'said');
    start(inside, 'tandem.js', said, 'run', ...files);
    const outcome = () => /VRRP_Script\(chk\) (succeeded|failed)/.exec(textOf(said))?.[1];
    await eventually('a master', () => textOf(said).includes('Entering MASTER STATE'));
    if (succeeds) expect(await eventually('a result', outcome)).toBe('succeeded');
    else await sleep(1500);
    expect(outcome() === 'succeeded').toBe(succeeds);
  });
}, ['netns']);
