/** What of a file is to run: keepalived's -P (VRRP alone) and -C (checks and virtual servers alone), and -I. Pure. */
import type { PairModel, TandemSettings } from '../pair-model.ts';

export interface Subsystems {
  readonly vrrp: boolean;
  readonly checkers: boolean;
  /** false (-I): virtual servers stay in the kernel at the end, whatever the file says. */
  readonly releaseVirtualServers: boolean;
}

export function withSubsystems(model: PairModel, { vrrp, checkers, releaseVirtualServers }: Subsystems): PairModel {
  // Files are for checks, too.
  const none = { instances: [], syncGroups: [], scripts: [], trackedProcesses: [] };
  const statics = { staticAddresses: [], staticRoutes: [], staticRules: [] };
  return {
    ...model,
    ...(vrrp ? {} : { ...none, ...statics }),
    ...(checkers ? {} : withoutServers(model, vrrp)),
    ...(releaseVirtualServers ? {} : { l4: { ...model.l4, keepsAtStop: true } }),
  };
}

/** What is not there is not tracked either. */
function withoutServers({ instances, tandem }: PairModel, vrrp: boolean): Partial<PairModel> {
  const settings = (own: TandemSettings): TandemSettings => ({ ...own, virtualServers: [] });
  return {
    virtualServers: [],
    tandem: settings(tandem),
    instances: vrrp ? instances.map((instance) => ({ ...instance, tandem: settings(instance.tandem) })) : [],
  };
}
