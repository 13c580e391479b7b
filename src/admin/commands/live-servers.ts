/**
 * Servers that come and go while the program runs: `add server`, `del server`. As in HAProxy a reload forgets who is not in the configuration.
 */
import { type AddedServer, readAddedServer } from '../../config/haproxy/added-server.ts';
import { hasPorts } from '../../config/haproxy/server-checks.ts';
import type { Model, Proxy as ProxyModel } from '../../config/model.ts';
import { runningProxies } from '../../daemon/compile.ts';
import { type LiveBackend, type LivePlan, SPARE_SERVERS } from '../../daemon/live-servers.ts';
import { trackedServer } from '../../daemon/tracked-server.ts';
import type { AdminContext, Command } from '../command.ts';
import { backendAt, matches, splitPath } from './server-at.ts';

const NO_PATH = "Require 'backend/server'.";
const NOT_DYNAMIC = 'Backend must use a dynamic load balancing to support dynamic servers.';

export const ADD_SERVER: Command = {
  words: ['add', 'server'],
  usage: 'add server <bk>/<srv>',
  about: 'create a new server',
  level: 'admin',
  run: addServer,
};

export const DEL_SERVER: Command = {
  words: ['del', 'server'],
  usage: 'del server <bk>/<srv>',
  about: 'remove a dynamically added server',
  level: 'admin',
  run: delServer,
};

async function addServer({ model, board }: AdminContext, [path, ...words]: readonly string[]): Promise<string> {
  const names = splitPath(path);
  if (names === null) return NO_PATH;
  const [backendName, name] = names;
  const home = model.proxies.find((proxy) => proxy.kind !== 'frontend' && proxy.name === backendName);
  if (home === undefined) return 'No such backend.';
  const backend = board.plan.proxies[runningProxies(model).indexOf(home)];
  if (backend === undefined || !isDynamic(backend)) return NOT_DYNAMIC;
  const checksHavePorts = hasPorts(home.checkMethod.rules);
  const added = readAddedServer(name, words, { servers: backend.servers, checksHavePorts });
  if (typeof added === 'string') return `${added}\n`;
  const problem = trackProblem(model, home, added, board.plan) ?? reachProblem(added, board.plan);
  if (problem !== null) return `${problem}\n`;
  if (await board.add(backend, added.server, added.arrives)) return 'New server registered.\n';
  return `There is room for ${SPARE_SERVERS} servers beyond those of the configuration, and no more.\n`;
}

async function delServer(context: AdminContext, [path]: readonly string[]): Promise<string> {
  const { board } = context;
  const names = splitPath(path);
  if (names === null) return NO_PATH;
  const [backendName, name] = names;
  const backend = backendAt(context, backendName);
  if (backend === null) return 'No such backend.';
  const record = board.find(backend, (server) => matches(name, server));
  if (record === null) return 'No such server.';
  if (board.isNamed(record)) {
    return 'This server cannot be removed at runtime due to other configuration elements pointing to it.';
  }
  if (!record.maint) return 'Only servers in maintenance mode can be deleted.';
  if (board.isBusy(record)) return 'Server still has connections attached to it, cannot remove it.';
  await board.remove(record);
  return 'Server deleted.';
}

/** Algorithms whose weights may change while they run. */
function isDynamic({ balance, hash }: LiveBackend): boolean {
  return balance !== 'static-rr' && (balance !== 'hash' || hash?.consistent === true);
}

function trackProblem(model: Model, home: ProxyModel, { server }: AddedServer, plan: LivePlan): string | null {
  const { track } = server;
  if (track === null) return null;
  const running = runningProxies(model);
  const isOther = (proxy: ProxyModel): boolean => proxy.name === track.proxy && proxy.kind !== 'frontend';
  const proxy = track.proxy === null ? home : running.find(isOther);
  if (proxy === undefined) return `unable to find required proxy '${track.proxy}' for tracking.`;
  const there = plan.proxies[running.indexOf(proxy)]?.servers.some(({ name }) => name === track.server) === true;
  if (!there) return `unable to find required server '${track.server}' for tracking.`;
  const path = `${proxy.name}/${track.server}`;
  const other = trackedServer(running, home, server);
  if (other === null) return `unable to use ${path} for tracking as it is a dynamic server.`;
  if (!other.check.enabled && !other.agent.enabled && other.track === null) {
    return `unable to use ${path} for tracking as it does not have any check nor agent enabled.`;
  }
  if (proxy !== home && proxy.disableOn404 !== home.disableOn404) {
    return `unable to use ${path} for tracking: disable-on-404 option inconsistency.`;
  }
  return null;
}

/** The data process has given up what the configuration did not need. */
function reachProblem({ server }: AddedServer, { proxies, privileges }: LivePlan): string | null {
  const { address, source } = server;
  const reachesUnix = proxies.some(({ servers }) => servers.some((one) => one.address.family === 'unix'));
  if (address.kind === 'unix' && !reachesUnix) {
    return `'${address.host}': only where a server of the configuration has a unix socket, others may have one`;
  }
  if (source !== null && source.foreign !== null && privileges.bindsForeign !== true) {
    return "'usesrc': only where the configuration has it, added servers may have it";
  }
  return null;
}
