// npm run bench:slow: what 100 good clients are left with beside 10,000 that are slow on purpose, of one kind after the
// other; bench/README.md says how to read it. Exit status 1 when Tandem keeps less than BOUND of itself for the good ones.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { allowedCores, assignCores, coreNotes } from './cores.mjs';
import { idleCount } from './descriptors.mjs';
import { load } from './load/wrk.mjs';
import { describeMachine, missingPrograms, NEEDED } from './machine.mjs';
import { engineIn, peersOf } from './peers/peers.mjs';
import { cpuMicroseconds, processTree, residentBytes } from './process-tree.mjs';
import { Programs } from './programs.mjs';
import { tableText } from './report/table.mjs';
import { turned } from './rounds.mjs';
import { sample } from './sample.mjs';
import { writeServerFiles } from './servers/nginx-servers.mjs';
import { ATTACKS, SLOW_PATH } from './slow/attacks.mjs';
import { setUp } from './stand.mjs';
import { median } from './statistics.mjs';
import { stageOf } from './works.mjs';

const BOUND = 0.9;
const GOOD = 100;
const ATTACKERS = join(import.meta.dirname, 'slow', 'attackers.mjs');
const OPEN_MS = 60_000;
const SETTLE_MS = 1000;
const WARM_SECONDS = 2;
const WORK = { mode: 'http', servers: 'nginx', path: '/', connections: GOOD, per: 'request', name: 'slow clients' };
const USAGE = `usage: npm run bench:slow -- [OPTION…]
  --rounds N       rounds; in each every peer is measured alone and beside the attackers (3)
  --secs N         seconds of one measurement (4)
  --count N        attackers, if the limit of descriptors allows (10000)
  --attacks A,B    of ${Object.keys(ATTACKS).join(', ')} (all but chunk extensions, which are refused at once)
  --peers A,B      as for npm run bench (tandem-io_uring,tandem-epoll,haproxy)
  --json FILE      the result (bench/out/slow-clients.json)`;

function parse(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '3' },
        secs: { type: 'string', default: '4' },
        count: { type: 'string', default: '10000' },
        attacks: {
          type: 'string',
          default: Object.keys(ATTACKS)
            .filter((name) => name !== 'chunk extensions')
            .join(','),
        },
        peers: { type: 'string', default: 'tandem-io_uring,tandem-epoll,haproxy' },
        json: { type: 'string', default: join(import.meta.dirname, 'out', 'slow-clients.json') },
      },
    });
    const attacks = values.attacks.split(',');
    const settings = {
      ...values,
      attacks,
      rounds: Number(values.rounds),
      secs: Number(values.secs),
      count: Number(values.count),
    };
    const numbers = [settings.rounds, settings.secs, settings.count].every((number) => number > 0);
    return numbers && attacks.every((name) => ATTACKS[name] !== undefined) ? settings : undefined;
  } catch {
    return undefined;
  }
}

const settings = parse(process.argv.slice(2));
if (settings === undefined) {
  console.error(USAGE);
  process.exit(2);
}
const missing = missingPrograms({ ...NEEDED, haproxy: 'haproxy' });
if (missing.length > 0) {
  console.error(`the bench needs more programs: apt-get install ${missing.join(' ')}`);
  process.exit(2);
}

const cores = assignCores(allowedCores(), 1);
const programs = new Programs();
const folder = mkdtempSync(join(tmpdir(), 'tandem-slow-'));
const context = { programs, folder, modules: undefined, cores, servers: new Map() };
const count = idleCount(settings.count, GOOD);
const record = {
  started: new Date().toISOString(),
  machine: describeMachine(),
  settings: { ...settings, count, cores },
  engines: {},
  attacks: [],
};

/** The attackers, all of them there. `end()` says how many still were, and how the others were ended. */
async function attack(kind, port) {
  const program = programs.start([process.execPath, ATTACKERS, kind, String(port), String(count)], {
    cores: cores.load,
    input: true,
  });
  await programs.until(program, () => /^ready$/m.test(program.output), OPEN_MS, `${count} × ${kind}`);
  return {
    async end() {
      program.output = '';
      program.child.stdin.write('\n');
      await programs.until(program, () => /^\{.*\}$/m.test(program.output), OPEN_MS, kind);
      const told = JSON.parse(/^\{.*\}$/m.exec(program.output)[0]);
      program.child.stdin.end();
      await program.exit;
      return told;
    },
  };
}

/** What the attackers alone cost the proxy: share of a core. */
async function costOf(pid, seconds) {
  const pids = processTree(pid);
  const before = cpuMicroseconds(pids).total;
  const begunMs = performance.now();
  await sleep(seconds * 1000);
  return (cpuMicroseconds(pids).total - before) / ((performance.now() - begunMs) * 1000);
}

