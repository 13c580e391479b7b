/** `vrrp_instance` and `vrrp_sync_group` while they are read: null is "not said". Resolved in build-instance.ts. */
import type { KernelEntry, ScriptCommand } from '../pair-model.ts';
import type { AddressDraft } from './address-line.ts';
import type { Draft } from './keyword.ts';
import type { Statement } from './statement.ts';
import type { TandemDraft } from './tandem-block.ts';
import type { TrackDraft } from './track-line.ts';
import type { IpValue } from './values.ts';

export interface TracksDraft {
  interfaces: TrackDraft[];
  scripts: TrackDraft[];
  processes: TrackDraft[];
  files: TrackDraft[];
}

export interface NotifyDraft {
  notifyMaster: ScriptCommand | null;
  notifyBackup: ScriptCommand | null;
  notifyFault: ScriptCommand | null;
  notifyStop: ScriptCommand | null;
  notifyDeleted: ScriptCommand | null;
  notifyGeneral: ScriptCommand | null;
  notifyLowerPrio: ScriptCommand | null;
  notifyPriorityChanges: boolean | null;
  smtpAlert: boolean | null;
}

export interface PeerDraft extends IpValue {
  readonly statement: Statement;
  readonly minTtl: number | null;
  readonly maxTtl: number | null;
}

export interface VmacDraft {
  readonly statement: Statement;
  readonly name: string | null;
  /** With five bytes only: the VRID is the sixth. */
  readonly mac: string | null;
}

export interface InstanceDraft extends Draft, TracksDraft, NotifyDraft {
  readonly name: string;
  interface: string | null;
  state: 'MASTER' | 'BACKUP' | null;
  virtualRouterId: number | null;
  version: 2 | 3 | null;
  priority: number | null;
  /** In microseconds: rounding depends on the version. */
  advertIntervalUs: number | null;
  authType: 'PASS' | null;
  authPass: { readonly statement: Statement; readonly text: string } | null;
  addresses: AddressDraft[];
  excluded: AddressDraft[];
  routes: KernelEntry[];
  rules: KernelEntry[];
  promoteSecondaries: boolean;
  peers: PeerDraft[];
  unicastTtl: number | null;
  unicastFaultNoPeer: boolean;
  source: { readonly statement: Statement; readonly value: IpValue } | null;
  trackSource: boolean;
  mcastDestination: { readonly statement: Statement; readonly value: IpValue } | null;
  checkUnicastSource: boolean;
  dontTrackPrimary: boolean;
  tandem: TandemDraft | null;
  nopreempt: boolean;
  preemptDelayMs: number | null;
  vmac: VmacDraft | null;
  vmacForAddresses: boolean;
  vmacTransmitOnBase: boolean;
  nativeIpv6: boolean;
  garpMasterDelayMs: number | null;
  garpMasterRepeat: number | null;
  garpRefreshMs: number | null;
  garpRefreshRepeat: number | null;
  garpLowerPrioDelayMs: number | null;
  garpLowerPrioRepeat: number | null;
  downTimerAdverts: number | null;
  lowerPrioNoAdvert: boolean | null;
  higherPrioSendAdvert: boolean | null;
  skipCheckAdvertAddresses: boolean | null;
  v3ChecksumAsV2: boolean | null;
  strict: boolean | null;
  accept: boolean | null;
  debug: boolean;
}

export interface SyncGroupDraft extends Draft, TracksDraft, NotifyDraft {
  readonly name: string;
  members: { readonly statement: Statement; readonly at: number; readonly name: string }[];
  trackingWeight: boolean;
}

export function newInstanceDraft(statement: Statement): InstanceDraft {
  return {
    statement,
    said: new Map(),
    name: statement.text(1),
    ...newTracks(),
    ...newNotify(),
    interface: null,
    state: null,
    virtualRouterId: null,
    version: null,
    priority: null,
    advertIntervalUs: null,
    authType: null,
    authPass: null,
    addresses: [],
    excluded: [],
    routes: [],
    rules: [],
    promoteSecondaries: false,
    peers: [],
    unicastTtl: null,
    unicastFaultNoPeer: false,
    source: null,
    trackSource: false,
    mcastDestination: null,
    checkUnicastSource: false,
    dontTrackPrimary: false,
    tandem: null,
    nopreempt: false,
    preemptDelayMs: null,
    vmac: null,
    vmacForAddresses: false,
    vmacTransmitOnBase: false,
    nativeIpv6: false,
    garpMasterDelayMs: null,
    garpMasterRepeat: null,
    garpRefreshMs: null,
    garpRefreshRepeat: null,
    garpLowerPrioDelayMs: null,
    garpLowerPrioRepeat: null,
    downTimerAdverts: null,
    lowerPrioNoAdvert: null,
    higherPrioSendAdvert: null,
    skipCheckAdvertAddresses: null,
    v3ChecksumAsV2: null,
    strict: null,
    accept: null,
    debug: false,
  };
}

export function newSyncGroupDraft(statement: Statement): SyncGroupDraft {
  const name = statement.text(1);
  return { statement, said: new Map(), name, ...newTracks(), ...newNotify(), members: [], trackingWeight: false };
}

function newTracks(): TracksDraft {
  return { interfaces: [], scripts: [], processes: [], files: [] };
}

function newNotify(): NotifyDraft {
  return {
    notifyMaster: null,
    notifyBackup: null,
    notifyFault: null,
    notifyStop: null,
    notifyDeleted: null,
    notifyGeneral: null,
    notifyLowerPrio: null,
    notifyPriorityChanges: null,
    smtpAlert: null,
  };
}
