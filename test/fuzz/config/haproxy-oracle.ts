/**
 * Small configurations, judged by the loader and by `haproxy -c`. What we accept, it
 * accepts, or a difference of the table says why.
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

/** What we accept and haproxy refuses, with reason. */
const DIFFERENCES: readonly { readonly name: string; readonly says: RegExp }[] = [
  { name: 'a keyword that is ignored is not looked into', says: /^ignored-keyword / },
  {
    name: 'names are resolved at the start, not in a check',
    says: /could not resolve address|Can't create DNS resolution/,
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
    shrinkTries: 150,
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
      const words = problems.map(formatProblem).join('\n');
      if (!ours) {
        // Stricter than haproxy, and says where and why; but a word that it has must be one that we have heard of.
        const code = problems.find(({ severity }) => severity === 'error')?.code ?? 'without a reason';
        if (/^unknown-keyword$|^without/.test(code))
          return finding(`only haproxy accepts: ${code}`, `${words}\n${said}`);
        tally.count(`only haproxy accepts: ${code}`, input);
        return null;
      }
      const reasons = [...said.split('\n'), ...problems.map(inWords)];
      const difference = DIFFERENCES.find(({ says }) => reasons.some((reason) => says.test(reason)));
      if (difference === undefined) {
        return finding(`only haproxy refuses: ${keyOf(said)}`, `${words}\n${said}`);
      }
      tally.count(`explained: ${difference.name}`, input);
      return null;
    },
    expected: ['both accept', 'both refuse'],
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
