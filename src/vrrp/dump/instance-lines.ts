/** A virtual router in the lines of keepalived's data dump (its vrrp_data.c). What does not exist here has no line. */
import type { NotifyScripts, ScriptCommand, Track, VirtualAddress, VrrpInstance } from '../../config/pair-model.ts';
import { masterDownMs } from '../election-timing.ts';
import type { InstanceView } from '../instance-view.ts';
import {
  type AccountOf,
  accountText,
  addressText,
  commandText,
  entryText,
  seconds,
  stateWord,
  timeText,
  yesNo,
} from './words.ts';

const enabled = (value: boolean): string => (value ? 'enabled' : 'disabled');

export function instanceLines(view: InstanceView, accountOf: AccountOf): readonly string[] {
  const { model } = view;
  return [
    ` VRRP Instance = ${model.name}`,
    `   VRRP Version = ${model.version}`,
    ...(model.syncGroup === null ? [] : [`   Sync group = ${model.syncGroup}`]),
    ...(model.family === 6 ? ['   Using Native IPv6'] : []),
    ...stateLines(view),
    ...interfaceLines(view),
    ...announceLines(model),
    ...electionLines(view),
    ...addressLines(view),
    ...transportLines(model),
    ...(view.hasSocket ? [] : ['   No sockets allocated']),
    ...list('Virtual Routes', model.routes.map(entryText)),
    ...list('Virtual Rules', model.rules.map(entryText)),
    ...trackLines(model),
    `   Using smtp notification = ${yesNo(model.smtpAlert)}`,
    `   Notify deleted = ${model.notify.deleted === null ? 'Fault' : 'Deleted'}`,
    ...notifyLines(model.notify, accountOf),
    `   Notify priority changes = ${model.notify.onPriorityChange}`,
  ];
}

function stateLines(view: InstanceView): string[] {
  const { model, phase, master, faults } = view;
  const { version, downTimerAdverts, wantedState, transport } = model;
  const heard =
    phase !== 'backup' || master === null
      ? []
      : [
          `   Master router = ${master.source}`,
          `   Master priority = ${master.priority}`,
          ...(version === 3 ? [`   Master advert int = ${(view.masterIntervalCs / 100).toFixed(2)} sec`] : []),
        ];
  const downMs = masterDownMs(version, view.effectivePriority, view.masterIntervalCs, downTimerAdverts);
  const timeout = view.deadlineWallMs === null ? 'DISABLED' : timeText(view.deadlineWallMs);
  return [
    `   State = ${stateWord(phase)}`,
    ...heard,
    ...(transport.kind === 'unicast' ? ['   Flags:', '     Using unicast'] : ['   Flags: none']),
    `   Wantstate = ${phase === 'init' ? wantedState : stateWord(phase)}`,
    '   Number of config faults = 0',
    `   Number of interface and track script faults = ${faults.length}`,
    `   Last transition = ${timeText(view.lastTransitionWallMs)}`,
    `   Read timeout = ${timeout}`,
    `   Master down timer = ${Math.floor(downMs * 1000)} usecs`,
  ];
}

function interfaceLines({ model, isUp, source, interfaceIndex }: InstanceView): string[] {
  const { interface: base, vmac, transport, family, sourceIp } = model;
  const onBase = vmac?.transmitOnBase ?? false;
  return [
    ...(vmac === null ? [] : [`   Use VMAC, i/f name ${vmac.name}, is_up = ${isUp}, xmit_base = ${onBase}`]),
    vmac === null
      ? `   Interface = ${base}`
      : `   Interface = ${vmac.name}, vmac on ${base}${onBase ? ', xmit base i/f' : ''}`,
    ...(model.dontTrackPrimary ? ['   VRRP interface tracking disabled'] : []),
    ...(model.skipCheckAdvertAddresses ? ['   Skip checking advert IP addresses'] : []),
    ...(model.strict ? ['   Enforcing strict VRRP compliance'] : []),
    `   Using src_ip = ${source ?? '(none)'}${sourceIp === null ? '' : ' (from configuration)'}`,
    ...(transport.kind === 'unicast'
      ? []
      : [`   Multicast address ${transport.group}${family === 6 ? `, ifindex ${interfaceIndex}` : ''}`]),
  ];
}

