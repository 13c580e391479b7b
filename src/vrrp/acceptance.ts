/**
 * Whether a received advertisement is for this virtual router, and as it must be: the receive checks of RFC 3768 7.1,
 * RFC 5798 7.1 and RFC 9568 7.1, in the order that gives the most telling reason. Each refusal has a code; those that end
 * in two masters are also alarms (alarms.ts has the words).
 */
import { sameAuthData } from './auth-data.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, decodeAdvert, PACKET_FAULTS, type PacketFault } from './packet.ts';

/** One message with what the IP layer knew of it. */
export interface Received {
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit as it arrived. */
  readonly ttl: number;
  /** The VRRP message, without an IP header. */
  readonly message: Uint8Array;
}

/** What this box expects of its peers. */
export interface Expectation {
  readonly version: 2 | 3;
  readonly vrid: number;
  readonly intervalCs: number;
  /** The password's 8 bytes; null: no authentication. Version 2 only. */
  readonly authData: Uint8Array | null;
  /** Canonical, in any order. */
  readonly addresses: readonly string[];
  /** The source whose list was last in order, where the file asks to compare it once per master only; else null. */
  readonly trustedSource?: string | null;
  /** Other lists: `check` drops (RFC 3768 7.1 MUST once it checks), `tell` accepts with an alarm. */
  readonly addressCheck: 'drop' | 'tell' | 'off';
  /** null: multicast. */
  readonly peers: readonly Peer[] | null;
  /** A multicast message that was sent to another destination than this is not for us. */
  readonly group: string;
}

export interface Peer {
  /** Canonical. */
  readonly ip: string;
  readonly minTtl: number;
  readonly maxTtl: number;
}

/** What was sent on this link arrives with what it was sent with. */
const LINK_TTL = 255;

/** What can be wrong with a well-formed message, beyond the faults of the bytes. */
export const REFUSALS = [
  ...PACKET_FAULTS,
  'bad-ttl',
  'other-vrid',
  'other-version',
  'own-source',
  'not-a-peer',
  'other-destination',
  'other-auth-type',
  'wrong-password',
  'other-interval',
  'other-addresses',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Alarm =
  | 'other-version'
  | 'other-auth-type'
  | 'wrong-password'
  | 'other-interval'
  | 'other-addresses'
  | 'not-a-peer'
  | 'other-destination'
  | 'two-owners'
  | 'plain-checksum'
  | 'same-address-other-vrid';

export type Judgement =
  | { readonly refusal: null; readonly advert: Advert; readonly alarms: readonly Alarm[] }
  /** `advert`: what could be read of it, for the alarm's words. */
  | { readonly refusal: Refusal; readonly advert: Advert | null; readonly alarms: readonly Alarm[] };

const OWNER = 255;

/** `own`: the addresses that this box sends from. */
export function judge(expected: Expectation, received: Received, own: readonly string[]): Judgement {
  const refuse = (refusal: Refusal, advert: Advert | null = null, alarm: Alarm | null = null): Judgement => {
    return { refusal, advert, alarms: alarm === null ? [] : [alarm] };
  };
  // 5798 7.1: what was forwarded did not come from this link.
  const peer = expected.peers?.find(({ ip }) => ip === received.source) ?? null;
  if (received.ttl < (peer?.minTtl ?? LINK_TTL) || received.ttl > (peer?.maxTtl ?? LINK_TTL)) return refuse('bad-ttl');
  const decoded = decodeAdvert(received.message, received);
  if (decoded.fault !== null) return refuse(decoded.fault satisfies PacketFault);
  const { advert } = decoded;
  if (advert.vrid !== expected.vrid) return refuse('other-vrid', advert);
  // Looped back, or somebody pretends to be us: neither says anything about a peer.
  if (own.includes(received.source)) return refuse('own-source', advert);
  const wrongPlace = wrongDestination(expected, received);
  if (wrongPlace !== null) return refuse(wrongPlace, advert, wrongPlace);
  if (advert.version !== expected.version) return refuse('other-version', advert, 'other-version');
  const wrongAuth = wrongAuthentication(expected, advert);
  if (wrongAuth !== null) return refuse(wrongAuth, advert, wrongAuth);
  const alarms: Alarm[] = [];
  if (advert.intervalCs !== expected.intervalCs) {
    // 3768 7.1: MUST be dropped. In version 3 the master's interval is learnt (5798 6.4.2), and worth a word.
    if (expected.version === 2) return refuse('other-interval', advert, 'other-interval');
    alarms.push('other-interval');
  }
  const compares = expected.addressCheck !== 'off' && received.source !== (expected.trustedSource ?? null);
  if (compares && !sameSet(expected.addresses, advert.addresses)) {
    // 3768 7.1: the owner's list is believed.
    if (expected.addressCheck === 'drop' && advert.priority !== OWNER) {
      return refuse('other-addresses', advert, 'other-addresses');
    }
    alarms.push('other-addresses');
  }
  if (expected.version === 3 && decoded.checksum === 'plain') alarms.push('plain-checksum');
  return { refusal: null, advert, alarms };
}

function wrongDestination(expected: Expectation, received: Received): 'not-a-peer' | 'other-destination' | null {
  if (expected.peers === null) return received.destination === expected.group ? null : 'other-destination';
  if (received.destination === expected.group) return 'other-destination';
  return expected.peers.some(({ ip }) => ip === received.source) ? null : 'not-a-peer';
}

function wrongAuthentication(expected: Expectation, advert: Advert): 'other-auth-type' | 'wrong-password' | null {
  if (expected.version === 3) return null;
  const type = expected.authData === null ? AUTH_NONE : AUTH_PASS;
  if (advert.authType !== type) return 'other-auth-type';
  // Type 0: the data is ignored on reception (3768 5.3.10).
  if (expected.authData === null) return null;
  return sameAuthData(expected.authData, advert.authData) ? null : 'wrong-password';
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
