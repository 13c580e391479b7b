/**
 * test/e2e/scenarios/*.vtc: each is run by varnishtest against haproxy first (so the scenario itself is right), then
 * against Tandem. By hand: HAPROXY_PROGRAM=$PWD/dist/cli/tandem-haproxy.js varnishtest -l test/e2e/scenarios/queue.vtc
 * (timeout-connect.vtc wants -Dblackhole=IP:PORT too, see test/support/blackhole.ts).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Blackhole } from '../support/blackhole.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';

const folder = join(import.meta.dirname, 'scenarios');
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.vtc'))
  .sort()
  .map((file) => basename(file, '.vtc'));

/** What matters of varnishtest's log when a scenario fails: what the proxy said last, what was received, what failed. */
function excerpt(log: string): string {
  const lines = log.split('\n');
  const said = lines.filter((line) => line.includes('debug|')).slice(-15);
  const judged = lines.filter((line) => /^---- |EXPECT|syslog\||rxhdr\|/.test(line)).slice(-40);
  return [...said, ...judged].join('\n') || lines.slice(-40).join('\n');
}

async function run(program: string, scenario: string, blackholePort: number): Promise<void> {
  const file = join(folder, `${scenario}.vtc`);
  const child = spawn(programPath('varnishtest'), ['-t', '20', `-Dblackhole=127.0.0.1:${blackholePort}`, file], {
    env: { ...process.env, HAPROXY_PROGRAM: program },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await exit) as [number | null];
  if (status !== 0) throw new Error(`${scenario}.vtc failed with ${program}\n${excerpt(output + errors)}`);
}

describeWithPeer(['varnishtest', 'haproxy', 'socat', 'curl'], "scenarios in HAProxy's test language", () => {
  let blackhole: Blackhole;
  beforeAll(async () => {
    blackhole = await Blackhole.open();
  });
  afterAll(() => blackhole.close());

  const programs = [
    { name: 'haproxy', path: () => programPath('haproxy') },
    { name: 'tandem', path: () => TANDEM_HAPROXY },
  ];
  describe.each(programs)('$name', ({ path }) => {
    it.each(scenarios)('%s', (scenario) => run(path(), scenario, blackhole.port));
  });
});
