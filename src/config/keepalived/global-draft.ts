/** `global_defs` while it is read: null is "not said". Defaults are applied in build-global.ts. */
import type { ScriptCommand } from '../pair-model.ts';
import type { Draft } from './keyword.ts';
import type { Statement } from './statement.ts';

export interface FifoDraft {
  statement: Statement | null;
  path: string | null;
  user: string | null;
  group: string | null;
  script: ScriptCommand | null;
}

export interface GlobalDraft extends Draft {
  routerId: string | null;
  scriptUser: { readonly user: string; readonly group: string | null } | null;
  scriptSecurity: boolean;
  recipients: string[];
  mailFrom: string | null;
  smtpServer: { readonly host: string; readonly port: number } | null;
  smtpTimeoutMs: number | null;
  heloName: string | null;
  smtpAlert: boolean | null;
  smtpAlertVrrp: boolean | null;
  smtpAlertChecker: boolean | null;
  noEmailFaults: boolean;
  defaultInterface: string | null;
  dynamicInterfaces: boolean;
  startupDelayMs: number;
  delayAfterBootMs: number;
  mcastGroup4: string | null;
  mcastGroup6: string | null;
  realtimePriority: number | null;
  processPriority: number | null;
  noSwap: boolean;
  fifo: FifoDraft;
  vrrpFifo: FifoDraft;
  lvsFifo: FifoDraft;
  checkerMails: boolean;
  rsInitNotifies: boolean;
  logAllFailures: boolean;
  /** `lvs_timeouts`, in seconds. */
  readonly flowTimeouts: { tcp: number | null; tcpfin: number | null; udp: number | null };
  startupScript: ScriptCommand | null;
  startupScriptTimeoutMs: number | null;
  shutdownScript: ScriptCommand | null;
  shutdownScriptTimeoutMs: number | null;
  logUnknownVrids: boolean;
  vmacPrefix: string | null;
  version: 2 | 3 | null;
  garpMasterDelayMs: number | null;
  garpMasterRepeat: number | null;
  garpRefreshMs: number | null;
  garpRefreshRepeat: number | null;
  garpLowerPrioDelayMs: number | null;
  garpLowerPrioRepeat: number | null;
  minGarp: boolean;
  garpIntervalMs: number | null;
  gnaIntervalMs: number | null;
  downTimerAdverts: number | null;
  lowerPrioNoAdvert: boolean | null;
  higherPrioSendAdvert: boolean | null;
  skipCheckAdvertAddresses: boolean;
  checkUnicastSource: boolean;
  v3ChecksumAsV2: boolean;
  strict: boolean;
  notifyPriorityChanges: boolean;
}

export function newGlobalDraft(statement: Statement): GlobalDraft {
  return {
    statement,
    said: new Map(),
    routerId: null,
    scriptUser: null,
    scriptSecurity: false,
    recipients: [],
    mailFrom: null,
    smtpServer: null,
    smtpTimeoutMs: null,
    heloName: null,
    smtpAlert: null,
    smtpAlertVrrp: null,
    smtpAlertChecker: null,
    noEmailFaults: false,
    defaultInterface: null,
    dynamicInterfaces: false,
    startupDelayMs: 0,
    delayAfterBootMs: 0,
    mcastGroup4: null,
    mcastGroup6: null,
    realtimePriority: null,
    processPriority: null,
    noSwap: false,
    fifo: newFifo(),
    vrrpFifo: newFifo(),
    lvsFifo: newFifo(),
    checkerMails: true,
    rsInitNotifies: false,
    logAllFailures: false,
    flowTimeouts: { tcp: null, tcpfin: null, udp: null },
    startupScript: null,
    startupScriptTimeoutMs: null,
    shutdownScript: null,
    shutdownScriptTimeoutMs: null,
    logUnknownVrids: false,
    vmacPrefix: null,
    version: null,
    garpMasterDelayMs: null,
    garpMasterRepeat: null,
    garpRefreshMs: null,
    garpRefreshRepeat: null,
    garpLowerPrioDelayMs: null,
    garpLowerPrioRepeat: null,
    minGarp: false,
    garpIntervalMs: null,
    gnaIntervalMs: null,
    downTimerAdverts: null,
    lowerPrioNoAdvert: null,
    higherPrioSendAdvert: null,
    skipCheckAdvertAddresses: false,
    checkUnicastSource: false,
    v3ChecksumAsV2: false,
    strict: false,
    notifyPriorityChanges: false,
  };
}

function newFifo(): FifoDraft {
  return { statement: null, path: null, user: null, group: null, script: null };
}
