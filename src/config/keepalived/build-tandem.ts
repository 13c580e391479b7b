/** `tandem { }` with its defaults: the instance's own block, what it lacks from the one at top level. */
import type { TandemSettings } from '../pair-model.ts';
import { DEFAULT_GRACE_MS, DEFAULT_LEASE_MS, type TandemDraft } from './tandem-block.ts';

export function buildTandem(own: TandemDraft | null, top: TandemDraft | null): TandemSettings {
  const settings = { leaseMs: own?.leaseMs, dataProcess: own?.dataProcess };
  if (settings.leaseMs === undefined) settings.leaseMs = top?.leaseMs;
  if (settings.dataProcess === undefined) settings.dataProcess = top?.dataProcess;
  return {
    leaseMs: settings.leaseMs === undefined ? DEFAULT_LEASE_MS : settings.leaseMs,
    dataProcess: settings.dataProcess === undefined ? { weight: 0, graceMs: DEFAULT_GRACE_MS } : settings.dataProcess,
    proxies: own?.said.has('track_proxy') ? own.proxies : (top?.proxies ?? []),
    backends: own?.said.has('track_backend') ? own.backends : (top?.backends ?? []),
    virtualServers: own?.said.has('track_virtual_server') ? own.virtualServers : (top?.virtualServers ?? []),
  };
}
