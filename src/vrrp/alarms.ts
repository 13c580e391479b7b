/**
 * Every way in which a pair ends as two masters without anybody being told: what was heard, and what to change. Each is
 * said once per peer and counted always.
 */
import type { Alarm } from './acceptance.ts';
import type { Advert } from './packet.ts';

/** What our side says, for the words. */
export interface OwnSide {
  readonly name: string;
  readonly version: number;
  readonly vrid: number;
  readonly intervalCs: number;
  readonly hasPassword: boolean;
  readonly addresses: readonly string[];
  readonly unicast: boolean;
}

const seconds = (cs: number) => `${cs / 100} s`;

export function alarmText(alarm: Alarm, source: string, own: OwnSide, advert: Advert | null): string {
  const start = `(${own.name}) `;
  switch (alarm) {
    case 'other-version':
      return `${start}${source} speaks VRRP version ${advert?.version}, we version ${own.version}: both will be masters. Set the same 'version' (vrrp_version) on both`;
    case 'other-auth-type':
      return `${start}${source} ${own.hasPassword ? 'sends no password, we have one' : 'sends a password, we have none'}: both will be masters. Give both the same 'authentication' block`;
    case 'wrong-password':
      return `${start}${source} sends another password: both will be masters. Set the same auth_pass on both (its first 8 characters count)`;
    case 'other-interval':
      return own.version === 2
        ? `${start}${source} advertises every ${seconds(advert?.intervalCs ?? 0)}, we every ${seconds(own.intervalCs)}: version 2 drops that, both will be masters. Set the same advert_int on both`
        : `${start}${source} advertises every ${seconds(advert?.intervalCs ?? 0)}, we every ${seconds(own.intervalCs)}: its interval is used while it is master. Better set the same advert_int on both`;
    case 'other-addresses':
      return `${start}${source} has other addresses: ${list(advert?.addresses ?? [])}; we have ${list(own.addresses)}. ${own.version === 2 ? 'Version 2 drops that, both will be masters.' : 'It is obeyed all the same.'} Write the same virtual_ipaddress block on both, what differs into virtual_ipaddress_excluded`;
    case 'not-a-peer':
      return `${start}${source} is no unicast_peer of ours: it is not heard. If it is the other box, name it in unicast_peer`;
    case 'other-destination':
      return own.unicast
        ? `${start}${source} sends to the multicast group, we speak unicast: both will be masters. Write unicast_peer on both, or on none`
        : `${start}${source} sends to this box alone, we speak multicast: both will be masters. Write unicast_peer on both, or on none`;
    case 'two-owners':
      return `${start}${source} has priority 255 like we: two boxes cannot both own the addresses. Give one of them less`;
    case 'plain-checksum':
      return `${start}${source} sums without pseudo-header (RFC 9568): accepted, but keepalived before 2.2.8 would drop it`;
    case 'same-address-other-vrid':
      return `${start}${source} advertises an address of ours with virtual_router_id ${advert?.vrid}, we have ${own.vrid}: both will be masters. Set the same virtual_router_id on both`;
  }
}

function list(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'none' : addresses.slice(0, 8).join(' ') + (addresses.length > 8 ? ' …' : '');
}

/** More peers than this with something wrong are not told apart. */
const REMEMBERED = 256;

export class Alarms {
  readonly #said = new Set<string>();
  readonly counts = new Map<Alarm, number>();

  /** True: it is new, and worth a line. */
  raise(alarm: Alarm, source: string): boolean {
    this.counts.set(alarm, (this.counts.get(alarm) ?? 0) + 1);
    const key = `${alarm} ${source}`;
    if (this.#said.has(key) || this.#said.size >= REMEMBERED) return false;
    this.#said.add(key);
    return true;
  }
}
