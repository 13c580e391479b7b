/** From a packet's address, protocol and port to the chain of its service: verdict maps, and the rules that ask them in order. */
import { commentText, type NftElement, type NftSet } from './nft-table.ts';
import { chainName } from './ruleset-choice.ts';
import { kindOf, type PlaceKind, placeBox, placeKey, TakenRanges } from './ruleset-places.ts';
import type { L4Service } from './service.ts';

const KINDS: readonly PlaceKind[] = ['exact', 'range', 'any-port'];
const SUFFIXES: Readonly<Record<PlaceKind, string>> = { exact: '', range: '_ranges', 'any-port': '_any_port' };

/** Those that have something in them. A place or mark that two services have is the first one's. */
export function serviceMaps(services: readonly L4Service[]): ReadonlyMap<string, NftSet> {
  const maps = new Map<string, NftSet>();
  for (const family of [4, 6] as const) {
    const own = services.filter((service) => service.family === family);
    for (const kind of KINDS) {
      const declaration = `type ${keyType(family, kind)} : verdict;${kind === 'exact' ? '' : ' flags interval;'}`;
      const elements = elementsOf(own, kind);
      if (elements.size > 0) maps.set(`services${family}${SUFFIXES[kind]}`, { kind: 'map', declaration, elements });
    }
    const elements = marksOf(own);
    if (elements.size > 0)
      maps.set(`services${family}_marks`, { kind: 'map', declaration: 'type mark : verdict;', elements });
  }
  return maps;
}

/** Of those maps that are there: a packet of no service at all asks each of them. */
export function serviceRules(maps: ReadonlyMap<string, NftSet>): readonly string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ip = family === 4 ? 'ip' : 'ip6';
    const rules = [
      ['_marks', `meta protocol ${ip} meta mark != 0 meta mark`],
      ['', `${ip} daddr . meta l4proto . th dport`],
      ['_ranges', `${ip} daddr . meta l4proto . th dport`],
      ['_any_port', `${ip} daddr . meta l4proto`],
    ] as const;
    return rules
      .map(([suffix, key]) => ({ map: `services${family}${suffix}`, key }))
      .filter(({ map }) => maps.has(map))
      .map(({ map, key }) => `${key} vmap @${map}`);
  });
}

function keyType(family: 4 | 6, kind: PlaceKind): string {
  return `ipv${family}_addr . inet_proto${kind === 'any-port' ? '' : ' . inet_service'}`;
}

function elementsOf(services: readonly L4Service[], kind: PlaceKind): ReadonlyMap<string, NftElement> {
  const elements = new Map<string, NftElement>();
  const taken = new TakenRanges();
  for (const service of services)
    for (const place of service.places) {
      if (kindOf(place) !== kind) continue;
      const key = placeKey(place, service);
      if (elements.has(key) || (kind !== 'exact' && !taken.take(service.protocol, placeBox(place)))) continue;
      elements.set(key, verdictOf(service));
    }
  return elements;
}

function marksOf(services: readonly L4Service[]): ReadonlyMap<string, NftElement> {
  const elements = new Map<string, NftElement>();
  for (const service of services)
    for (const { mark } of service.marks) {
      const key = `0x${mark.toString(16).padStart(8, '0')}`;
      if (!elements.has(key)) elements.set(key, verdictOf(service));
    }
  return elements;
}

function verdictOf(service: L4Service): NftElement {
  return { comment: commentText(service.name), value: `goto ${chainName(service)}` };
}
