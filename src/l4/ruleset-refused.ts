/**
 * Services that have nobody for a new client: it is refused, whatever of this box itself listens there. In `inet tandem`, for
 * services with DR too; what there are servers for never comes here.
 *
 *   what stays in this box ─▶ input ─ refused4 ─▶ refuse
 *
 * Nothing here asks for connection tracking: boxes with DR alone have none.
 */
import type { NftChain, NftSet } from './nft-table.ts';
import { type ServicePlaces, serviceMaps, servicePlaces, serviceRules } from './ruleset-services.ts';
import type { L4Service } from './service.ts';

const REFUSE = 'refuse';
const KIND = 'refused';

/** null: it has servers for new clients. */
export function refusedPlaces(service: L4Service): ServicePlaces | null {
  if (service.destinations.some(({ weight }) => weight > 0)) return null;
  return servicePlaces(service, REFUSE);
}

export function refusedSets(all: readonly ServicePlaces[]): ReadonlyMap<string, NftSet> {
  return serviceMaps(all, KIND);
}

/** Of these sets; empty: everybody is served. */
export function refusedChains(sets: ReadonlyMap<string, NftSet>): readonly (readonly [string, NftChain])[] {
  if (sets.size === 0) return [];
  return [
    [
      REFUSE,
      {
        declaration: 'comment "nobody serves this";',
        rules: ['meta l4proto tcp reject with tcp reset', 'reject with icmpx port-unreachable'],
      },
    ],
    [
      'input',
      // Behind a firewall: what that drops is not answered.
      {
        declaration: 'type filter hook input priority filter + 5; policy accept;',
        rules: serviceRules(sets, KIND),
      },
    ],
  ];
}
