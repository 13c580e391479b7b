// `npm run simulate -- [--requests N] [--seed S] [--hours H] [--trace]`: seeds of the deterministic simulation of the data
// path, one after the other, in processes that each run a part. Says how far it is, and at a failing seed how to replay it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Memory that the data path never gives back (it lives as long as its process) is given back between parts. */
const REQUESTS_PER_PART = 500_000;
/** Its own, so that several can run. */
const OUT = `node_modules/.cache/tandem-simulation-${process.pid}`;

const { values } = parseArgs({
  options: {
    requests: { type: 'string' },
    seed: { type: 'string', default: '1' },
    hours: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

function compile() {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const options = { rootDir: resolve('.'), outDir: resolve(OUT), sourceMap: true, types: ['node'] };
  const project = {
    extends: resolve('tsconfig.json'),
    compilerOptions: options,
    files: [resolve('test/simulation/main.ts')],
    include: [],
  };
  writeFileSync(`${OUT}/tsconfig.json`, JSON.stringify(project));
  const compiler = ['node_modules/typescript/bin/tsc', '-p', `${OUT}/tsconfig.json`];
  const { status } = spawnSync(process.execPath, compiler, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  copyFileSync('package.json', `${OUT}/package.json`);
  symlinkSync(resolve('node_modules'), `${OUT}/node_modules`);
}

/** The JSON line that a part ends with. */
function runPart(seed, requests, seconds) {
  const options = ['--seed', String(seed), '--requests', String(requests), '--seconds', String(seconds)];
  if (values.trace) options.push('--trace');
  const program = ['--enable-source-maps', `${OUT}/test/simulation/main.js`, ...options];
  const part = spawnSync(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const lines = part.stdout.trimEnd().split('\n');
  const last = lines.pop() ?? '';
  if (lines.length > 0) console.log(lines.join('\n'));
  if (!last.startsWith('{'))
    throw new Error(`seeds from ${seed} on: the process ended with ${part.status ?? part.signal}`);
  return JSON.parse(last);
}

process.on('exit', () => rmSync(OUT, { recursive: true, force: true }));
compile();
const hours = values.hours === undefined ? null : Number(values.hours);
const target =
  values.requests === undefined ? (hours === null ? 1_000_000 : Number.POSITIVE_INFINITY) : Number(values.requests);
const started = performance.now();
let seed = Number(values.seed);
let done = 0;
while (done < target) {
  const elapsed = (performance.now() - started) / 1000;
  const seconds = hours === null ? 0 : hours * 3600 - elapsed;
  if (hours !== null && seconds <= 0) break;
  const part = runPart(seed, Math.min(REQUESTS_PER_PART, target - done), seconds);
  done += part.requests;
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(`seeds ${seed} to ${part.nextSeed - 1}: ${done} requests in ${minutes} min; ${part.counts}`);
  if (part.failed !== null) process.exit(1);
  seed = part.nextSeed;
}
