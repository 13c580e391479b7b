/** `global_defs` with keepalived's defaults. */
import type { FlowTimeouts } from '../l4-model.ts';
import type { NotifyFifo, PairGlobal } from '../pair-model.ts';
import type { FifoDraft, GlobalDraft } from './global-draft.ts';

export const DEFAULT_MCAST_GROUP4 = '224.0.0.18';
export const DEFAULT_MCAST_GROUP6 = 'ff02::12';

export function buildGlobal(draft: GlobalDraft, hostname: string): PairGlobal {
  const fifo = buildFifo(draft.fifo);
  return {
    routerId: draft.routerId ?? hostname,
    scriptUser: draft.scriptUser,
    scriptSecurity: draft.scriptSecurity,
    mail: {
      recipients: draft.recipients,
      from: draft.mailFrom ?? `keepalived@${hostname}`,
      server: draft.smtpServer,
      connectTimeoutMs: draft.smtpTimeoutMs ?? 30_000,
      heloName: draft.heloName,
      noFaults: draft.noEmailFaults,
    },
    defaultInterface: draft.defaultInterface ?? 'eth0',
    dynamicInterfaces: draft.dynamicInterfaces,
    startupDelayMs: draft.startupDelayMs,
    delayAfterBootMs: draft.delayAfterBootMs,
    mcastGroup4: draft.mcastGroup4 ?? DEFAULT_MCAST_GROUP4,
    mcastGroup6: draft.mcastGroup6 ?? DEFAULT_MCAST_GROUP6,
    realtimePriority: draft.realtimePriority,
    processPriority: draft.processPriority,
    noSwap: draft.noSwap,
    notifyFifos: apart(fifo, buildFifo(draft.vrrpFifo)),
    lvsNotifyFifos: apart(fifo, buildFifo(draft.lvsFifo)),
    checkerMails: draft.checkerMails,
    rsInitNotifies: draft.rsInitNotifies,
    logUnknownVrids: draft.logUnknownVrids,
    reloadCheckConfig: draft.said.has('reload_check_config'),
    startupScript: draft.startupScript,
    startupScriptTimeoutMs: draft.startupScriptTimeoutMs ?? 10_000,
    shutdownScript: draft.shutdownScript,
    shutdownScriptTimeoutMs: draft.shutdownScriptTimeoutMs ?? 10_000,
  };
}

/** Those of IPVS, but for connections that end, which are forgotten sooner. */
export function flowTimeoutsOf({ flowTimeouts: { tcp, tcpfin, udp } }: GlobalDraft): FlowTimeouts {
  return { tcpS: tcp ?? 900, tcpEdgeS: tcpfin ?? 60, datagramS: udp ?? 300 };
}

/** The same pipe twice would say everything twice: keepalived leaves out the second. */
function apart(first: NotifyFifo | null, second: NotifyFifo | null): readonly NotifyFifo[] {
  return [first, second?.path === first?.path ? null : second].filter((one) => one !== null);
}

function buildFifo({ statement, path, user, group, script }: FifoDraft): NotifyFifo | null {
  if (statement === null) return null;
  if (path === null) {
    statement.error(0, 'missing-keyword', `'${statement.keyword}' needs the FIFO`, 'notify_fifo PATH');
    return null;
  }
  return { origin: statement.origin, path, user, group, script };
}
