// What is measured: each scenario is the same work for every peer.

export const SCENARIOS = [
  { name: 'keep-alive, 1 connection', mode: 'http', connections: 1, path: '/' },
  { name: 'keep-alive, 32 connections', mode: 'http', connections: 32, path: '/' },
  { name: 'keep-alive, 256 connections', mode: 'http', connections: 256, path: '/' },
  { name: 'connection per request, 32 at once', mode: 'http', connections: 32, path: '/', close: true },
  { name: '64 KiB bodies, 32 connections', mode: 'http', connections: 32, path: '/files/64k.bin' },
  { name: '1 MiB bodies, 32 connections', mode: 'http', connections: 32, path: '/files/1m.bin' },
  { name: 'TCP mode, 32 connections', mode: 'tcp', connections: 32, path: '/' },
  { name: 'TCP mode, connection per request', mode: 'tcp', connections: 32, path: '/', close: true },
  { name: 'TCP mode, 1 MiB bodies', mode: 'tcp', connections: 32, path: '/files/1m.bin' },
];

/** Connections that have had one answer and then say nothing; fewer where descriptors are short. */
export const IDLE_CONNECTIONS = 10_000;
export const IDLE_NAME = 'idle connections';
