// One stage of the bench, set up: the servers, the sink, and every peer that can do it, started, idle and verified.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startSink } from './load/sink.mjs';
import { commandOf } from './peers/peers.mjs';
import { verify } from './peers/verify.mjs';
import { freePorts } from './ports.mjs';
import { serversConfiguration } from './servers/nginx-servers.mjs';

const START_MS = 20_000;
/** Under a profiler everything takes longer. */
const WRAPPED_START_MS = 90_000;
const ECHO = join(import.meta.dirname, 'servers', 'echo.mjs');

function connects(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Starts a program and waits until it listens on `port`. */
async function startListening(context, command, { port, cores, environment = {}, what, withinMs = START_MS }) {
  const program = context.programs.start(command, { cores, environment });
  await context.programs.until(program, () => connects(port), withinMs, what);
  return program;
}

/** The servers behind the peers; the same ones for all stages that have them. */
async function startServers(context, kind) {
  const known = context.servers.get(kind);
  if (known !== undefined) return known;
  const ports = await freePorts(2);
  const { folder, cores } = context;
  const file = join(folder, 'servers.conf');
  if (kind === 'nginx') writeFileSync(file, serversConfiguration(ports, folder, cores.servers.length));
  const command = kind === 'nginx' ? ['nginx', '-c', file] : [process.execPath, ECHO, ...ports.map(String)];
  await startListening(context, command, { port: ports[0], cores: cores.servers, what: `${kind} (servers)` });
  context.servers.set(kind, ports);
  return ports;
}

async function startPeer(context, peer, stage, { servers, sink, withinMs }) {
  const what = `${peer.name} (${stage.name})`;
  if (peer.kind === 'direct') return { port: servers[0], pid: undefined };
  const [port] = await freePorts(1);
  const { folder, modules, cores } = context;
  const { command, environment } = commandOf(peer, stage, {
    port,
    servers,
    sinkPort: sink?.port ?? 0,
    folder,
    modules,
  });
  // The guard puts a profiler before the command.
  const wrapped = [...(context.wrap?.(peer) ?? []), ...command];
  const program = await startListening(context, wrapped, { port, cores: cores.proxy, environment, what, withinMs });
  return { port, pid: program.pid, program };
}

/**
 * `peers` of the stage, running: `targets` is peer name → { port, pid }, `faults` says why one is not among them.
 * `stop()` ends the peers; the servers stay for the next stage.
 */
export async function setUp(context, stage, peers) {
  const servers = await startServers(context, stage.servers);
  const sink = stage.log ? await startSink(context) : undefined;
  const withinMs = context.wrap === undefined ? START_MS : WRAPPED_START_MS;
  const targets = new Map();
  const faults = [];
  for (const peer of peers) {
    let target;
    try {
      target = await startPeer(context, peer, stage, { servers, sink, withinMs });
      if (peer.kind !== 'direct') await verify(target, { stage, servers, sink, withinMs });
      targets.set(peer.name, target);
    } catch (error) {
      const words = target?.program?.output ?? '';
      faults.push(`${peer.name} (${stage.name}) is not measured: ${error.message}\n${words}`.trimEnd());
    }
  }
  const stop = () => context.programs.stop([...targets.values()].flatMap(({ program }) => program ?? []));
  return { targets, faults, sink, stop };
}
