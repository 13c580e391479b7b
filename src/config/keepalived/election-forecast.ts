/**
 * What an instance's priority becomes when something that is tracked fails, and how long the other node waits: sums, no clock.
 * The election itself is src/vrrp/election.ts.
 */
import type { PairModel, Track, VrrpInstance } from '../pair-model.ts';

/** One thing that may fail, as it changes the priority while it is fine and while it is not. */
export interface Influence {
  /** `script chk_haproxy`, `backend app`. */
  readonly what: string;
  readonly whileFine: number;
  readonly whileFailed: number;
  /** Its failure takes the node out of the election. */
  readonly faults: boolean;
}

const LEAST = 1;
/** 255 is for owners: nothing that is added leads there. */
const MOST = 254;
const OWNER = 255;

export function influences(instance: VrrpInstance, model: PairModel): readonly Influence[] {
  const group = model.syncGroups.find(({ name }) => name === instance.syncGroup);
  const both = (pick: (of: VrrpInstance | (typeof group & object)) => readonly Track[]): readonly Track[] => [
    ...pick(instance),
    ...(group === undefined ? [] : pick(group)),
  ];
  const { dataProcess, proxies, backends, virtualServers } = instance.tandem;
  const primary: readonly Influence[] = instance.dontTrackPrimary
    ? []
    : [{ what: `interface ${instance.interface}`, whileFine: 0, whileFailed: 0, faults: true }];
  return [
    ...primary,
    ...both((of) => of.trackInterfaces).map((track) => influence('interface', track)),
    ...both((of) => of.trackScripts).map((track) => influence('script', track)),
    ...both((of) => of.trackProcesses).map((track) => influence('process', track)),
    ...(dataProcess === null ? [] : [influence('data process', { ...dataProcess, name: '', reverse: false })]),
    ...proxies.map((proxy) => influence('proxy', { ...proxy, reverse: false })),
    ...backends.map((backend) => influence('backend', { ...backend, reverse: false })),
    ...virtualServers.map((server) => influence('virtual server', { ...server, reverse: false })),
  ];
}

function influence(noun: string, track: Pick<Track, 'name' | 'weight' | 'reverse'>): Influence {
  const { weight, reverse } = track;
  const what = track.name === '' ? noun : `${noun} ${track.name}`;
  if (weight === 0) return { what, whileFine: 0, whileFailed: 0, faults: !reverse };
  const signed = reverse ? -weight : weight;
  // A positive weight is added while it is fine, a negative one while it is not.
  return { what, whileFine: weight > 0 ? signed : 0, whileFailed: weight < 0 ? signed : 0, faults: false };
}

/** With everything fine but for `failed`; null: FAULT. */
export function priorityWith(
  instance: VrrpInstance,
  all: readonly Influence[],
  failed: readonly Influence[],
): number | null {
  if (failed.some(({ faults }) => faults)) return null;
  if (instance.priority === OWNER) return OWNER;
  const sum = all.reduce(
    (priority, one) => priority + (failed.includes(one) ? one.whileFailed : one.whileFine),
    instance.priority,
  );
  return Math.max(LEAST, Math.min(MOST, sum));
}

/** RFC 3768 6.1: (256 - priority) / 256 of a second; RFC 9568 6.1: of the interval. */
export function skewMs({ version, advertIntervalCs }: VrrpInstance, priority: number): number {
  return ((256 - priority) / 256) * (version === 2 ? 1000 : advertIntervalCs * 10);
}

/** How long this node waits, as backup, after the last advert. */
export function takeOverMs(instance: VrrpInstance, priority: number): number {
  return instance.downTimerAdverts * instance.advertIntervalCs * 10 + skewMs(instance, priority);
}
