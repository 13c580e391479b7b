// npm run bench -- [--rounds N] [--secs N] [--only PATTERN] [--peers tandem,haproxy,nginx,node]
//
// The same work through each peer in turn, round after round; bench/README.md says how to read the table.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { idleCount, measureIdle } from './idle.mjs';
import { measure } from './load.mjs';
import { machineLines, missingPrograms } from './machine.mjs';
import { cannot, descriptorLimit, PEERS, Programs } from './peers/start.mjs';
import { processTree, residentBytes } from './process-tree.mjs';
import { IDLE_CONNECTIONS, IDLE_NAME, SCENARIOS } from './scenarios.mjs';
import { printTable, SCENARIO_HEAD, scenarioRows } from './table.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    secs: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
    peers: { type: 'string', default: PEERS.join(',') },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.secs);
const only = new RegExp(values.only, 'i');
const peers = values.peers.split(',');
const unknown = peers.filter((peer) => !PEERS.includes(peer));
if (unknown.length > 0 || !(rounds >= 1) || !(seconds >= 1)) {
  console.error(`usage: npm run bench -- [--rounds N] [--secs N] [--only PATTERN] [--peers ${PEERS.join(',')}]`);
  process.exit(2);
}
const missing = missingPrograms();
if (missing.length > 0) {
  console.error(`the bench needs more programs: apt-get install ${missing.join(' ')}`);
  process.exit(1);
}
const [PROXY_CORE, LOAD_CORE] = cpus().length > 1 ? ['0', '1'] : ['0', '0'];

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
// nginx's worker is nobody, and reads the files.
chmodSync(folder, 0o755);
for (const [name, bytes] of Object.entries({ '64k.bin': 65_536, '1m.bin': 1_048_576 })) {
  writeFileSync(join(folder, name), Buffer.alloc(bytes, 'tandem '), { mode: 0o644 });
}
const programs = new Programs();
const record = { machine: machineLines(), rounds, seconds, scenarios: {}, idle: {} };

async function startAll(mode, servers) {
  const running = new Map();
  for (const peer of peers) {
    const reason = cannot(peer, mode);
    if (reason !== undefined) {
      console.log(reason);
      continue;
    }
    const [port] = await freePorts(1);
    const pid = await programs.startPeer(peer, mode, port, servers, folder, PROXY_CORE);
    running.set(peer, { port, pid });
  }
  return running;
}

async function runScenario(scenario, running) {
  const results = new Map([...running.keys()].map((peer) => [peer, []]));
  for (const { port, pid } of running.values()) await measure(scenario, port, pid, 1, LOAD_CORE);
  for (let round = 0; round < rounds; round++) {
    for (const [peer, { port, pid }] of running) {
      results.get(peer).push(await measure(scenario, port, pid, seconds, LOAD_CORE));
    }
  }
  const resident = new Map([...running].map(([peer, { pid }]) => [peer, residentBytes(processTree(pid)) / 1024 ** 2]));
  printTable(scenario.name, SCENARIO_HEAD, scenarioRows(results, resident));
  record.scenarios[scenario.name] = Object.fromEntries(results);
}

async function runIdle(running) {
  const rows = [];
  const count = idleCount(IDLE_CONNECTIONS, descriptorLimit());
  for (const [peer, { port, pid }] of running) {
    const { bytesPerConnection, alive, asked } = await measureIdle(port, pid, count);
    record.idle[peer] = bytesPerConnection;
    const lost = alive === asked ? '' : ` (${asked - alive} lost)`;
    rows.push([`${peer}${lost}`, bytesPerConnection.toFixed(0)]);
  }
  const title = `${count} ${IDLE_NAME}, each after one request`;
  printTable(title, ['peer', 'bytes of RSS a connection'], rows);
}

async function clean() {
  await programs.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => clean().finally(() => process.exit(1)));
}

try {
  for (const line of record.machine) console.log(line);
  console.log(
    `${rounds} rounds of ${seconds} s; proxy on core ${PROXY_CORE}, wrk and servers on core ${LOAD_CORE}; medians`,
  );
  if (LOAD_CORE === PROXY_CORE) console.log('only one core: load and proxy share it, the numbers say little');
  const servers = await freePorts(2);
  await programs.startServers(servers, folder, LOAD_CORE);
  const wanted = SCENARIOS.filter((scenario) => only.test(scenario.name));
  for (const mode of ['http', 'tcp']) {
    const scenarios = wanted.filter((scenario) => scenario.mode === mode);
    const idle = mode === 'http' && only.test(IDLE_NAME);
    if (scenarios.length === 0 && !idle) continue;
    const running = await startAll(mode, servers);
    for (const scenario of scenarios) await runScenario(scenario, running);
    // Fresh processes: memory that a run has grown would take the idle connections without growing.
    if (idle) await runIdle(scenarios.length === 0 ? running : await startAll(mode, servers));
  }
  const out = join(import.meta.dirname, 'out');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'latest.json'), JSON.stringify(record, null, 2));
  console.log('\nevery round: bench/out/latest.json');
} finally {
  await clean();
}
