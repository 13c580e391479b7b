/** What of a file is to run: keepalived's -P (VRRP alone) and -C (checks and virtual servers alone), and -I. Pure. */
import type { PairModel } from '../pair-model.ts';

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
    ...(checkers ? {} : { virtualServers: [] }),
    ...(releaseVirtualServers ? {} : { l4: { ...model.l4, keepsAtStop: true } }),
  };
}