async function measureOnce(kind, target) {
  const drive = () => load(context, WORK, target.port, settings.secs);
  const alone = await sample({ cores }, target, drive);
  const pids = processTree(target.pid);
  const residentBefore = residentBytes(pids);
  const attackers = await attack(kind, target.port);
  await sleep(SETTLE_MS);
  const attackersCost = await costOf(target.pid, settings.secs / 2);
  const bytesPerAttacker = (residentBytes(pids) - residentBefore) / count;
  const beside = await sample({ cores }, target, drive);
  const told = await attackers.end();
  await sleep(SETTLE_MS);
  return { alone, beside, attackersCost, bytesPerAttacker, ...told };
}

/**
 * How much of its core the proxy has left for the good ones: what it spent beyond the price that a request has without
 * attackers, it spent on them. For a proxy that is busy all the time this is the ratio of the rates; where the load, the
 * servers or the attackers themselves were short of time it says what the rates cannot.
 */
function kept({ alone, beside }) {
  return 1 - (beside.rate * (beside.cpu - alone.cpu)) / 1e6;
}

/** Of one peer, over the rounds. */
function summary(peer, samples) {
  const of = (pick) => median(samples.map(pick));
  return {
    peer,
    rateAlone: of(({ alone }) => alone.rate),
    rateBeside: of(({ beside }) => beside.rate),
    rateRatio: of(({ alone, beside }) => beside.rate / alone.rate),
    cpuAlone: of(({ alone }) => alone.cpu),
    cpuBeside: of(({ beside }) => beside.cpu),
    kept: of(kept),
    attackersCost: of(({ attackersCost }) => attackersCost),
    p99Alone: of(({ alone }) => alone.p99Ms),
    p99Beside: of(({ beside }) => beside.p99Ms),
    bytesPerAttacker: Math.max(...samples.map(({ bytesPerAttacker }) => bytesPerAttacker)),
    standing: Math.min(...samples.map(({ standing }) => standing)),
    trouble: [...new Set(samples.flatMap(({ alone, beside }) => [alone.trouble, beside.trouble]))].filter(Boolean),
    samples,
  };
}

function print({ attack: name, peers }) {
  const head = [
    'peer',
    'req/s alone',
    'beside',
    'ratio',
    'CPU µs alone',
    'beside',
    'kept',
    'attackers only',
    'p99 ms alone',
    'beside',
    'KiB/attacker',
    'standing',
  ];
  const rows = peers.map((one) => [
    [one.peer, ...one.trouble].join(', '),
    one.rateAlone.toFixed(0),
    one.rateBeside.toFixed(0),
    one.rateRatio.toFixed(2),
    one.cpuAlone.toFixed(1),
    one.cpuBeside.toFixed(1),
    one.kept.toFixed(2),
    `${(one.attackersCost * 100).toFixed(1)} %`,
    one.p99Alone.toFixed(1),
    one.p99Beside.toFixed(1),
    (one.bytesPerAttacker / 1024).toFixed(1),
    String(one.standing),
  ]);
  console.log(`\n${tableText(`${count} × ${name}`, head, rows)}`);
}

async function clean() {
  await programs.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => clean().finally(() => process.exit(1)));
}

let failed = false;
try {
  for (const line of [...record.machine.lines, ...coreNotes(cores)]) console.log(line);
  if (count < settings.count) console.log(`${count} attackers: the limit of descriptors (ulimit -Hn) allows no more`);
  chmodSync(folder, 0o755);
  writeServerFiles(folder, [{ path: SLOW_PATH }]);
  const stand = await setUp(context, stageOf(WORK), peersOf(settings.peers.split(','), [], [1]));
  for (const fault of stand.faults) console.log(fault);
  failed ||= stand.faults.length > 0;
  for (const [name, { program }] of stand.targets) record.engines[name] = engineIn(program.output);
  const names = [...stand.targets.keys()];
  for (const name of names) await load(context, WORK, stand.targets.get(name).port, WARM_SECONDS);
  for (const kind of settings.attacks) {
    const samples = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < settings.rounds; round++) {
      for (const name of turned(names, round)) samples.get(name).push(await measureOnce(kind, stand.targets.get(name)));
    }
    const result = { attack: kind, peers: names.map((name) => summary(name, samples.get(name))) };
    record.attacks.push(result);
    print(result);
    for (const { peer, kept: left } of result.peers) {
      if (!peer.startsWith('tandem') || left >= BOUND) continue;
      failed = true;
      console.log(`${peer}: has ${left.toFixed(2)} of its core left for the good ones, less than ${BOUND}`);
    }
  }
  mkdirSync(dirname(settings.json), { recursive: true });
  writeFileSync(settings.json, `${JSON.stringify(record, null, 2)}\n`);
  console.log(`\n${settings.json}`);
} finally {
  await clean();
}
process.exitCode = failed ? 1 : 0;
