/** What a run has to know of its plan. */
import type { Plan, ServerPlan } from '../../src/proxy/plan.ts';
import type { Entrance } from './stage.ts';
import { violated } from './violation.ts';

export function serversOf(plan: Plan): readonly ServerPlan[] {
  return plan.proxies.flatMap(({ servers }) => servers);
}

export function portOf({ address }: ServerPlan): number {
  return address.family === 'unix' ? 0 : address.port;
}

export function entranceOf(plan: Plan, frontend: number): Entrance {
  const proxy = plan.proxies[frontend] ?? violated('no frontend');
  const backend = plan.proxies[proxy.defaultBackend] ?? violated('no backend');
  const name = backend.cookie?.name;
  const cookies = backend.servers.flatMap(({ index, cookie }) =>
    name === undefined || cookie === null
      ? []
      : [{ server: index, field: Buffer.from(`Cookie: ${name}=${cookie}\r\n`) }],
  );
  const headBytes = plan.bufferSizeBytes - plan.maxRewriteBytes;
  return { http: proxy.http, cookies, abortsOnClose: backend.abortOnClose, headBytes };
}
