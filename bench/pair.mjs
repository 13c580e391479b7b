// npm run bench:pair [-- --only REGEX --rounds N], as root: what a client loses when the master of a pair leaves, dies, hangs
// or is cut off, in network namespaces; Tandem with Tandem, with keepalived in both roles, and keepalived with itself.
//
// The client sends a datagram every 5 ms to the virtual address; the outage is the longest time between two answered ones, less
// those 5 ms. Where proxies are what is measured it is 100 HTTP requests a second, each on its own connection, and 4 connections
// that are kept. Boxes, switch and clients are those of test/e2e/pair.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
// It comes with vitest, and loads TypeScript.
import { runnerImport } from 'vite';

const DEFAULT_ROUNDS = 3;
const LEASE_MS = 6000;
const { values } = parseArgs({ options: { only: { type: 'string' }, rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
const only = new RegExp(values.only ?? '');
if (process.getuid() !== 0) {
  console.error('bench:pair makes network namespaces: run it as root');
  process.exit(1);
}

const load = async (path) => (await runnerImport(path, { configFile: false, logLevel: 'error' })).module;
const { PairLab, routerText, VIP } = await load('./test/e2e/pair/pair-lab.ts');
const { processTree } = await load('./test/support/proxy-process.ts');
const lab = new PairLab();

const text = (version, interval) => (priority) => routerText({ version, interval }, priority);
const CLASSIC = text(2, '1');
const FAST = text(3, '0.1');
const FASTEST = text(3, '0.01');
const FORMULA_MS = new Map([
  [CLASSIC, 3609],
  [FAST, 361],
  [FASTEST, 36],
]);

const T = 'tandem';
const K = 'keepalived';
const ALL = [
  [T, T],
  [T, K],
  [K, T],
  [K, K],
];
const PROXIES = [['proxies', 'proxies']];

function signalAll(box, signal) {
  const pid = lab.pid(box);
  if (pid <= 0) return;
  for (const one of processTree(pid)) process.kill(one, signal);
}

/** Who hangs cannot be ended politely. */
async function clear() {
  try {
    signalAll('lb1', 'SIGCONT');
  } catch {
    // It has ended, or was never started.
  }
  await lab.clear();
}

function dataProcess(box) {
  const found = processTree(lab.pid(box)).find((pid) => {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('data-process');
  });
  if (found === undefined) throw new Error(`${box} has no data process`);
  return found;
}

// --- what happens, and what it costs ----------------------------------------------------------------------------------

const outageOf = ({ longestMs, unanswered, holes }) => {
  // What was still missing at the end is at least as long as that.
  const tailMs = unanswered > 20 ? unanswered * 5 : 0;
  return { outageMs: Math.max(longestMs, tailMs), holes };
};

/** `action` happens to the master of a pair that was started for it. */
const probed = (seconds, action) => async () => outageOf(await lab.probe(seconds, action));

/** In addition: how long until lb2 is the only owner. */
const owned = (seconds, action) => async () => {
  let owner = 'never';
  const result = await lab.probe(seconds, async () => {
    action();
    try {
      owner = `${(await lab.owners(['lb2'], LEASE_MS)).toFixed(0)} ms`;
    } catch {
      // They stay two.
    }
  });
  return { ...outageOf(result), note: `one owner after: ${owner}` };
};

/** The outage that begins with the healing: clients on the wrong box. */
const healed = (config) => async () => {
  let healedMs = 0;
  const partedMs = FORMULA_MS.get(config) ?? 0;
  const result = await lab.probe(Math.ceil(partedMs / 1000) + 4, async () => {
    const started = performance.now();
    lab.part('lb1');
    await sleep(partedMs + 500 + Math.random() * 100);
    lab.heal('lb1');
    healedMs = 600 + performance.now() - started;
  });
  const after = result.holes.filter(({ atMs }) => atMs > healedMs - 50);
  return outageOf({ ...result, longestMs: Math.max(0, ...after.map(({ lengthMs }) => lengthMs)) });
};

const asked = (action) => async () => {
  const { once, keep } = await lab.requests(action);
  const failed = once.failures.length + keep.failures.length;
  const slowestMs = Math.max(once.slowestMs, keep.slowestMs);
  return { outageMs: once.longestMs, failed, sent: once.sent + keep.sent, slowestMs };
};

const terminate = () => lab.signal('lb1', 'SIGTERM');
const cut = () => lab.cut('lb1');

const CASES = [
  { name: 'SIGTERM, v2 1 s', config: CLASSIC, pairs: ALL, run: probed(3.5, terminate) },
  { name: 'SIGTERM, v3 0.1 s', config: FAST, pairs: ALL, run: probed(2, terminate) },
  { name: 'SIGTERM, v3 0.01 s', config: FASTEST, pairs: ALL, run: probed(2, terminate) },
  {
    name: 'SIGTERM, v3 0.1 s, HTTP',
    config: FAST,
    pairs: PROXIES,
    run: asked(async () => {
      terminate();
      await lab.ended('lb1');
    }),
  },
  { name: 'link cut, v2 1 s', config: CLASSIC, pairs: ALL, run: probed(5, cut) },
  { name: 'link cut, v3 0.1 s', config: FAST, pairs: ALL, run: probed(2, cut) },
  { name: 'link cut, v3 0.01 s', config: FASTEST, pairs: ALL, run: probed(2, cut) },
  {
    name: 'kill -9 of everything, v3 0.1 s',
    config: FAST,
    pairs: ALL,
    run: owned(7.5, () => signalAll('lb1', 'SIGKILL')),
  },
  { name: 'SIGSTOP, v3 0.1 s', config: FAST, pairs: ALL, run: owned(7.5, () => signalAll('lb1', 'SIGSTOP')) },
  {
    name: 'kill -9 of the data process, HTTP',
    config: FAST,
    pairs: PROXIES,
    run: asked(async () => {
      process.kill(dataProcess('lb1'), 'SIGKILL');
      await sleep(2500);
    }),
  },
  { name: 'a partition heals, v3 0.1 s', config: FAST, pairs: ALL, stays: true, run: healed(FAST) },
  { name: 'a partition heals, v2 1 s', config: CLASSIC, pairs: ALL, stays: true, run: healed(CLASSIC) },
  {
    name: 'VIP deleted by hand, v3 0.1 s',
    config: FAST,
    pairs: ALL,
    stays: true,
    run: probed(1.5, () => {
      lab.run('lb1', 'ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0');
    }),
  },
];

// --- rounds and table -------------------------------------------------------------------------------------------------

async function measure({ config, run, stays }, [first, second]) {
  const results = [];
  for (let round = 0; round < rounds; round++) {
    if (round === 0 || !stays) {
      await clear();
      lab.mend('lb1');
      await lab.startBoth(first, second, config);
      // Its first announcements are over.
      await sleep(1200);
    }
    results.push(await run());
    if (stays) await lab.owners(['lb1'], 10_000);
  }
  return results;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const pairName = ([first, second]) => (first === 'proxies' ? 'Tandem → Tandem' : `${named(first)} → ${named(second)}`);
const named = (program) => (program === T ? 'Tandem' : program);

console.log(`outage of a client in ms, ${rounds} rounds; the master is the first of the two\n`);
console.log('| case | pair | median | max | n | |');
console.log('| --- | --- | ---: | ---: | ---: | --- |');
let exitCode = 0;
try {
  await lab.up();
  for (const one of CASES) {
    for (const pair of one.pairs) {
      if (!only.test(`${one.name}, ${pairName(pair)}`)) continue;
      try {
        const results = await measure(one, pair);
        const outages = results.map(({ outageMs }) => outageMs);
        const failed = results.reduce((sum, result) => sum + (result.failed ?? 0), 0);
        const sent = results.reduce((sum, result) => sum + (result.sent ?? 0), 0);
        const slowestMs = Math.max(...results.map((result) => result.slowestMs ?? 0));
        const lost = `${failed} of ${sent} requests failed, the slowest answer took ${slowestMs} ms`;
        const note = sent > 0 ? lost : (results.at(-1)?.note ?? '');
        const cells = [one.name, pairName(pair), median(outages), Math.max(...outages), outages.length, note];
        console.log(`| ${cells.join(' | ')} |`);
      } catch (error) {
        exitCode = 1;
        console.log(`| ${one.name} | ${pairName(pair)} | | | | ${error.message.split('\n')[0]} |`);
      }
    }
  }
} finally {
  await clear();
  await lab.down();
}
process.exit(exitCode);
