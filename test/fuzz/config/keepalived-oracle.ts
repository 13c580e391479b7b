/**
 * Small configurations, judged by the loader and by `keepalived -t` in a network namespace with eth0 and eth1: what we accept, keepalived
 * accepts, or a difference of the table says why.
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

/** What we accept and keepalived refuses, with reason. */
const DIFFERENCES: readonly { readonly name: string; readonly says: RegExp }[] = [
  {
    name: 'interfaces, users and servers need not be there yet',
    says: /Unknown interface|doesn't exist|uid\/gid|smtp server/,
  },
  { name: 'what is there twice counts once, with a warning', says: /already (?:been )?specified/ },
  { name: 'values of routes and rules are left to ip', says: /specified for (?:route|rule)/ },
  { name: 'an interval of 0 is none', says: /'0(?:\.0*)?' outside range/ },
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
    count: 100,
    shrinkTries: 150,
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
      const words = problems.map(formatProblem).join('\n');
      if (!ours) {
        // Stricter than keepalived, and says where and why; but a word that it has must be one that we have heard of.
        const code = problems.find(countsInTest)?.code ?? 'without a reason';
        if (/^unknown-keyword$|^without/.test(code))
          return finding(`only keepalived accepts: ${code}`, `${words}\n${said}`);
        tally.count(`only keepalived accepts: ${code}`, input);
        return null;
      }
      const reasons = [...said.split('\n'), ...problems.map(({ code, message }) => `${code} ${message}`)];
      const difference = DIFFERENCES.find(({ says }) => reasons.some((reason) => says.test(reason)));
      if (difference === undefined) {
        return finding(
          `only keepalived refuses: ${said.replace(/'[^']*'|\d+/g, '…').slice(0, 60)}`,
          `${words}\n${said}`,
        );
      }
      tally.count(`explained: ${difference.name}`, input);
      return null;
    },
    expected: ['both accept', 'both refuse'],
    stop: async () => {
      await lab.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
