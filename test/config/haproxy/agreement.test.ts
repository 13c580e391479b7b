/**
 * Small configurations (test/config/golden/agreement.json), judged by the real HAProxy 2.6 and by the loader: accepted or
 * refused alike, but for the differences that are listed there with their reason. A place puts a valid rest around lines:
 *
 *   global, defaults, frontend, backend   lines of such a section
 *   listen, tcp                           lines of a `listen` with one server, in mode http or tcp
 *   file                                  the whole file
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileBytes } from '../../../src/config/files.ts';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { formatProblem } from '../../../src/config/report.ts';
import { describeWithPeer, findProgram, programPath } from '../../support/peers.ts';

type Place = 'global' | 'defaults' | 'listen' | 'tcp' | 'frontend' | 'backend' | 'file';

interface Agreement {
  readonly cases: Readonly<Record<Place, readonly string[]>>;
  readonly differences: readonly { place: Place; lines: string; haproxy: 'accepts' | 'refuses'; why: string }[];
}

const golden = join(import.meta.dirname, '../golden/agreement.json');
const { cases, differences }: Agreement = JSON.parse(readFileSync(golden, 'utf8'));

const TIMEOUTS = '  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n';
const LISTEN = 'listen l\n  bind 127.0.0.1:20080\n  server s 127.0.0.1:20079\n';

function wholeFile(place: Place, lines: string): string {
  switch (place) {
    case 'file':
      return lines;
    case 'global':
      return `global\n  ${lines}\ndefaults\n${TIMEOUTS}${LISTEN}`;
    case 'defaults':
      return `defaults\n${TIMEOUTS}  ${lines}\n${LISTEN}`;
    case 'listen':
      return `defaults\n  mode http\n${TIMEOUTS}${LISTEN}  ${lines}\n`;
    case 'tcp':
      return `defaults\n${TIMEOUTS}${LISTEN}  ${lines}\n`;
    case 'frontend':
      return `defaults\n  mode http\n${TIMEOUTS}frontend f\n  bind 127.0.0.1:20080\n  ${lines}\n`;
    case 'backend':
      return `defaults\n  mode http\n${TIMEOUTS}backend b\n  server s 127.0.0.1:20079\n  ${lines}\n`;
  }
}

/** HAProxy exits with 0 for a good file, 1 for errors, and 2 for a good one that has nothing to serve. */
const ACCEPTED_STATUSES = [0, 2];

/** Later versions of HAProxy judge some cases in another way: the table speaks of 2.6 only. */
function installedVersion(): string {
  const program = findProgram('haproxy');
  const answer = program === undefined ? '' : spawnSync(program, ['-v'], { encoding: 'utf8' }).stdout;
  return /version (\d+\.\d+)/.exec(answer)?.[1] ?? 'none';
}

const version = installedVersion();
const comparable = version === '2.6';

describeWithPeer('haproxy', 'the loader agrees with haproxy -c', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-agreement-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function judge(place: Place, lines: string): { tandem: boolean; haproxy: boolean; said: string } {
    const text = wholeFile(place, lines);
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, text);
    const env = { PATH: '/usr/bin' };
    const run = spawnSync(programPath('haproxy'), ['-c', '-f', file], { encoding: 'utf8', env });
    const { model, problems } = loadHaproxyConfig([{ name: file, text }], { env, readFile: readFileBytes });
    const said = `haproxy: ${run.stdout}${run.stderr}\ntandem: ${problems.map(formatProblem).join('\n')}`;
    return { tandem: model !== null, haproxy: ACCEPTED_STATUSES.includes(run.status ?? -1), said };
  }

  it(`is compared with HAProxy 2.6 (installed: ${version})`, () => {
    expect(Object.values(cases).flat().length).toBeGreaterThan(400);
  });

  const all = comparable ? Object.entries(cases) : [];
  const table = all.flatMap(([place, list]) => list.map((lines) => [place as Place, lines] as const));
  it.each(table)('%s: %j', (place, lines) => {
    const { tandem, haproxy, said } = judge(place, lines);
    expect(tandem, said).toBe(haproxy);
  });

  it.each(comparable ? differences : [])('$place: $lines (haproxy $haproxy: $why)', ({ place, lines, haproxy }) => {
    const judged = judge(place, lines);
    expect(judged.haproxy, judged.said).toBe(haproxy === 'accepts');
    expect(judged.tandem, judged.said).toBe(haproxy === 'refuses');
  });
});
