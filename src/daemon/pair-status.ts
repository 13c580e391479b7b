/** The pair as it is now, for people and programs: who owns which address, and why. Pure. */
import type { VirtualAddress } from '../config/pair-model.ts';
import type { VirtualServerStatus } from '../l4/status.ts';
import type { PairView } from '../vrrp/dump/pair-view.ts';
import type { Phase } from '../vrrp/election-types.ts';
import type { Hold } from '../vrrp/hold.ts';
import type { InstanceView } from '../vrrp/instance-view.ts';
import type { PriorityReason } from '../vrrp/priority.ts';
import type { RouterStatistics } from '../vrrp/statistics.ts';

export interface PairStatus {
  readonly instances: readonly InstanceStatus[];
  readonly groups: readonly GroupStatus[];
  /** Why the kernel has not the rules that virtual servers need; null: it has, or there are none. */
  readonly rulesTrouble: string | null;
  /** What the kernel balances. */
  readonly virtualServers: readonly VirtualServerStatus[];
}

/** All but what is of each virtual server: of thousands of servers those who show them all the time take their time. */
export type PairHead = Omit<PairStatus, 'virtualServers'>;

export interface GroupStatus {
  readonly name: string;
  /** What it told last; null: nothing yet. */
  readonly state: string | null;
  readonly instances: readonly string[];
}

export interface InstanceStatus {
  readonly name: string;
  readonly interface: string;
  readonly family: 4 | 6;
  readonly vrid: number;
  readonly version: 2 | 3;
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';
  /** By `set vrrp`, until `release`; null: it decides by itself. */
  readonly forced: Hold | null;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
  /** The addresses are on this box now. */
  readonly holds: boolean;
  readonly configuredPriority: number;
  readonly effectivePriority: number;
  /** Why it is what it is: `track_script chk_haproxy failed` -20. The weights are the difference of the two priorities. */
  readonly reasons: readonly PriorityReason[];
  /** Why it is in FAULT. */
  readonly faults: readonly string[];
  /** Who is master as this box heard it; null: itself, or nobody. */
  readonly master: { readonly address: string; readonly priority: number; readonly heardMsAgo: number } | null;
  /** Who else says that it is master while this box is; null: nobody. */
  readonly rival: { readonly address: string; readonly priority: number; readonly heardMsAgo: number } | null;
  /** An advert that was heard last and not taken: `wrong-password`, …; null: there was none. */
  readonly refused: { readonly why: string; readonly address: string; readonly msAgo: number } | null;
  readonly advertIntervalMs: number;
  readonly lastTransitionMs: number | null;
  readonly counters: {
    readonly advertsReceived: number;
    readonly advertsSent: number;
    readonly becameMaster: number;
    readonly releasedMaster: number;
    readonly errors: number;
  };
}

export function pairHeadOf({ model, instances, groups }: PairView, rulesTrouble: string | null): PairHead {
  return {
    instances: instances.map(instanceStatusOf),
    groups: model.syncGroups.map(({ name, members }) => ({
      name,
      state: groups.get(name) ?? null,
      instances: members,
    })),
    rulesTrouble,
  };
}

function instanceStatusOf(view: InstanceView): InstanceStatus {
  const { model, phase, master, masterHeardMsAgo, rival, refused } = view;
  return {
    name: model.name,
    interface: model.vmac?.name ?? model.interface,
    family: model.family,
    vrid: model.virtualRouterId,
    version: model.version,
    state: stateOf(phase),
    forced: view.forced,
    addresses: [...model.addresses, ...model.excludedAddresses].map(addressText),
    holds: view.holds,
    configuredPriority: model.priority,
    effectivePriority: view.effectivePriority,
    reasons: view.reasons,
    faults: faultsOf(view),
    master:
      phase === 'backup' && master !== null && masterHeardMsAgo !== null
        ? { address: master.source, priority: master.priority, heardMsAgo: masterHeardMsAgo }
        : null,
    rival: rival && { address: rival.source, priority: rival.priority, heardMsAgo: rival.heardMsAgo },
    refused: refused && { why: refused.refusal, address: refused.source, msAgo: refused.msAgo },
    advertIntervalMs: model.advertIntervalCs * 10,
    lastTransitionMs: view.lastTransitionWallMs === 0 ? null : view.lastTransitionWallMs,
    counters: countersOf(view.statistics),
  };
}

/** Its own, or those of the others in its group. */
function faultsOf({ phase, faults, model }: InstanceView): readonly string[] {
  if (phase !== 'fault' || faults.length > 0 || model.syncGroup === null) return faults;
  return [`another instance of ${model.syncGroup} is in FAULT`];
}

/** Who leaves has the addresses still. */
function stateOf(phase: Phase): InstanceStatus['state'] {
  switch (phase) {
    case 'master':
    case 'leaving':
      return 'MASTER';
    case 'backup':
      return 'BACKUP';
    case 'fault':
      return 'FAULT';
    case 'init':
    case 'stopped':
      return 'INIT';
  }
}

function addressText({ ip, prefixLength }: VirtualAddress): string {
  return `${ip}/${prefixLength}`;
}

function countersOf(statistics: RouterStatistics): InstanceStatus['counters'] {
  const { advertsReceived, advertsSent, becameMaster, releasedMaster } = statistics;
  const errors =
    statistics.lengthErrors +
    statistics.ttlErrors +
    statistics.invalidTypes +
    statistics.intervalErrors +
    statistics.addressListErrors +
    statistics.invalidAuthTypes +
    statistics.authTypeMismatches +
    statistics.authFailures;
  return { advertsReceived, advertsSent, becameMaster, releasedMaster, errors };
}