function announceLines({ announce, downTimerAdverts, ...model }: VrrpInstance): string[] {
  return [
    `   Gratuitous ARP delay = ${seconds(announce.masterDelayMs)}`,
    `   Gratuitous ARP repeat = ${announce.masterRepeat}`,
    `   Gratuitous ARP refresh = ${seconds(announce.refreshMs)}`,
    `   Gratuitous ARP refresh repeat = ${announce.refreshRepeat}`,
    `   Gratuitous ARP lower priority delay = ${seconds(announce.lowerPrioDelayMs)}`,
    `   Gratuitous ARP lower priority repeat = ${announce.lowerPrioRepeat}`,
    `   Down timer adverts = ${downTimerAdverts}`,
    `   Send advert after receive lower priority advert = ${!model.lowerPrioNoAdvert}`,
    `   Send advert after receive higher priority advert = ${model.higherPrioSendAdvert}`,
  ];
}

function electionLines({ model, effectivePriority, totalPriority, phase, masterIntervalCs }: InstanceView): string[] {
  const { version, advertIntervalCs, authentication, preemptDelayMs } = model;
  const interval = version === 2 ? `${advertIntervalCs / 100} sec` : `${advertIntervalCs * 10} milli-sec`;
  const password = authentication === null ? ['none'] : ['SIMPLE_PASSWORD', `   Password = ${authentication.password}`];
  const [type, ...more] = password;
  return [
    `   Virtual Router ID = ${model.virtualRouterId}`,
    `   Priority = ${model.priority}`,
    `   Effective priority = ${effectivePriority}`,
    `   Total priority = ${totalPriority}`,
    `   Advert interval = ${interval}`,
    ...(phase === 'backup' && version === 3 ? [`   Master advert interval = ${masterIntervalCs * 10} milli-sec`] : []),
    `   Accept = ${enabled(model.accept)}`,
    `   Preempt = ${enabled(model.preempt)}`,
    ...(preemptDelayMs > 0 ? [`   Preempt delay = ${preemptDelayMs / 1000} secs`] : []),
    `   Promote_secondaries = ${enabled(model.promoteSecondaries)}`,
    ...(version === 2 ? [`   Authentication type = ${type}`, ...more] : []),
    ...(model.debug ? ['   Debug level = 1'] : []),
  ];
}

function addressLines({ model, holds }: InstanceView): string[] {
  const { addresses, excludedAddresses } = model;
  const text = (address: VirtualAddress): string => instanceAddressText(model, address, holds);
  return [
    ...list('Virtual IP', addresses.map(text), `   Virtual IP (${addresses.length}):`),
    ...list('Virtual IP Excluded', excludedAddresses.map(text)),
  ];
}

/** With what its interface is on, where that is a macvlan of ours. */
export function instanceAddressText(model: VrrpInstance, address: VirtualAddress, holds: boolean): string {
  return addressText(address, holds, address.device === model.vmac?.name ? model.interface : null);
}

function transportLines({ transport }: VrrpInstance): string[] {
  if (transport.kind === 'multicast') return [];
  const peers = transport.peers.map(({ ip, minTtl, maxTtl }) => `${ip} min_ttl ${minTtl} max_ttl ${maxTtl}`);
  return [`   Unicast TTL = ${transport.ttl}`, '   Check unicast src : yes', ...list('Unicast Peer', peers)];
}

/** Of an instance or a group. */
export function trackLines(
  tracks: Pick<VrrpInstance, 'trackInterfaces' | 'trackScripts' | 'trackProcesses' | 'trackFiles'>,
): string[] {
  const line = (comma: string) => (track: Track) =>
    `${track.name}${comma} weight ${track.weight}${track.reverse ? ' reverse' : ''}`;
  return [
    ...list('Tracked interfaces', tracks.trackInterfaces.map(line(''))),
    ...list('Tracked scripts', tracks.trackScripts.map(line(''))),
    ...list('Tracked files', tracks.trackFiles.map(line(','))),
    ...list('Tracked processes', tracks.trackProcesses.map(line(','))),
  ];
}

export function notifyLines(notify: NotifyScripts, accountOf: AccountOf): string[] {
  const all: readonly [string, ScriptCommand | null][] = [
    ['Backup', notify.backup],
    ['Master', notify.master],
    ['Fault', notify.fault],
    ['Stop', notify.stop],
    ['Deleted', notify.deleted],
    ['Generic', notify.general],
    ['Master rx lower pri', notify.masterHeardLower],
  ];
  return all.flatMap(([name, command]) =>
    command === null
      ? []
      : [`   ${name} state transition script = ${commandText(command)}, ${accountText(command, accountOf)}`],
  );
}

/** Nothing where there is nothing. */
export function list(title: string, entries: readonly string[], head = `   ${title} :`): string[] {
  return entries.length === 0 ? [] : [head, ...entries.map((entry) => `     ${entry}`)];
}
