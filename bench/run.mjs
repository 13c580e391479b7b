// npm run bench: the same work through each peer in turn, round after round; bench/README.md says how to read it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { allowedCores, assignCores, coreNotes } from './cores.mjs';
import { idleCount } from './descriptors.mjs';
import { measureIdle, WARM_CONNECTIONS } from './load/idle.mjs';
import { describeMachine, missingPrograms, NEEDED } from './machine.mjs';
import { parseOptions, USAGE } from './options.mjs';
import { cannot, engineIn, peersOf } from './peers/peers.mjs';
import { Programs } from './programs.mjs';
import { picture } from './report/picture.mjs';
import { newRecord } from './report/result.mjs';
import { memoryTable, summaryTable, workTable } from './report/table.mjs';
import { runWork, secondsFor } from './rounds.mjs';
import { writeServerFiles } from './servers/nginx-servers.mjs';
import { setUp } from './stand.mjs';
import { installTools } from './tools.mjs';
import { MEMORY, stageOf, stages, WORKS } from './works.mjs';

const settings = parseOptions(process.argv.slice(2));
if (settings.error !== undefined) {
  console.error(`${settings.error}\n${USAGE}`);
  process.exit(2);
}
if (settings.list) {
  for (const { name } of [...WORKS, MEMORY]) console.log(name);
  process.exit(0);
}

let peers = peersOf(settings.peers, settings.variants, settings.threads);
let works = WORKS.filter((work) => settings.only.test(work.name));
const withHaproxy = peers.some((peer) => peer.like?.program === 'haproxy');
const missing = missingPrograms({ ...NEEDED, ...(withHaproxy ? { haproxy: 'haproxy' } : {}) });
if (missing.length > 0) {
  console.error(`the bench needs more programs: apt-get install ${missing.join(' ')}`);
  process.exit(1);
}

const cores = assignCores(allowedCores(), Math.max(...settings.threads));
const record = newRecord({
  started: new Date().toISOString(),
  machine: describeMachine(),
  settings: {
    rounds: settings.rounds,
    seconds: settings.seconds,
    threads: settings.threads,
    cores,
    command: process.argv.slice(2),
  },
});
const note = (text) => {
  if (record.notes.includes(text)) return;
  record.notes.push(text);
  console.log(text);
};

for (const line of record.machine.lines) console.log(line);
console.log(
  `${settings.rounds} rounds of ${settings.seconds} s; proxy on core ${cores.proxy}, load on ${cores.load}, servers on ${cores.servers}; medians (least–most)`,
);
for (const line of coreNotes(cores)) note(line);

const wantsTools =
  peers.some((peer) => peer.kind === 'http-proxy-3') || works.some((work) => work.load === 'autocannon');
const modules = wantsTools ? installTools() : undefined;
if (wantsTools && modules === undefined) {
  note('no autocannon and no http-proxy-3: they could not be installed');
  peers = peers.filter((peer) => peer.kind !== 'http-proxy-3');
  works = works.filter((work) => work.load !== 'autocannon');
}

/** The peers that can do a work; why the others cannot is said once. */
function peersFor(work) {
  return peers.filter((peer) => {
    const reason = cannot(peer, work);
    if (reason) note(reason);
    return reason === undefined;
  });
}

const programs = new Programs();
const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const context = { programs, folder, modules, cores, settings, servers: new Map() };
let failed = false;

function write() {
  const out = join(import.meta.dirname, 'out');
  const files = {
    [settings.json || join(out, 'latest.json')]: `${JSON.stringify(record, null, 2)}\n`,
    [settings.svg || join(out, 'latest.svg')]: picture(record),
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return Object.keys(files);
}

/** What goes wrong with one work costs that work, not the hour before it. */
async function attempt(name, run) {
  try {
    await run();
  } catch (error) {
    if (stopping) throw error;
    failed = true;
    note(`${name} failed: ${error.message}`);
  }
}

async function standFor(stage, able) {
  const stand = await setUp(context, stage, able);
  for (const fault of stand.faults) note(fault);
  for (const [name, { program }] of stand.targets) {
    const engine = engineIn(program?.output ?? '');
    if (engine !== undefined) record.engines[name] = engine;
  }
  failed ||= stand.faults.length > 0;
  return stand;
}

async function runStage({ stage, works: stageWorks }) {
  const able = peers.filter((peer) => stageWorks.some((work) => cannot(peer, work) === undefined));
  const stand = await standFor(stage, able);
  for (const work of stageWorks) {
    const present = peersFor(work).filter((peer) => stand.targets.has(peer.name));
    if (present.length === 0) continue;
    await attempt(work.name, async () => {
      const result = await runWork(context, stand, work, present);
      record.works.push(result);
      console.log(`\n${workTable(result)}`);
      write();
    });
  }
  await stand.stop();
}

async function runMemory() {
  // Fresh processes: memory that a run has grown would take the idle connections without growing.
  const able = peersFor(MEMORY).filter((peer) => peer.kind !== 'direct');
  const stand = await standFor(stageOf(MEMORY), able);
  const connections = idleCount(MEMORY.idle, WARM_CONNECTIONS);
  const notes = connections < MEMORY.idle ? [`not ${MEMORY.idle}: the limit of descriptors, ulimit -Hn`] : [];
  record.memory = { connections, notes, peers: [] };
  for (const [name, target] of stand.targets) {
    const measured = await measureIdle(context, target, connections);
    record.memory.peers.push({ peer: name, ...measured });
  }
  console.log(`\n${memoryTable(record.memory)}`);
  await stand.stop();
}

let stopping = false;
async function clean() {
  stopping = true;
  await programs.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => clean().finally(() => process.exit(1)));
}

try {
  // nginx's worker is nobody, and reads the files.
  chmodSync(folder, 0o755);
  writeServerFiles(folder, works);
  const minutes = secondsFor(works, (work) => peersFor(work), settings) / 60;
  console.log(`${works.length} works, ${peers.length} peers, about ${Math.max(1, Math.round(minutes))} min`);
  for (const one of stages(works)) await attempt(`stage ${one.stage.name}`, () => runStage(one));
  if (settings.only.test(MEMORY.name)) await attempt(MEMORY.name, runMemory);
  const engines = Object.entries(record.engines).map(([name, engine]) => `${name}: ${engine}`);
  if (engines.length > 0) console.log(`\nengines, as they say themselves: ${engines.join(', ')}`);
  if (record.works.length > 1) console.log(`\n${summaryTable(record.works)}`);
  console.log(`\n${write().join('\n')}`);
} finally {
  await clean();
}
process.exitCode = failed ? 1 : 0;
