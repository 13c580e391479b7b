// The whole story on one machine, as root: two boxes, two web servers and a client in network namespaces. The boxes run
// demo/pair/*.conf and haproxy.cfg as they are; the client fetches through the virtual address all the time; the master is
// killed, comes back, and leaves politely. What the client lost is printed in ms. Everything is removed at the end.
//
//   client 10.0.0.1 ──┬── box1 10.0.0.11 / 192.168.1.11 ──┬── websvr1 192.168.1.71
//                     └── box2 10.0.0.12 / 192.168.1.12 ──┴── websvr2 192.168.1.72
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const prefix = `tdmo${process.pid}`;
const VIP = '10.0.0.10';
const spaces = [];
const children = new Set();
const start = performance.now();

const say = (text) => console.log(`${((performance.now() - start) / 1000).toFixed(2).padStart(6)} s  ${text}`);
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

function space(label) {
  const name = `${prefix}-${label}`;
  ip('netns', 'add', name);
  spaces.push(name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return name;
}

let cables = 0;
function plug(sw, bridge, name, device, address) {
  const port = `p${cables++}`;
  ip('-n', sw, 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', name);
  ip('-n', sw, 'link', 'set', port, 'master', bridge, 'up');
  ip('-n', name, 'addr', 'add', address, 'dev', device);
  ip('-n', name, 'link', 'set', device, 'up');
}

function inside(name, args, onLine) {
  const child = spawn('ip', ['netns', 'exec', name, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) onLine(line);
    });
  }
  return child;
}

// --- the network ------------------------------------------------------------------------------------------------------

const WEB = `
const [name, address] = process.argv.slice(1);
require('node:http').createServer((q, a) => a.end(q.method === 'OPTIONS' ? '' : name)).listen(80, address, () => console.log('ready'));`;

// A new connection each time, 50 in a second; one line for each answer.
const CLIENT = `
const { get, Agent } = require('node:http');
const agent = new Agent({ keepAlive: false });
setInterval(() => {
  const at = performance.now();
  const done = (text) => console.log(JSON.stringify({ at, text }));
  const request = get({ host: '${VIP}', agent, timeout: 1000 }, (answer) => {
    let body = '';
    answer.on('data', (chunk) => (body += chunk)).on('end', () => done(answer.statusCode === 200 ? body : ''));
  });
  request.on('timeout', () => request.destroy()).on('error', () => done(''));
}, 20);`;

const boxes = {};
let answers = [];

function startBox(label) {
  const box = boxes[label];
  const files = ['-f', join(root, 'demo/pair/haproxy.cfg'), '-f', join(root, `demo/pair/${label}.conf`)];
  box.child = inside(box.space, [join(root, 'dist/cli/tandem.js'), 'run', ...files], (line) => {
    const message = line.startsWith('{') ? JSON.parse(line).msg : line;
    if (/STATE|sent 0 priority|finishes what|new connections go|removed from|data process|is (UP|DOWN)/.test(message))
      say(`  ${label}: ${message}`);
  });
}

const owns = (label) => ip('-n', boxes[label].space, '-o', 'addr', 'show', 'to', VIP).includes(VIP);

async function ownerIs(...labels) {
  const limit = performance.now() + 15_000;
  while (Object.keys(boxes).filter(owns).join() !== labels.join()) {
    if (performance.now() > limit) throw new Error(`${labels.join()} should own ${VIP}`);
    await sleep(10);
  }
}

/** The process of a box that serves clients, a child of the one that speaks VRRP. */
function dataProcess(label) {
  const parent = String(boxes[label].child.pid);
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      if (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] !== parent) continue;
      if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('data-process')) return Number(pid);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  throw new Error(`${label} has no data process`);
}

/** The longest time between two answered requests, less the 20 ms that they are apart anyway. */
function gapMs() {
  const good = answers.filter(({ text }) => text !== '').sort((a, b) => a.at - b.at);
  let longest = 0;
  for (let i = 1; i < good.length; i++) longest = Math.max(longest, good[i].at - good[i - 1].at - 20);
  return Math.round(longest);
}

async function watch(title, seconds, action) {
  answers = [];
  await sleep(500);
  say(title);
  await action();
  await sleep(seconds * 1000);
  const failed = answers.filter(({ text }) => text === '').length;
  const servers = [...new Set(answers.map(({ text }) => text).filter(Boolean))].sort().join(' and ');
  say(
    `${title}: the client was without an answer for ${gapMs()} ms (${failed} of ${answers.length} requests failed; answers from ${servers})`,
  );
}

async function story() {
  const sw = space('sw');
  for (const bridge of ['front', 'back']) ip('-n', sw, 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0');
  for (const bridge of ['front', 'back']) ip('-n', sw, 'link', 'set', bridge, 'up');
  for (const [label, number] of [
    ['box1', 11],
    ['box2', 12],
  ]) {
    boxes[label] = { space: space(label) };
    plug(sw, 'front', boxes[label].space, 'enp0s8', `10.0.0.${number}/24`);
    plug(sw, 'back', boxes[label].space, 'enp0s9', `192.168.1.${number}/24`);
  }
  for (const number of [1, 2]) {
    const web = space(`web${number}`);
    plug(sw, 'back', web, 'eth0', `192.168.1.7${number}/24`);
    const server = inside(web, ['-e', WEB, `websvr${number}`, `192.168.1.7${number}`], () => {});
    await once(server.stdout, 'data');
  }
  const client = space('client');
  plug(sw, 'front', client, 'eth0', '10.0.0.1/24');

  say('two boxes start: tandem run -f haproxy.cfg -f box1.conf, and box2.conf');
  startBox('box1');
  startBox('box2');
  await ownerIs('box1');
  inside(client, ['-e', CLIENT], (line) => answers.push(JSON.parse(line)));
  await sleep(500);

  await watch('kill -9 of the data process on box1', 2, () => process.kill(dataProcess('box1'), 'SIGKILL'));
  if (!owns('box1')) throw new Error('the address left a box that serves again');
  await watch('kill -9 of everything on box1', 5, async () => {
    process.kill(-boxes.box1.child.pid, 'SIGKILL');
    await ownerIs('box2');
    say('  one owner: box2');
  });
  await watch('box1 comes back and takes over (it has the better priority)', 1, async () => {
    startBox('box1');
    await ownerIs('box1');
  });
  await watch('box1 is told to stop (SIGTERM)', 1, async () => {
    boxes.box1.child.kill('SIGTERM');
    await ownerIs('box2');
  });
}

async function cleanUp() {
  for (const child of children) {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  await sleep(100);
  for (const name of spaces) {
    for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
    ip('netns', 'delete', name);
  }
}

if (process.getuid() !== 0) {
  console.error('demo:pair makes network namespaces: run it as root');
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    void cleanUp().then(() => process.exit(130));
  });
}
try {
  await story();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
process.exit();
