/** Makes the records of servers from their plan and their model, and joins those that follow others. */
import type { Proxy as ProxyModel, Server } from '../config/model.ts';
import type { Plan, ProxyPlan, ServerPlan } from '../proxy/plan.ts';
import { serverAddress } from './compile.ts';
import type { HostAddress } from './resolve.ts';
import { type ServerFacts, ServerRecord } from './server-record.ts';
import { trackedServer } from './tracked-server.ts';

export function recordsOf(
  plan: Plan,
  models: readonly ProxyModel[],
  addresses: ReadonlyMap<string, HostAddress>,
  nowMs: number,
): ServerRecord[] {
  const records = plan.proxies.flatMap((proxy) =>
    proxy.servers.flatMap((server, position) => {
      const model = models[proxy.index]?.servers[position];
      if (model === undefined) return [];
      return [new ServerRecord(factsOf(proxy, server, model, serverAddress(model, addresses) === null), nowMs)];
    }),
  );
  for (const record of records) joinTracked(record, records, models);
  return records;
}

/** Of a server that an operator adds. */
export function addedRecord(
  proxy: ProxyPlan,
  plan: ServerPlan,
  model: Server,
  arrives: 'asleep' | 'awake',
  nowMs: number,
): ServerRecord {
  return new ServerRecord({ ...factsOf(proxy, plan, model, false), arrives }, nowMs);
}

/** It follows whom its model names. */
export function joinTracked(
  record: ServerRecord,
  records: readonly ServerRecord[],
  models: readonly ProxyModel[],
): void {
  const home = models[record.plan.backend];
  const tracked = home === undefined ? null : trackedServer(models, home, record.model);
  record.tracked = tracked === null ? null : (records.find(({ model }) => model === tracked) ?? null);
  if (record.tracked === null) return;
  record.tracked.trackers.unshift(record);
  record.tracked.isNamed = true;
}

export function leaveTracked(record: ServerRecord): void {
  const trackers = record.tracked?.trackers ?? [];
  const position = trackers.indexOf(record);
  if (position >= 0) trackers.splice(position, 1);
}

function factsOf(proxy: ProxyPlan, plan: ServerPlan, model: Server, unresolved: boolean): ServerFacts {
  const growsSlowly = proxy.balance !== 'static-rr' && (proxy.balance !== 'hash' || proxy.hash?.consistent === true);
  return { plan, model, path: `${proxy.name}/${plan.name}`, unresolved, growsSlowly };
}
