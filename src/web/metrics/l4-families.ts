/**
 * Virtual servers in families: those of keepalived_exporter (gen2brain's), which reads IPVS, with its names, labels and help; and
 * what it does not know, in families of ours with the same labels.
 */
import { virtualServerState } from '../../admin/l4-states.ts';
import type { L4Protocol } from '../../config/l4-model.ts';
import type { DestinationFigures } from '../../l4/kernel.ts';
import type { RealServerStatus, VirtualServerStatus } from '../../l4/status.ts';
import { type Family, labelsText } from './exposition.ts';

export interface L4Family<T> extends Family {
  readonly scope: 'keepalived' | 'tandem';
  /** null: there is none, and no line. */
  readonly number: (one: T) => number | null;
}

export type RealServerCheck = RealServerStatus['checks'][number];

export interface CountedVirtualServer {
  readonly virtual: VirtualServerStatus;
  /** Of all of its servers. */
  readonly figures: DestinationFigures;
}

/** The exporter's, of a virtual server and of a real one. */
const COUNTERS: readonly (readonly [name: string, help: string, figure: keyof Omit<DestinationFigures, 'isFull'>])[] = [
  ['in_packets', 'in packets', 'requestPackets'],
  ['out_packets', 'out packets', 'replyPackets'],
  ['in_bytes', 'in bytes', 'requestBytes'],
  ['out_bytes', 'out bytes', 'replyBytes'],
  ['conn', 'connections', 'connections'],
];

function counters<T>(prefix: 'vip' | 'rs', figures: (one: T) => DestinationFigures): readonly L4Family<T>[] {
  return COUNTERS.map(([name, help, figure]) => ({
    name: `keepalived_lvs_${prefix}_${name}`,
    type: 'counter',
    help: `${prefix.toUpperCase()} ${help}`,
    scope: 'keepalived',
    number: (one) => figures(one)[figure],
  }));
}

function gauge<T>(name: string, help: string, number: (one: T) => number | boolean | null): L4Family<T> {
  const asNumber = (value: number | boolean | null): number | null => (value === null ? null : Number(value));
  return { name: `tandem_lvs_${name}`, type: 'gauge', help, scope: 'tandem', number: (one) => asNumber(number(one)) };
}

export const VIRTUAL_FAMILIES: readonly L4Family<CountedVirtualServer>[] = [
  ...counters<CountedVirtualServer>('vip', ({ figures }) => figures),
  gauge('vip_up', 'Whether there is somebody to serve clients, its sorry server included.', ({ virtual }) =>
    isServed(virtual),
  ),
  gauge('vip_quorum_up', 'Whether it has its quorum.', ({ virtual }) => virtual.hasQuorum),
  gauge('vip_quorum', 'The weight of servers that are up that is asked for.', ({ virtual }) => virtual.quorum),
  gauge('vip_weight', 'The weight of servers that are up.', ({ virtual }) => virtual.weightUp),
  gauge('vip_sorry', 'Whether clients get the sorry server.', ({ virtual }) => virtual.sorry),
  gauge(
    'vip_suspended',
    'Whether it is not checked, as this box has none of its addresses.',
    ({ virtual }) => virtual.suspended,
  ),
  gauge('vip_active_connections', 'Connections that are established.', ({ figures }) => figures.active),
  gauge(
    'vip_inactive_connections',
    'Connections that are being opened or closed, or not answered.',
    ({ figures }) => figures.inactive,
  ),
];

export const REAL_FAMILIES: readonly L4Family<RealServerStatus>[] = [
  ...counters<RealServerStatus>('rs', ({ figures }) => figures),
  gauge('rs_up', 'Whether its checks say that it is up.', ({ isUp }) => isUp),
  gauge('rs_balanced', 'Whether the kernel has it.', ({ isBalanced }) => isBalanced),
  gauge('rs_weight', 'The weight that it is balanced with.', ({ weight }) => weight),
  gauge('rs_configured_weight', 'Its weight in the configuration.', ({ configuredWeight }) => configuredWeight),
  gauge('rs_full', 'Whether it has as many connections as it may have (uthreshold).', ({ figures }) => figures.isFull),
  gauge('rs_sorry', 'Whether it is the sorry server.', ({ isSorryServer }) => isSorryServer),
  gauge('rs_active_connections', 'Connections that are established.', ({ figures }) => figures.active),
  gauge(
    'rs_inactive_connections',
    'Connections that are being opened or closed, or not answered.',
    ({ figures }) => figures.inactive,
  ),
  gauge('rs_last_change_timestamp_seconds', 'When it went up or down last.', ({ lastChangeMs }) =>
    seconds(lastChangeMs),
  ),
];

export const CHECK_FAMILIES: readonly L4Family<RealServerCheck>[] = [
  gauge('check_up', 'Whether a check of a real server passes.', ({ isUp }) => isUp),
  gauge('check_timestamp_seconds', 'When a check of a real server was made last.', ({ checkedMs }) =>
    seconds(checkedMs),
  ),
];

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

function isServed(virtual: VirtualServerStatus): boolean {
  const state = virtualServerState(virtual);
  return state !== 'down' && state !== 'suspended';
}

/** As IPVS has them. */
const PROTOCOLS: Readonly<Record<L4Protocol, string>> = { TCP: '6', UDP: '17', SCTP: '132' };

export function virtualLabels(virtual: VirtualServerStatus): string {
  return labelsText([
    ['addr', virtualAddress(virtual)],
    ['proto', PROTOCOLS[virtual.protocol]],
  ]);
}

export function realLabels(virtual: VirtualServerStatus, { ip, port }: RealServerStatus): string {
  return labelsText([
    ['vip', virtualAddress(virtual)],
    ['addr', `${ip}:${port}`],
    ['proto', PROTOCOLS[virtual.protocol]],
  ]);
}

/** `number`: from 1, in the order of the file. */
export function checkLabels(ofServer: string, { kind }: RealServerCheck, number: number): string {
  return `${ofServer},${labelsText([
    ['check', kind],
    ['number', String(number)],
  ])}`;
}

/** `192.0.2.1:80`, `2001:db8::1:80` as the exporter writes it; where there is not the one address the name: `FWM 5`, a group's. */
function virtualAddress({ name }: VirtualServerStatus): string {
  const [, ip, port] = /^\[(.+)\]:\w+:(\d+)$/.exec(name) ?? [];
  return ip === undefined ? name : `${ip}:${port}`;
}
