/**
 * Small configurations, judged by the loader and by `keepalived -t` in a network namespace with eth0 and eth1: both are
 * content, or neither is, or a difference of the table says why.
 *
 * An input is the place on a line of its own (see the agreement test), then the lines.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countsInTest } from '../../../src/config/keepalived/counted-warnings.ts';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';
import { formatProblem } from '../../../src/config/report.ts';
import { NamespaceLab } from '../../support/namespaces.ts';
import { programPath } from '../../support/peers.ts';
import type { SeededRandom } from '../../support/random.ts';
import { finding, type StagedTarget } from '../engine/target.ts';
import { corpusOf, mutateLines } from './mutate-lines.ts';

const golden = join(import.meta.dirname, '../../config/golden/keepalived');

interface Agreement {
  readonly cases: Readonly<Record<string, readonly string[]>>;
}
const agreement = JSON.parse(readFileSync(join(golden, 'agreement.json'), 'utf8')) as Agreement;

const INSTANCE = 'vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n';
const ADDRESS = '  virtual_ipaddress {\n    10.0.0.10/24\n  }\n';
const PLACES: Readonly<Record<string, (lines: string) => string>> = {
  instance: (lines) => `${INSTANCE}  ${lines}\n${lines.includes('virtual_ipaddress {') ? '' : ADDRESS}}\n`,
  global: (lines) => `global_defs {\n  ${lines}\n}\n${INSTANCE}${ADDRESS}}\n`,
};
const NAMES = Object.keys(PLACES) as [string, ...string[]];
const casesOf = (place: string): readonly string[] => agreement.cases[place] ?? [];
const corpus = corpusOf(NAMES.flatMap((place) => [...casesOf(place)]));

function make(random: SeededRandom): string {
  const place = random.pick(NAMES);
  const cases = casesOf(place);
  const lines = cases[random.below(cases.length)] ?? '';
  return `${place}\n${mutateLines(random, lines, corpus).replaceAll('\0', ' ')}`;
}

interface Difference {
  readonly name: string;
  readonly who: 'tandem refuses' | 'keepalived refuses';
  /** One of our problems, code and message, or a line of what keepalived says. */
  readonly says: RegExp;
}

const DIFFERENCES: readonly Difference[] = [
  { name: 'not supported here, and said so', who: 'tandem refuses', says: /^unsupported-/ },
];

export async function keepalivedVerdicts(): Promise<StagedTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-'));
  const file = join(folder, 'keepalived.conf');
  const lab = new NamespaceLab();
  const box = lab.add('kf');
  const ip = (...args: string[]) => spawnSync(programPath('ip'), ['-n', box.name, ...args], { stdio: 'ignore' });
  ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  ip('addr', 'add', '10.0.0.1/24', 'dev', 'eth0');
  for (const name of ['eth0', 'eth1']) ip('link', 'set', name, 'up');
  const context = {
    env: {},
    readFile: (path: string) => readFileSync(path),
    listFolder: readdirSync,
    hostname: 'node1',
  };
  const [program = '', ...prefix] = box.exec;
  return {
    name: 'keepalived-verdicts',
    count: 150,
    make,
    async check(input, tally) {
      const cut = input.indexOf('\n');
      const place = PLACES[input.slice(0, cut)];
      if (cut < 0 || place === undefined) return null;
      const text = place(Buffer.from(input.slice(cut + 1), 'latin1').toString());
      writeFileSync(file, text);
      const child = spawn(program, [...prefix, programPath('keepalived'), '-t', '-f', file], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const [status] = (await once(child, 'close')) as [number | null];
      const theirs = status === 0;
      const { problems } = loadKeepalivedConfig([{ name: file, text }], context);
      const ours = !problems.some(countsInTest);
      if (ours === theirs) {
        tally.count(ours ? 'both accept' : 'both refuse');
        return null;
      }
      const who = ours ? 'keepalived refuses' : 'tandem refuses';
      const reasons = [...said.split('\n'), ...problems.map(({ code, message }) => `${code} ${message}`)];
      const difference = DIFFERENCES.find((one) => one.who === who && reasons.some((reason) => one.says.test(reason)));
      if (difference !== undefined) {
        tally.count(`explained: ${difference.name}`, input);
        return null;
      }
      const words = problems.map(formatProblem).join('\n');
      const what = ours ? said.replace(/'[^']*'|\d+/g, '…').slice(0, 60) : problems.find(countsInTest)?.code;
      return finding(`${who}: ${what}`, `${words}\n${said}`);
    },
    expected: ['both accept', 'both refuse'],
    stop: async () => {
      await lab.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
