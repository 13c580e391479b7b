/**
 * Small configurations, judged by the loaders and by the real programs (`haproxy -c`, `keepalived -t`). What we accept, they
 * accept; what only we refuse is something that this program says it does not have, or a difference of the table.
 *
 * An input is the place on a line of its own (see the agreement tests), then the lines.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileBytes } from '../../../src/config/files.ts';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { formatProblem } from '../../../src/config/report.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { programPath } from '../../support/peers.ts';
import type { SeededRandom } from '../../support/random.ts';
import { finding, type StagedTarget } from '../engine/target.ts';
import { corpusOf, mutateLines } from './mutate-lines.ts';

const golden = join(import.meta.dirname, '../../config/golden');

interface Agreement {
  readonly cases: Readonly<Record<string, readonly string[]>>;
  readonly differences: readonly { readonly place: string; readonly lines: string }[];
}
const agreement = JSON.parse(readFileSync(join(golden, 'agreement.json'), 'utf8')) as Agreement;

const TIMEOUTS = '  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n';
const LISTEN = 'listen l\n  bind 127.0.0.1:20080\n  server s 127.0.0.1:20079\n';
const PLACES: Readonly<Record<string, readonly [before: string, after: string]>> = {
  global: ['global\n  ', `\ndefaults\n${TIMEOUTS}${LISTEN}`],
  defaults: [`defaults\n${TIMEOUTS}  `, `\n${LISTEN}`],
  listen: [`defaults\n  mode http\n${TIMEOUTS}${LISTEN}  `, '\n'],
  tcp: [`defaults\n${TIMEOUTS}${LISTEN}  `, '\n'],
  frontend: [`defaults\n  mode http\n${TIMEOUTS}frontend f\n  bind 127.0.0.1:20080\n  `, '\n'],
  backend: [`defaults\n  mode http\n${TIMEOUTS}backend b\n  server s 127.0.0.1:20079\n  `, '\n'],
};
const NAMES = Object.keys(PLACES) as [string, ...string[]];
/** One line at a time: a second one would hide why. */
const lines = (place: string): string[] => (agreement.cases[place] ?? []).filter((text) => !text.includes('\n'));
const corpus = corpusOf(Object.keys(PLACES).flatMap(lines));

function make(random: SeededRandom): string {
  const place = random.pick(NAMES);
  const choice = lines(place);
  const line = choice[random.below(choice.length)] ?? '';
  // A line break would begin another place.
  const changed = mutateLines(random, line, corpus).replace(/[\n\0]/g, ' ');
  return `${place}\n${changed}`;
}

interface Difference {
  readonly name: string;
  readonly who: 'tandem refuses' | 'haproxy refuses';
  /** One of our problems, code and message, or a line of what haproxy says. */
  readonly says: RegExp;
}

const DIFFERENCES: readonly Difference[] = [
  { name: 'not supported here, and said so', who: 'tandem refuses', says: /^(?:unsupported|removed)-/ },
  { name: 'words that haproxy passes over in silence', who: 'tandem refuses', says: /^extra-argument / },
  { name: 'a number with letters behind it', who: 'tandem refuses', says: /^bad-[a-z]+ .*'[^']*\d[^\d'][^']*'/ },
  { name: 'default-server without anything', who: 'tandem refuses', says: /^missing-argument .*'default-server'/ },
  { name: 'a keyword that has no effect here', who: 'tandem refuses', says: / has no place in / },
  { name: 'a keyword that is ignored is not looked into', who: 'haproxy refuses', says: /^ignored-keyword / },
  {
    name: 'names are resolved at the start, not in a check',
    who: 'haproxy refuses',
    says: /could not resolve address/,
  },
];

/** The alert without its names and numbers, so that findings of one kind are counted together. */
const keyOf = (said: string): string =>
  (/\[ALERT\][^:]*:[^:]*: ?(?:parsing )?\[[^\]]*\] ?:?(.*)/.exec(said)?.[1] ?? said)
    .replace(/'[^']*'|\d+/g, '…')
    .slice(0, 60);
const inWords = ({ code, message }: Problem): string => `${code} ${message}`;

export async function haproxyVerdicts(): Promise<StagedTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-'));
  const file = join(folder, 'haproxy.cfg');
  const program = programPath('haproxy');
  const env = { PATH: '/usr/bin' };
  return {
    name: 'haproxy-verdicts',
    count: 200,
    make,
    async check(input, tally) {
      const cut = input.indexOf('\n');
      const place = PLACES[input.slice(0, cut)];
      if (cut < 0 || place === undefined) return null;
      const text = `${place[0]}${Buffer.from(input.slice(cut + 1), 'latin1').toString()}${place[1]}`;
      writeFileSync(file, text);
      const child = spawn(program, ['-c', '-f', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const [status] = (await once(child, 'close')) as [number | null];
      // 2: a good file that has nothing to serve.
      const theirs = status === 0 || status === 2;
      const { model, problems } = loadHaproxyConfig([{ name: file, text }], { env, readFile: readFileBytes });
      const ours = model !== null;
      if (ours === theirs) {
        tally.count(ours ? 'both accept' : 'both refuse');
        return null;
      }
      const who = ours ? 'haproxy refuses' : 'tandem refuses';
      const reasons = [...said.split('\n'), ...problems.map(inWords)];
      const difference = DIFFERENCES.find((one) => one.who === who && reasons.some((reason) => one.says.test(reason)));
      if (difference !== undefined) {
        tally.count(`explained: ${difference.name}`, input);
        return null;
      }
      const words = problems.map(formatProblem).join('\n');
      return finding(
        `${who}: ${ours ? keyOf(said) : problems.find(({ severity }) => severity === 'error')?.code}`,
        `${words}\n${said}`,
      );
    },
    expected: ['both accept', 'both refuse'],
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
