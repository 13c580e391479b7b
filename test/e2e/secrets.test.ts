/** Programs whose files hold secrets, right and wrong: nothing that they write has one of them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connects, freePort } from '../support/ports.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const SECRET = 'cAnArY7!';
const WITHIN_MS = 30_000;
const TANDEM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem.js');
const TANDEM_KEEPALIVED = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem-keepalived.js');

let folder: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-secrets-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const keepalived = (more: string, password = SECRET, priority = 150): string => `
$PASSWORD=${password}
global_defs {
  router_id box
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  authentication {
    auth_type PASS
    auth_pass $PASSWORD
    ${more}
  }
  virtual_ipaddress {
    10.77.0.100/24
  }
}
`;

const haproxy = (port: number, server: number, more: string): string => `
global
  setenv PASSWORD ${SECRET}
  stats socket ${folder}/stats.sock
  log stderr local0
  ${more}
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
listen web
  bind 127.0.0.1:${port}
  option httpchk
  http-check send meth GET uri / hdr Authorization "Basic \${PASSWORD}"
  server s 127.0.0.1:${server} check inter 100
`;

function outputOf(program: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, MAIL_PASSWORD: SECRET },
  });
  return stdout + stderr;
}

it.each([
  ['right', ''],
  ['with a word too many', `auth_pass ${SECRET} ${SECRET}`],
])('a check of keepalived.conf does not repeat the password: %s', (_, more) => {
  const path = file('keepalived.conf', keepalived(more));
  const peer = file('peer.conf', keepalived('', `${SECRET.slice(0, 4)}x`, 100));
  const said = [
    outputOf(TANDEM, 'check', '-f', path),
    outputOf(TANDEM, 'check', '-f', path, '--peer', peer),
    outputOf(TANDEM_KEEPALIVED, '-t', '-f', path),
  ];
  for (const text of said) expect(text).not.toContain(SECRET.slice(0, 5));
  expect(said.join('')).toContain(more === '' ? 'the passwords differ: two masters' : 'keepalived.conf');
});

it.each([
  ['right', ''],
  ['wrong', `stats auth admin:${SECRET}`],
])('a check of haproxy.cfg does not repeat it: %s', (_, more) => {
  const path = file('haproxy.cfg', haproxy(23_990, 23_991, more));
  const said = [outputOf(TANDEM, 'check', '-f', path), outputOf(TANDEM_HAPROXY, '-c', '-V', '-f', path)];
  for (const text of said) expect(text).not.toContain(SECRET);
  expect(said[1]).toContain(more === '' ? 'Configuration file is valid' : 'haproxy.cfg');
});

it(
  'a proxy that runs, checks in vain, tells its states and stops does not say it; its stats socket is its own',
  async () => {
    const port = await freePort();
    const server = await ScriptedServer.start({
      bytes: 'HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n',
      ending: 'close',
    });
    const child = spawn(TANDEM_HAPROXY, ['-db', '-f', file('haproxy.cfg', haproxy(port, server.port, ''))], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MAIL_PASSWORD: SECRET },
    });
    started.push(child);
    let output = '';
    const keep = (text: Buffer): void => {
      output += text.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
      const endMs = Date.now() + WITHIN_MS;
      for (; !(await condition()); await sleep(20)) if (Date.now() > endMs) throw new Error(`not ${what}:\n${output}`);
    };
    await until('serving', () => connects(port));
    await until('down', () => output.includes('Server web/s is DOWN'));
    expect(statSync(join(folder, 'stats.sock')).mode & 0o777).toBe(0o600);
    // The check had it, so it could have been told.
    expect(server.requests.join()).toContain(SECRET);
    child.kill('SIGHUP');
    await until('dumped', () => output.includes('SIGHUP received'));
    const gone = once(child, 'close');
    child.kill('SIGUSR1');
    await gone;
    await server.stop();
    expect(output).not.toContain(SECRET);
  },
  2 * WITHIN_MS,
);
