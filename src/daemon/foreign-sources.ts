/**
 * `usesrc`: connections that leave from addresses which are not this machine's. The kernel lets only those do it who have
 * CAP_NET_RAW, which the data process then keeps (SECURITY.md). HAProxy starts without it all the same, and no connection
 * comes about.
 */
import type { Model, Server } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';
import { type Capabilities, hasCapability } from '../sys/capabilities.ts';
import { runningProxies } from './compile.ts';

export function bindsForeign(model: Model): boolean {
  return foreignServers(model).length > 0;
}

export function foreignSourceProblems(model: Model, own: Capabilities): Problem[] {
  if (hasCapability(own.effective, 'CAP_NET_RAW')) return [];
  return foreignServers(model).map(({ name, origin: { file, line } }) => ({
    severity: 'error',
    code: 'no-right',
    file,
    line,
    column: 1,
    message: `server ${name}: 'usesrc' takes the capability CAP_NET_RAW, which this process has not got`,
    hint: 'start as root, or with AmbientCapabilities=CAP_NET_RAW in the systemd unit',
  }));
}

function foreignServers(model: Model): Server[] {
  return runningProxies(model).flatMap(({ servers, source }) =>
    servers.filter((server) => ((server.source ?? source)?.foreign ?? null) !== null),
  );
}
