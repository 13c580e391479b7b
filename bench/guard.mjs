// npm run bench:guard: has the data path become dearer? Instructions and system calls per request, counted, and CPU
// time, all as ratios to haproxy in the same run; exit status 1 when one is over its bound (guard/bounds.mjs).
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedCores, assignCores, coreNotes } from './cores.mjs';
import { BOUNDS } from './guard/bounds.mjs';
import { measures, methodOf } from './guard/measures.mjs';
import { GUARD_USAGE, parseGuardOptions } from './guard/options.mjs';
import { load } from './load/wrk.mjs';
import { missingPrograms, NEEDED } from './machine.mjs';
import { engineIn, peersOf } from './peers/peers.mjs';
import { Programs } from './programs.mjs';
import { tableText, threeDigits } from './report/table.mjs';
import { writeServerFiles } from './servers/nginx-servers.mjs';
import { setUp } from './stand.mjs';
import { stages, WORKS } from './works.mjs';

const BASE = 'haproxy';
/** A machine with other work may miss a proxy's own deadline for a start under callgrind. */
const START_TRIES = 3;
/** A JIT under a profiler needs longer until its code is the one that stays. */
const WRAPPED_WARM_UPS = 4;

const settings = parseGuardOptions(process.argv.slice(2));
if (settings === undefined) {
  console.error(GUARD_USAGE);
  process.exit(2);
}
const missing = missingPrograms({ ...NEEDED, haproxy: 'haproxy' });
if (missing.length > 0) {
  console.error(`the guard needs more programs: apt-get install ${missing.join(' ')}`);
  process.exit(2);
}

const { method, why } = methodOf(settings.by);
if (why !== '') console.log(why);
const peers = peersOf([...settings.guarded, BASE], settings.variants, [1]);
const cores = assignCores(allowedCores(), 1);
const programs = new Programs();
const folder = mkdtempSync(join(tmpdir(), 'tandem-guard-'));
const context = { programs, folder, modules: undefined, cores, servers: new Map() };
const works = WORKS.filter(({ name }) => BOUNDS[name] !== undefined && settings.only.test(name));

/** Callgrind works inside the process that it looks at, and writes files there. */
function withoutWalls(peer) {
  if (peer.like?.program !== 'tandem') return peer;
  const { global, ...lines } = peer.like.lines;
  return {
    ...peer,
    like: { ...peer.like, lines: { ...lines, global: [...global, 'user root', 'tune.tandem.seccomp off'] } },
  };
}

/** All proxies, running. Under a profiler they are not pinned: nothing is timed, and a start has its deadlines. */
async function standFor(stage, wrap) {
  const special = wrap === undefined ? {} : { wrap: () => wrap(context), cores: { ...cores, proxy: allowedCores() } };
  for (let tries = 1; ; tries++) {
    const stand = await setUp({ ...context, ...special }, stage, wrap === undefined ? peers : peers.map(withoutWalls));
    if (stand.faults.length === 0) return stand;
    await stand.stop();
    if (tries === START_TRIES) throw new Error(stand.faults.join('\n'));
  }
}

/** One stage, with the measures that can share its processes. */
async function measureStage({ stage, works: stageWorks }, wanted) {
  const stand = await standFor(stage, wanted[0].wrap);
  const names = peers.map((peer) => peer.name);
  const engines = names.flatMap((name) => engineIn(stand.targets.get(name).program.output) ?? []);
  console.log(`${stage.name}, ${wanted.map((measure) => measure.name).join(', ')}: ${engines.join(', ')} …`);
  const rows = [];
  for (const work of stageWorks) {
    const drive = (target) => (given) => load(given, work, target.port, settings.seconds);
    const warmUps = wanted[0].wrap === undefined ? 1 : WRAPPED_WARM_UPS;
    for (let times = 0; times < warmUps; times++) {
      for (const name of names) await drive(stand.targets.get(name))(context);
    }
    for (const measure of wanted) {
      const once = (name) => measure.count(context, stand.targets.get(name), drive(stand.targets.get(name)));
      const values = await measure.repeat(names, settings.rounds, once);
      const bound = BOUNDS[work.name][measure.name];
      for (const peer of settings.guarded) {
        const [mine, theirs] = [values.get(peer), values.get(BASE)];
        rows.push({ work, peer, measure: measure.name, mine, theirs, ratio: mine / theirs, bound });
      }
    }
  }
  await stand.stop();
  return rows;
}

const isOver = (row) => !(row.ratio <= row.bound);

function report(rows) {
  const number = (value) => (value >= 1000 ? value.toFixed(0) : threeDigits(value));
  const cells = rows.map((row) => [
    `${row.work.name}: ${row.measure} per ${row.work.per}`,
    row.peer,
    number(row.mine),
    number(row.theirs),
    row.ratio.toFixed(2),
    row.bound.toFixed(2),
    isOver(row) ? 'OVER' : 'ok',
  ]);
  const over = rows.filter(isOver).length;
  console.log(`\n${tableText('Guard', ['', 'peer', 'its own', BASE, 'ratio', 'bound', ''], cells)}`);
  console.log(over === 0 ? '\nwithin the bounds' : `\n${over} over the bound`);
  return over;
}

async function clean() {
  await programs.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => clean().finally(() => process.exit(2)));
}

try {
  for (const line of coreNotes(cores)) console.log(line);
  // nginx's worker is nobody, and reads the files.
  chmodSync(folder, 0o755);
  writeServerFiles(folder, works);
  const all = measures(method);
  // A measure that wraps the programs needs programs of its own.
  const groups = [
    all.filter((measure) => measure.wrap === undefined),
    ...all.filter((one) => one.wrap).map((one) => [one]),
  ];
  const rows = [];
  for (const stage of stages(works)) {
    for (const wanted of groups) rows.push(...(await measureStage(stage, wanted)));
  }
  process.exitCode = report(rows) === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await clean();
}
