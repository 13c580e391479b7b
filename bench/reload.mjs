// npm run bench:reload [-- --reloads N --clients N --tunnels N --threads N --engine E]: reloads, one after the other, under
// keep-alive clients, clients with a connection a request (wrk, both), and tunnels (WebSockets) that say something now and
// then: does a request fail, does a tunnel end, what does it cost, and does memory stay where it was?
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
// It comes with vitest, and loads TypeScript.
import { runnerImport } from 'vite';
import { describeMachine } from './machine.mjs';

const { values } = parseArgs({
  options: {
    reloads: { type: 'string', default: '100' },
    clients: { type: 'string', default: '256' },
    tunnels: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'auto' },
  },
});
const reloads = Number(values.reloads);
const load = async (path) => (await runnerImport(path, { configFile: false, logLevel: 'error' })).module;
const { ProxyProcess, TANDEM_HAPROXY } = await load('./test/support/proxy-process.ts');
const { freePort } = await load('./test/support/ports.ts');
const { programPath } = await load('./test/support/peers.ts');

// A thread of its own. Tunnels say everything twice.
const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const server = createServer((request, response) => response.end('hello'));
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n');
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', 4096, () => parentPort.postMessage(server.address().port));
`;
const server = new Worker(SERVER, { eval: true });
const origin = await new Promise((resolve) => server.once('message', resolve));
const port = await freePort();
const configuration = `
global
  nbthread ${values.threads}
  tune.tandem.poller ${values.engine}
  tune.tandem.spare-process off
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen web
  bind 127.0.0.1:${port}
  server s 127.0.0.1:${origin}
`;
const WITHIN_MS = 60_000;
const MORE_SECONDS = 36_000;

async function until(what, holds) {
  for (const endMs = performance.now() + WITHIN_MS; !(await holds()); await sleep(1)) {
    if (performance.now() > endMs) throw new Error(`never: ${what}`);
  }
}

class Tunnel {
  open = false;
  ended = false;
  echoed = 0;

  constructor() {
    this.socket = connect(port, '127.0.0.1');
    this.socket.write('GET /t HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    this.socket.on('data', (chunk) => {
      if (!this.open) this.open = chunk.includes(' 101 ');
      else this.echoed += chunk.length;
    });
    for (const event of ['end', 'error', 'close']) {
      this.socket.on(event, () => {
        this.ended = true;
      });
    }
  }
}

/** wrk, until it is told to stop; what it has to say then. */
function wrk(...options) {
  const args = ['-t1', `-c${values.clients}`, `-d${MORE_SECONDS}`, '--timeout', '30', ...options];
  const child = spawn(programPath('wrk'), [...args, `http://127.0.0.1:${port}/`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return async () => {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    await gone;
    const number = (pattern) => Number(pattern.exec(output)?.[1] ?? 0);
    return {
      requests: number(/(\d+) requests in/),
      bad: number(/Non-2xx or 3xx responses: (\d+)/),
      errors: /Socket errors: (.*)/.exec(output)?.[1] ?? 'none',
    };
  };
}

const memoryOf = (pid) =>
  Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
const SERVES = 'serves; the one before finishes';
const served = (proxy) => Number([...proxy.output.matchAll(/configuration (\d+) serves/g)].at(-1)?.[1] ?? 1);

for (const line of describeMachine().lines) console.log(line);
const proxy = await ProxyProcess.start(TANDEM_HAPROXY, configuration, port);
const tunnels = Array.from({ length: Number(values.tunnels) }, () => new Tunnel());
await until('tunnels stand', () => tunnels.every(({ open }) => open));
const kept = wrk();
const own = wrk('-H', 'Connection: close');
await sleep(1000);
const took = [];
let most = 0;
const begin = { control: 0, fds: 0 };
for (let i = 0; i < reloads; i++) {
  // The first ones warm up.
  if (i === Math.min(20, reloads - 1)) begin.control = memoryOf(proxy.pid);
  const now = served(proxy);
  const startMs = performance.now();
  proxy.signal('SIGUSR2');
  await until(SERVES, () => served(proxy) > now);
  took.push(performance.now() - startMs);
  most = Math.max(most, proxy.pids().length - 1);
  for (const { socket } of tunnels) socket.write('x');
}
const [keptSays, ownSays] = [await kept(), await own()];
await until('tunnels have answered', () => tunnels.every(({ ended, echoed }) => ended || echoed >= reloads));
await until('older ones have ended', () => proxy.pids().length <= (tunnels.length > 0 ? 3 : 2));
const sorted = took.toSorted((a, b) => a - b);
console.log(`
${reloads} reloads, ${values.threads} data threads, ${values.clients} clients of each kind, ${tunnels.length} tunnels

keep-alive        ${keptSays.requests} requests, ${keptSays.bad} bad answers, errors: ${keptSays.errors}
connection each   ${ownSays.requests} requests, ${ownSays.bad} bad answers, errors: ${ownSays.errors}
tunnels           ${tunnels.filter(({ ended }) => ended).length} ended, ${tunnels.filter(({ echoed }) => echoed !== reloads).length} with another number of echoes than ${reloads}
a reload          ${Math.round(sorted[sorted.length >> 1])} ms, at most ${Math.round(sorted.at(-1))} ms until the new one serves
data processes    at most ${most} at once; at the end ${proxy.pids().length - 1}
control, memory   ${begin.control.toFixed(1)} MB after the first reloads, ${memoryOf(proxy.pid).toFixed(1)} MB at the end`);
for (const { socket } of tunnels) socket.destroy();
await proxy.stop();
await server.terminate();
