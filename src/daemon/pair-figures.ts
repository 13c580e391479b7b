/** The pair in numbers and names, for those who count: values only. */
import { instanceAddressText } from '../vrrp/dump/instance-lines.ts';
import type { PairView } from '../vrrp/dump/pair-view.ts';
import { stateNumber } from '../vrrp/dump/words.ts';
import type { InstanceView } from '../vrrp/instance-view.ts';
import { LATENESS_BOUNDS_MS } from '../vrrp/lateness.ts';
import type { RouterStatistics } from '../vrrp/statistics.ts';

export interface PairFigures {
  readonly instances: readonly InstanceFigures[];
  readonly scripts: readonly { readonly name: string; readonly good: boolean; readonly running: boolean }[];
}

export interface InstanceFigures {
  readonly name: string;
  /** Its own, where it has one: vrrp.51. */
  readonly interface: string;
  readonly virtualRouterId: number;
  /** keepalived's: 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT. */
  readonly state: number;
  readonly addresses: readonly AddressName[];
  readonly excludedAddresses: readonly AddressName[];
  readonly announceDelayMs: number;
  readonly counts: Readonly<Omit<RouterStatistics, 'lateness' | 'clear' | 'sent' | 'moved' | 'heard'>>;
  readonly effectivePriority: number;
  readonly configuredPriority: number;
  readonly holds: boolean;
  readonly faults: number;
  /** 0: never. */
  readonly lastTransitionWallMs: number;
  /** What would end in two masters, and how often it was heard. */
  readonly alarms: ReadonlyMap<string, number>;
  /** How late adverts left: how many up to each bound and above the one before, the last one without bound. */
  readonly lateness: {
    readonly boundsMs: readonly number[];
    readonly counts: readonly number[];
    readonly sumMs: number;
  };
}

/** As keepalived writes them. */
interface AddressName {
  readonly address: string;
  readonly device: string;
}

export function pairFigures({ instances, model, scripts, scriptsRunning }: PairView): PairFigures {
  return {
    instances: instances.map(figuresOf),
    scripts: model.scripts.map(({ name, initFail }) => ({
      name,
      good: scripts.get(name) ?? !initFail,
      running: scriptsRunning.has(name),
    })),
  };
}

function figuresOf(view: InstanceView): InstanceFigures {
  const { model, statistics } = view;
  const { counts, sumMs } = statistics.lateness;
  return {
    name: model.name,
    interface: model.vmac?.name ?? model.interface,
    virtualRouterId: model.virtualRouterId,
    state: stateNumber(view.phase),
    addresses: namesOf(view, model.addresses),
    excludedAddresses: namesOf(view, model.excludedAddresses),
    announceDelayMs: model.announce.masterDelayMs,
    counts: statistics,
    effectivePriority: view.effectivePriority,
    configuredPriority: model.priority,
    holds: view.holds,
    faults: view.faults.length,
    lastTransitionWallMs: view.lastTransitionWallMs,
    alarms: view.alarms,
    lateness: { boundsMs: LATENESS_BOUNDS_MS, counts, sumMs },
  };
}

function namesOf({ model, holds }: InstanceView, addresses: InstanceView['model']['addresses']): AddressName[] {
  return addresses.map((one) => {
    const words = instanceAddressText(model, one, holds).split(' ');
    return { address: words[0] ?? '', device: words[words.indexOf('dev') + 1] ?? '' };
  });
}
