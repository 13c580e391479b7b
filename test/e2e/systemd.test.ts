/** Tandem as systemd's service: what it tells it, and what its unit lets it do. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { processTree } from '../support/proxy-process.ts';

const root = join(import.meta.dirname, '..', '..');
const UNIT = join(root, 'examples', 'tandem.service');
const TANDEM = join(root, 'dist', 'cli', 'tandem.js');
const PATIENCE_MS = 60_000;

let folder: string;
let port: number;
let server: Server;
const started: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-systemd-'));
  port = await freePort();
  server = createServer((_request, response) => response.end('hi'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeConfig(global = ''): string {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
${global}
defaults
 mode http
 timeout connect 10s
 timeout client 60s
 timeout server 60s
listen web
 bind 127.0.0.1:${port}
 server s 127.0.0.1:${(server.address() as AddressInfo).port}
`,
  );
  return file;
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}`);
    await sleep(10);
  }
}

describeWithPeer('systemd-analyze', 'unit', () => {
  it('is one that systemd understands, and is not exposed by more than 3.0', () => {
    const unit = join(folder, 'tandem.service');
    writeFileSync(unit, readFileSync(UNIT, 'utf8').replaceAll('/usr/local/bin/tandem', TANDEM));
    const analyze = programPath('systemd-analyze');
    const verified = spawnSync(analyze, ['verify', unit], { encoding: 'utf8' });
    expect(verified.stderr.split('\n').filter((line) => line.includes('tandem.service'))).toEqual([]);
    const judged = spawnSync(analyze, ['security', '--offline=true', '--threshold=30', '--no-pager', unit], {
      encoding: 'utf8',
    });
    expect([judged.status, judged.stdout.trim().split('\n').at(-1)]).toEqual([0, expect.stringMatching(/: [0-3]\.0 /)]);
  });
});

describeWithPeer('socat', 'service', () => {
  it('tells of its start, that it is alive, of reloads, and of its end', async () => {
    const notify = join(folder, 'notify');
    const systemd = spawn(programPath('socat'), ['-u', `UNIX-RECV:${notify}`, '-'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started.push(systemd);
    let heard = '';
    systemd.stdout.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    await until('somebody listens', () => existsSync(notify));
    const config = writeConfig();
    const child = spawn(process.execPath, [TANDEM, 'run', '-f', config], {
      stdio: 'ignore',
      env: { ...process.env, NOTIFY_SOCKET: notify, WATCHDOG_USEC: '300000' },
    });
    started.push(child);
    await until('it is ready', () => heard.includes('READY=1'));
    expect(await connects(port)).toBe(true);
    expect(heard).toContain(`MAINPID=${child.pid}\nSTATUS=0 connections, 1 of 1 servers up\n`);
    await until('it is alive', () => heard.split('WATCHDOG=1').length > 3);
    heard = '';
    child.kill('SIGHUP');
    await until('it has reloaded', () => /RELOADING=1\nMONOTONIC_USEC=\d+\n.*READY=1/s.test(heard));
    heard = '';
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await until('it says so', () => heard.includes('STOPPING=1'));
    await gone;
  });
});

describeWithPeer(['setpriv', 'root'], 'service', () => {
  it('needs no more than the capabilities of its unit', async () => {
    const granted = /^CapabilityBoundingSet=(.*)$/m.exec(readFileSync(UNIT, 'utf8'))?.[1]?.split(' ') ?? [];
    expect(granted.length).toBeGreaterThan(3);
    const jail = join(folder, 'jail');
    mkdirSync(jail);
    const sets = ['-all', ...granted.map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`)].join(',');
    const web = join(folder, 'web.sock');
    const config = writeConfig(
      ` tune.tandem.spare-process off\n user nobody\n chroot ${jail}\n stats socket ${web} user nobody mode 600`,
    );
    const command = ['--bounding-set', sets, '--no-new-privs', process.execPath, TANDEM, 'run', '-f', config];
    const child = spawn(programPath('setpriv'), command, { stdio: 'ignore' });
    started.push(child);
    await until('it listens', () => connects(port));
    // Who answers has given up its rights.
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe('hi');
    const tree = processTree(child.pid ?? 0);
    expect(tree.length).toBe(2);
    const uidOf = (pid: number): string =>
      /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '';
    expect(tree.slice(1).map(uidOf)).not.toContain('0');
    // It may end processes of another user.
    child.kill('SIGTERM');
    await once(child, 'exit');
    await until('nobody is left', () => tree.every((pid) => !existsSync(`/proc/${pid}/exe`)));
  });
});
