/**
 * The pair in the families of keepalived-exporter (mehdy's), named and counted as there, so that its dashboard shows Tandem; and
 * what that cannot know, in families of ours.
 */
import type { InstanceFigures, PairFigures } from '../../daemon/pair-figures.ts';
import { type Family, headerText, labelsText, sampleText } from './exposition.ts';
import type { MetricsQuery } from './metrics-query.ts';

type Sample = readonly [labels: string, value: number];

interface Sampled extends Family {
  readonly samples: readonly Sample[];
}

type Counts = InstanceFigures['counts'];

/** By the exporter's names. */
const COUNTERS: readonly (readonly [name: string, help: string, count: keyof Counts])[] = [
  ['advertisements_received_total', 'Advertisements received', 'advertsReceived'],
  ['advertisements_sent_total', 'Advertisements sent', 'advertsSent'],
  ['become_master_total', 'Became master', 'becameMaster'],
  ['release_master_total', 'Released master', 'releasedMaster'],
  ['packet_length_errors_total', 'Packet length errors', 'lengthErrors'],
  ['advertisements_interval_errors_total', 'Advertisement interval errors', 'intervalErrors'],
  ['ip_ttl_errors_total', 'TTL errors', 'ttlErrors'],
  ['invalid_type_received_total', 'Invalid type errors', 'invalidTypes'],
  ['address_list_errors_total', 'Address list errors', 'addressListErrors'],
  ['authentication_invalid_total', 'Authentication invalid', 'invalidAuthTypes'],
  ['authentication_mismatch_total', 'Authentication mismatch', 'authTypeMismatches'],
  ['authentication_failure_total', 'Authentication failure', 'authFailures'],
  ['priority_zero_received_total', 'Priority zero received', 'priorityZeroReceived'],
  ['priority_zero_sent_total', 'Priority zero sent', 'priorityZeroSent'],
];

/** The exporter's families. */
export function keepalivedText({ instances, scripts }: PairFigures, query: MetricsQuery): string {
  const gauge = (name: string, help: string, samples: readonly Sample[]): Sampled => {
    return { name: `keepalived_${name}`, type: 'gauge', help, samples };
  };
  const counter = (name: string, help: string, value: (one: InstanceFigures) => number): Sampled => {
    const samples = instances.map((one): Sample => [instanceLabels(one), value(one)]);
    return { name: `keepalived_${name}`, type: 'counter', help, samples };
  };
  const script = (value: (one: PairFigures['scripts'][number]) => boolean): readonly Sample[] =>
    scripts.map((one) => [labelsText([['name', one.name]]), Number(value(one))]);
  const families = [
    gauge('up', 'Status', [['', 1]]),
    gauge('vrrp_state', 'State of vrrp', instances.flatMap(stateSamples)),
    gauge(
      'vrrp_excluded_state',
      'State of vrrp with excluded VIP',
      instances.flatMap((one) => one.excludedAddresses.map((name) => stateSample(one, name))),
    ),
    counter('gratuitous_arp_delay_total', 'Gratuitous ARP delay', (one) => one.announceDelayMs / 1000),
    ...COUNTERS.map(([name, help, count]) => counter(name, help, ({ counts }) => counts[count])),
    gauge(
      'script_status',
      'Tracker Script Status',
      script(({ good }) => good),
    ),
    gauge(
      'script_state',
      'Tracker Script State',
      script(({ running }) => running),
    ),
  ];
  return textOf(families, query);
}

const LATENESS: Family = {
  name: 'tandem_vrrp_advert_lateness_seconds',
  type: 'histogram',
  help: 'How long after they were due the adverts of a master had left.',
};

/** Ours. */
export function pairText({ instances }: PairFigures, query: MetricsQuery): string {
  const gauge = (name: string, help: string, value: (one: InstanceFigures) => number): Sampled => {
    const samples = instances.map((one): Sample => [instanceLabels(one), value(one)]);
    return { name: `tandem_vrrp_${name}`, type: 'gauge', help, samples };
  };
  const alarms = instances.flatMap((one) =>
    [...one.alarms].map(
      ([alarm, count]): Sample => [`${instanceLabels(one)},${labelsText([['alarm', alarm]])}`, count],
    ),
  );
  const families: Sampled[] = [
    gauge('priority', 'Effective priority.', (one) => one.effectivePriority),
    gauge('configured_priority', 'Configured priority.', (one) => one.configuredPriority),
    gauge('holds_addresses', 'Whether the virtual addresses are on this box.', ({ holds }) => Number(holds)),
    gauge('faults', 'How many things make it a fault.', ({ faults }) => faults),
    gauge(
      'last_transition_timestamp_seconds',
      'When its state changed last, 0: never.',
      (one) => one.lastTransitionWallMs / 1000,
    ),
    {
      name: 'tandem_vrrp_alarms_total',
      type: 'counter',
      help: 'What would end in two masters, as often as it was heard.',
      samples: alarms,
    },
  ];
  const text = textOf(families, query);
  return query.wants(LATENESS.name) && instances.length > 0 ? text + latenessText(instances) : text;
}

function textOf(families: readonly Sampled[], { wants }: MetricsQuery): string {
  let text = '';
  for (const family of families) {
    if (!wants(family.name) || family.samples.length === 0) continue;
    text += headerText(family);
    for (const [labels, value] of family.samples) text += sampleText(family.name, labels, value);
  }
  return text;
}

/** Without addresses there is a line all the same, as the exporter has it. */
function stateSamples(one: InstanceFigures): readonly Sample[] {
  if (one.addresses.length === 0) return [stateSample(one, { device: one.interface, address: '' })];
  return one.addresses.map((name) => stateSample(one, name));
}

function stateSample(one: InstanceFigures, { address, device }: InstanceFigures['addresses'][number]): Sample {
  return [`${namesOf(one, device)},${labelsText([['ip_address', address]])}`, one.state];
}

function instanceLabels(one: InstanceFigures): string {
  return namesOf(one, one.interface);
}

function namesOf({ name, virtualRouterId }: InstanceFigures, device: string): string {
  return labelsText([
    ['iname', name],
    ['intf', device],
    ['vrid', String(virtualRouterId)],
  ]);
}

function latenessText(instances: readonly InstanceFigures[]): string {
  const { name } = LATENESS;
  let text = headerText(LATENESS);
  for (const one of instances) {
    const { boundsMs, counts, sumMs } = one.lateness;
    const labels = instanceLabels(one);
    let upTo = 0;
    counts.forEach((count, size) => {
      upTo += count;
      const bound = boundsMs[size];
      text += sampleText(`${name}_bucket`, `${labels},le="${bound === undefined ? '+Inf' : bound / 1000}"`, upTo);
    });
    text += sampleText(`${name}_sum`, labels, sumMs / 1000) + sampleText(`${name}_count`, labels, upTo);
  }
  return text;
}
