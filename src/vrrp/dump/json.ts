/** What keepalived writes into keepalived.json (its first version of it): an array of instances, each with data and stats. */
import type { ScriptCommand } from '../../config/pair-model.ts';
import type { InstanceView } from '../instance-view.ts';
import type { RouterStatistics } from '../statistics.ts';
import { instanceAddressText } from './instance-lines.ts';
import type { PairView } from './pair-view.ts';
import { commandText, entryText, seconds, stateNumber } from './words.ts';

export function jsonText({ model, instances }: PairView): string {
  const command = (name: string): string => {
    const script = model.scripts.find((one) => one.name === name);
    return script === undefined ? name : commandText(script.command);
  };
  return `${JSON.stringify(
    instances.map((view) => ({ data: dataOf(view, command), stats: statsOf(view.statistics) })),
  )}\n`;
}

function dataOf(view: InstanceView, commandOf: (script: string) => string): Record<string, unknown> {
  const { model, phase, master } = view;
  const { announce, vmac, authentication } = model;
  const address = (one: (typeof model.addresses)[number]): string => instanceAddressText(model, one, view.holds);
  return {
    iname: model.name,
    dont_track_primary: Number(model.dontTrackPrimary),
    skip_check_adv_addr: Number(model.skipCheckAdvertAddresses),
    strict_mode: Number(model.strict),
    vmac_ifname: vmac?.name ?? '',
    ifp_ifname: vmac?.name ?? model.interface,
    master_priority: phase === 'backup' ? (master?.priority ?? 0) : 0,
    last_transition: view.lastTransitionWallMs / 1000,
    garp_delay: announce.masterDelayMs / 1000,
    garp_refresh: seconds(announce.refreshMs),
    garp_rep: announce.masterRepeat,
    garp_refresh_rep: announce.refreshRepeat,
    garp_lower_prio_delay: seconds(announce.lowerPrioDelayMs),
    garp_lower_prio_rep: announce.lowerPrioRepeat,
    lower_prio_no_advert: Number(model.lowerPrioNoAdvert),
    higher_prio_send_advert: Number(model.higherPrioSendAdvert),
    vrid: model.virtualRouterId,
    base_priority: model.priority,
    effective_priority: view.effectivePriority,
    vipset: view.holds,
    promote_secondaries: model.promoteSecondaries,
    adver_int: model.advertIntervalCs / 100,
    master_adver_int: view.masterIntervalCs / 100,
    accept: Number(model.accept),
    nopreempt: !model.preempt,
    preempt_delay: seconds(model.preemptDelayMs),
    state: stateNumber(phase),
    wantstate:
      phase === 'init' ? stateNumber(model.wantedState === 'MASTER' ? 'master' : 'backup') : stateNumber(phase),
    version: model.version,
    smtp_alert: model.smtpAlert,
    notify_deleted: model.notify.deleted !== null,
    ...scriptsOf(view),
    ...listed('vips', model.addresses.map(address)),
    ...listed('evips', model.excludedAddresses.map(address)),
    ...listed('vroutes', model.routes.map(entryText)),
    ...listed('vrules', model.rules.map(entryText)),
    ...listed(
      'track_ifp',
      model.trackInterfaces.map(({ name }) => name),
    ),
    ...listed(
      'track_script',
      model.trackScripts.map(({ name }) => commandOf(name)),
    ),
    auth_type: authentication === null ? 0 : 1,
    ...(authentication === null ? {} : { auth_data: authentication.password }),
  };
}

function scriptsOf({ model }: InstanceView): Record<string, string> {
  const { notify } = model;
  const all: readonly [string, ScriptCommand | null][] = [
    ['script_backup', notify.backup],
    ['script_master', notify.master],
    ['script_fault', notify.fault],
    ['script_stop', notify.stop],
    ['script_deleted', notify.deleted],
    ['script', notify.general],
    ['script_master_rx_lower_pri', notify.masterHeardLower],
  ];
  return Object.fromEntries(all.flatMap(([name, command]) => (command === null ? [] : [[name, commandText(command)]])));
}

function listed(name: string, entries: readonly string[]): Record<string, readonly string[]> {
  return entries.length === 0 ? {} : { [name]: entries };
}

function statsOf(of: RouterStatistics): Record<string, number> {
  return {
    advert_rcvd: of.advertsReceived,
    advert_sent: of.advertsSent,
    become_master: of.becameMaster,
    release_master: of.releasedMaster,
    packet_len_err: of.lengthErrors,
    advert_interval_err: of.intervalErrors,
    ip_ttl_err: of.ttlErrors,
    invalid_type_rcvd: of.invalidTypes,
    addr_list_err: of.addressListErrors,
    invalid_authtype: of.invalidAuthTypes,
    authtype_mismatch: of.authTypeMismatches,
    auth_failure: of.authFailures,
    pri_zero_rcvd: of.priorityZeroReceived,
    pri_zero_sent: of.priorityZeroSent,
  };
}
