/**
 * Programs that others have written for HAProxy's stats socket, as Debian packages them, on ours: hatop on a terminal, and
 * Prometheus' exporter.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ask } from '../support/stats-client.ts';
import { converse } from '../support/tcp-conversation.ts';

const run = promisify(execFile);
const DEADLINE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'tandem-tools-'));
const stats = join(folder, 'stats.sock');
let proxy: ProxyProcess;
let port = 0;

beforeAll(async () => {
  port = await quietPort();
  const [one, two] = [await quietPort(), await quietPort()];
  const config = `
global
  stats socket ${stats} level admin
  stats timeout 60s
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${port}
  default_backend app
backend app
  server alpha 127.0.0.1:${one}
  server beta 127.0.0.1:${two}
listen other
  bind 127.0.0.1:${await quietPort()}
  server gamma 127.0.0.1:${one} disabled
`;
  proxy = await ProxyProcess.start(TANDEM_HAPROXY, config, port);
});
afterAll(async () => {
  await proxy?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + DEADLINE_MS; !(await holds()); await sleep(50)) {
    if (performance.now() > end) throw new Error(`${what}: never came true`);
  }
}

describeWithPeer(['hatop', 'tmux'], 'hatop', () => {
  const terminal = join(folder, 'tmux.sock');
  const tmux = async (...words: readonly string[]) =>
    (await run(programPath('tmux'), ['-S', terminal, ...words])).stdout;
  const screen = () => tmux('capture-pane', '-p', '-t', 'hatop');

  beforeAll(async () => {
    // It gives up when an answer takes a second, which on a busy machine says nothing about the answer.
    const again = `until ${programPath('hatop')} -s ${stats} -i 1; do sleep 0.1; done`;
    await tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'hatop', '-x', '120', '-y', '40', again);
  });
  afterAll(async () => {
    await tmux('kill-server');
  });

  it('shows the program, its proxies and their servers', async () => {
    await until('all are there', async () => /alpha[\s\S]*beta[\s\S]*gamma/.test(await screen()));
    const shown = await screen();
    expect(shown).toMatch(/HAProxy Version: 2\.6\.\d+-tandem/);
    expect(shown).toContain(`PID: ${proxy.pid}`);
    expect(shown).toMatch(/>>> web\s+FRONTEND +0 OPEN/);
    expect(shown).toMatch(/>>> app\s+alpha +1 - +none +1 +0/);
    expect(shown).toMatch(/BACKEND +2 UP +2 +0/);
    expect(shown).toMatch(/>>> other\s+FRONTEND[\s\S]*gamma +1 MAINT/);
  });

  it('disables the server that is chosen, with F10', async () => {
    const states = async () => {
      const lines = (await ask(stats, 'show stat app 4 -1\n')).split('\n').slice(1);
      return lines.map((line) => line.split(',')[17]);
    };
    // The one above the cursor's first place is a frontend, which cannot be disabled.
    await until('one is in maintenance', async () => {
      await tmux('send-keys', '-t', 'hatop', 'Down');
      await tmux('send-keys', '-t', 'hatop', 'F10');
      await sleep(500);
      return (await states()).includes('MAINT');
    });
    await until('it shows that', async () => /(alpha|beta) +1 MAINT/.test(await screen()));
  });
});

describeWithPeer('prometheus-haproxy-exporter', 'prometheus-haproxy-exporter', () => {
  it('finds the program up, and each of its servers, with their counters', async () => {
    await converse(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await ask(stats, 'enable server app/alpha; enable server app/beta\n');
    const at = await quietPort();
    const words = [`--haproxy.scrape-uri=unix:${stats}`, `--web.listen-address=127.0.0.1:${at}`];
    const exporter = spawn(programPath('prometheus-haproxy-exporter'), words, { stdio: 'ignore' });
    try {
      let text = '';
      await until('it has scraped', async () => {
        text = await fetch(`http://127.0.0.1:${at}/metrics`).then(
          (answer) => answer.text(),
          () => '',
        );
        return /^haproxy_up 1$/m.test(text);
      });
      // Nobody checks them.
      expect(text).toMatch(/^haproxy_server_up\{backend="app",server="alpha"\} 1$/m);
      expect(text).toMatch(/^haproxy_server_up\{backend="app",server="beta"\} 1$/m);
      expect(text).toMatch(/^haproxy_server_up\{backend="other",server="gamma"\} 0$/m);
      expect(text).toMatch(/^haproxy_backend_up\{backend="app"\} 1$/m);
      expect(text).toMatch(/^haproxy_frontend_http_requests_total\{frontend="web"\} [1-9]\d*$/m);
      expect(text).toMatch(/^haproxy_exporter_csv_parse_failures_total 0$/m);
    } finally {
      exporter.kill();
    }
  });
});
