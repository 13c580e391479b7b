// npm run bench:faults [-- --only REGEX --rounds N --rate N --threads N --spare on|off]: the data process is killed, or stopped, under load;
// when is somebody served again who came after that, and what of those who were there?
//
//   own    --rate requests a second (200), each on a connection of its own
//   kept   32 connections that are kept, each asking 10 ms after its last answer
//
// served again: from the fault to the first answer for a client that connected after it. longest wait: of those clients. broken:
// requests without an answer on connections that it had let in; those end with it. lost: requests without an
// answer that came when control knew that it is gone; there should be none.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
// It comes with vitest, and loads TypeScript.
import { runnerImport } from 'vite';
import { describeMachine } from './machine.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '200' },
    threads: { type: 'string', default: '2' },
    engine: { type: 'string', default: 'auto' },
    spare: { type: 'string', default: 'auto' },
  },
});
const rounds = Number(values.rounds);
const only = new RegExp(values.only);
const load = async (path) => (await runnerImport(path, { configFile: false, logLevel: 'error' })).module;
const { Clients } = await load('./test/e2e/faults/clients.ts');
const { ProxyProcess, TANDEM_HAPROXY } = await load('./test/support/proxy-process.ts');
const { freePort } = await load('./test/support/ports.ts');

// A thread of its own: it shall not wait for the clients.
const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const server = createServer((request, response) => response.end('hello'));
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
const server = new Worker(SERVER, { eval: true });
const origin = await new Promise((resolve) => server.once('message', resolve));

const configuration = (port) => `
global
  nbthread ${values.threads}
  tune.tandem.poller ${values.engine}
  tune.tandem.spare-process ${values.spare}
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen web
  bind 127.0.0.1:${port}
  server s 127.0.0.1:${origin}
`;

const LOADS = [
  ['own', (clients) => clients.own(Number(values.rate))],
  ['kept', (clients) => clients.kept(32, 10)],
];
const FAULTS = [
  ['kill -9', 'SIGKILL'],
  ['SIGSTOP', 'SIGSTOP'],
];
const BEGUN = 100;
const WITHIN_MS = 30_000;
/** A spare process has loaded so long after it is seen. */
const LOADED_MS = 1500;
const AFTER_MS = 2500;

async function until(what, holds) {
  for (const endMs = performance.now() + WITHIN_MS; !holds(); await sleep(1)) {
    if (performance.now() > endMs) throw new Error(`never: ${what}`);
  }
}

/** By its title; 0: there is none. */
function pidOf(proxy, title) {
  const titleOf = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  return proxy.pids().find((pid) => titleOf(pid).startsWith(title)) ?? 0;
}

async function measure(kind, begin, signal) {
  const port = await freePort();
  const proxy = await ProxyProcess.start(TANDEM_HAPROXY, configuration(port), port);
  const clients = new Clients(port);
  try {
    begin(clients);
    await until('clients are answered', () => clients.answered >= BEGUN);
    if (values.spare !== 'off') await until('there is a spare process', () => pidOf(proxy, 'tandem-spare') > 0);
    await sleep(LOADED_MS);
    const data = pidOf(proxy, 'haproxy tandem data-process');
    const faultMs = performance.now();
    process.kill(data, signal);
    // Until then it may still have let somebody in.
    const words = signal === 'SIGKILL' ? `data process ${data} died` : `data process ${data} was stopped`;
    await until(words, () => proxy.output.includes(words));
    const goneMs = performance.now();
    await sleep(AFTER_MS);
    await clients.stop(5000);
    const after = clients.outcomes.filter(({ connectedMs }) => connectedMs > faultMs);
    // Where no connection broke there are no new ones.
    const among = after.length > 0 ? after : clients.outcomes.filter(({ begunMs }) => begunMs > faultMs);
    const served = among.filter(({ how }) => how === 'answered');
    const failures = clients.failures();
    const broken = failures.filter(({ connectedMs }) => connectedMs <= goneMs);
    const count = (how) => failures.filter((one) => one.how === how).length;
    return {
      servedMs: Math.min(...served.map(({ endedMs }) => endedMs)) - faultMs,
      longestMs: Math.max(...served.map(({ begunMs, endedMs }) => endedMs - begunMs)),
      asked: clients.outcomes.length,
      broken: broken.length,
      lost: failures.length - broken.length,
      refused: count('refused'),
      waiting: clients.waiting,
      kind,
    };
  } finally {
    await clients.stop(0);
    await proxy.stop();
  }
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

for (const line of describeMachine().lines) console.log(line);
console.log(`${rounds} rounds each, ${values.threads} data threads\n`);
console.log(
  '| fault | clients | served again, median | max | longest wait | requests | broken | lost | refused | never |',
);
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const [fault, signal] of FAULTS) {
  for (const [kind, begin] of LOADS) {
    if (!only.test(`${fault}, ${kind}`)) continue;
    const results = [];
    for (let round = 0; round < rounds; round++) results.push(await measure(kind, begin, signal));
    const ms = (number) => `${Math.round(number)} ms`;
    const cells = [fault, kind, ms(median(results.map(({ servedMs }) => servedMs)))];
    cells.push(ms(Math.max(...results.map(({ servedMs }) => servedMs))));
    cells.push(ms(Math.max(...results.map(({ longestMs }) => longestMs))));
    for (const key of ['asked', 'broken', 'lost', 'refused', 'waiting']) {
      cells.push(sum(results.map((result) => result[key])));
    }
    console.log(`| ${cells.join(' | ')} |`);
  }
}
await server.terminate();
process.exit(0);
