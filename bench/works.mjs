// What is measured: each work is the same for every peer. `per` is what the CPU time is divided by.

const http = { mode: 'http', servers: 'nginx', load: 'wrk', per: 'request', path: '/' };
const tcp = { ...http, mode: 'tcp' };

export const WORKS = [
  { ...http, name: 'keep-alive, 1 connection', connections: 1 },
  { ...http, name: 'keep-alive, 32 connections', connections: 32 },
  { ...http, name: 'keep-alive, 256 connections', connections: 256 },
  { ...http, name: 'keep-alive, 1,024 connections', connections: 1024 },
  { ...http, name: 'keep-alive, 256 connections, httplog', connections: 256, log: true },
  { ...http, name: '256 busy connections beside idle ones', connections: 256, idle: 10_000 },
  { ...http, name: 'connection per request, 32 at once', connections: 32, close: true },
  { ...http, name: '64 KiB bodies, 32 connections', connections: 32, path: '/files/64k.bin' },
  { ...http, name: '1 MiB bodies, 32 connections', connections: 32, path: '/files/1m.bin', per: 'MiB' },
  { ...http, name: '100 MiB bodies, 4 connections', connections: 4, path: '/files/100m.bin', per: 'MiB' },
  { ...http, name: 'uploads of 64 KiB, 32 connections', connections: 32, path: '/upload', upload: 64 * 1024 },
  {
    ...http,
    name: 'uploads of 1 MiB, 32 connections',
    connections: 32,
    path: '/upload',
    upload: 1024 * 1024,
    per: 'MiB',
  },
  {
    ...http,
    name: 'WebSocket messages of 100 bytes, 64 connections',
    servers: 'echo',
    load: 'webSocket',
    connections: 64,
    messageBytes: 100,
    per: 'message',
  },
  {
    ...http,
    name: 'WebSocket messages of 16 KiB, 64 connections',
    servers: 'echo',
    load: 'webSocket',
    connections: 64,
    messageBytes: 16 * 1024,
    per: 'message',
  },
  { ...http, name: 'latency at 70 % of haproxy’s peak, 256 connections', connections: 256, load: 'paced' },
  { ...http, name: 'latency by autocannon, 64 connections', connections: 64, load: 'autocannon' },
  { ...tcp, name: 'TCP round trips, 32 connections', connections: 32 },
  { ...tcp, name: 'TCP round trips, 256 connections', connections: 256 },
  { ...tcp, name: 'TCP, connection per request, 32 at once', connections: 32, close: true },
  { ...tcp, name: 'TCP, 1 MiB bodies, 32 connections', connections: 32, path: '/files/1m.bin', per: 'MiB' },
];

/** Memory of idle connections is measured on proxies started anew, after all else. */
export const MEMORY = { ...http, name: 'memory of idle connections', idle: 10_000 };

/** Works of one stage share their processes: the same configuration, the same servers. */
export function stageOf({ mode, servers, log }) {
  return { name: `${mode}-${servers}${log ? '-log' : ''}`, mode, servers, log: log === true };
}

/** [stage, its works], in the order of the list. */
export function stages(works) {
  const found = new Map();
  for (const work of works) {
    const stage = stageOf(work);
    const known = found.get(stage.name) ?? { stage, works: [] };
    known.works.push(work);
    found.set(stage.name, known);
  }
  return [...found.values()];
}
