/** From a packet's address, protocol and port to the chain of its service: verdict maps, and the rules that ask them in order. */
import { commentText, type ElementGroup, type NftElement, type NftSet } from './nft-table.ts';
import { chainName } from './ruleset-choice.ts';
import { kindOf, type PlaceKind, placeBox, placeKey, type Range, TakenRanges } from './ruleset-places.ts';
import type { L4Service } from './service.ts';

const KINDS: readonly PlaceKind[] = ['exact', 'range', 'any-port'];
const SUFFIXES: Readonly<Record<PlaceKind, string>> = { exact: '', range: '_ranges', 'any-port': '_any_port' };

/** Where one service listens, as keys. */
export interface ServicePlaces {
  readonly service: L4Service;
  readonly verdict: NftElement;
  readonly keys: readonly { readonly kind: PlaceKind; readonly key: string; readonly box: readonly Range[] }[];
  readonly marks: readonly string[];
  /** All of it, by the map's name without the family: what is used unless somebody else has some of it. */
  readonly groups: ReadonlyMap<string, ElementGroup>;
}

/** `chain`: where packets for them go. */
export function servicePlaces(service: L4Service, chain = chainName(service)): ServicePlaces {
  const verdict: NftElement = { comment: commentText(service.name), value: `goto ${chain}` };
  const keys = service.places.map((place) => {
    const kind = kindOf(place);
    return { kind, key: placeKey(place, service), box: kind === 'exact' ? [] : placeBox(place) };
  });
  const marks = service.marks.map(({ mark }) => `0x${mark.toString(16).padStart(8, '0')}`);
  const groups = new Map<string, Map<string, NftElement>>();
  const put = (suffix: string, key: string): void => {
    const group = groups.get(suffix) ?? new Map<string, NftElement>();
    groups.set(suffix, group.set(key, verdict));
  };
  for (const { kind, key } of keys) put(SUFFIXES[kind], key);
  for (const mark of marks) put('_marks', mark);
  return { service, verdict, keys, marks, groups };
}

/** A place or mark that two services have is the first one's. */
export function serviceMaps(all: readonly ServicePlaces[], name = 'services'): ReadonlyMap<string, NftSet> {
  const maps = new Map<string, NftSet>();
  for (const family of [4, 6] as const) {
    const own = all.filter(({ service }) => service.family === family);
    for (const kind of KINDS) {
      const declaration = `type ${keyType(family, kind)} : verdict;${kind === 'exact' ? '' : ' flags interval;'}`;
      addMap(maps, `${name}${family}${SUFFIXES[kind]}`, declaration, groupsOf(own, kind));
    }
    addMap(maps, `${name}${family}_marks`, 'type mark : verdict;', markGroups(own));
  }
  return maps;
}

/** Of those that there are. */
export function serviceRules(maps: ReadonlyMap<string, NftSet>, name = 'services'): readonly string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ip = family === 4 ? 'ip' : 'ip6';
    const rules: readonly (readonly [string, string])[] = [
      ['_marks', `meta protocol ${ip} meta mark != 0 meta mark`],
      ['', `${ip} daddr . meta l4proto . th dport`],
      ['_ranges', `${ip} daddr . meta l4proto . th dport`],
      ['_any_port', `${ip} daddr . meta l4proto`],
    ];
    return rules
      .filter(([suffix]) => maps.has(`${name}${family}${suffix}`))
      .map(([suffix, key]) => `${key} vmap @${name}${family}${suffix}`);
  });
}

function addMap(
  maps: Map<string, NftSet>,
  name: string,
  declaration: string,
  elements: ReadonlyMap<string, ElementGroup>,
): void {
  if (elements.size > 0) maps.set(name, { kind: 'map', declaration, keeps: 'nothing', elements });
}

function keyType(family: 4 | 6, kind: PlaceKind): string {
  return `ipv${family}_addr . inet_proto${kind === 'any-port' ? '' : ' . inet_service'}`;
}

function groupsOf(all: readonly ServicePlaces[], wanted: PlaceKind): ReadonlyMap<string, ElementGroup> {
  const groups = new Map<string, ElementGroup>();
  const keys = new Set<string>();
  const ranges = new TakenRanges();
  for (const one of all) {
    const whole = one.groups.get(SUFFIXES[wanted]);
    if (whole === undefined) continue;
    const own: string[] = [];
    for (const { kind, key, box } of one.keys) {
      if (kind !== wanted || keys.has(key) || (kind !== 'exact' && !ranges.take(one.service.protocol, box))) continue;
      keys.add(key);
      own.push(key);
    }
    addGroup(groups, one, whole, own);
  }
  return groups;
}

function markGroups(all: readonly ServicePlaces[]): ReadonlyMap<string, ElementGroup> {
  const groups = new Map<string, ElementGroup>();
  const taken = new Set<string>();
  for (const one of all) {
    const whole = one.groups.get('_marks');
    if (whole === undefined) continue;
    const own = one.marks.filter((mark) => !taken.has(mark));
    for (const mark of own) taken.add(mark);
    addGroup(groups, one, whole, own);
  }
  return groups;
}

/** The same object as before, where nobody else has any of it. */
function addGroup(
  groups: Map<string, ElementGroup>,
  { service, verdict }: ServicePlaces,
  whole: ElementGroup,
  own: readonly string[],
): void {
  if (own.length === 0) return;
  groups.set(service.key, own.length === whole.size ? whole : new Map(own.map((key) => [key, verdict])));
}
