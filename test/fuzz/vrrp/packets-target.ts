/**
 * VRRP messages of both versions and types: decoding says what the reference reader says, never throws, and what it accepts is
 * encoded to the same bytes again. Acceptance and the IP header in front take anything, too.
 *
 * An input is one byte for the address family (odd: IPv6), then the message. Most are messages of ours with a few bytes
 * changed and, half of the time, with their checksum made right again: a fuzz that ends at the checksum tests nothing else.
 */
import { type Expectation, judge } from '../../../src/vrrp/acceptance.ts';
import { parseIpv4Packet } from '../../../src/vrrp/ip-packet.ts';
import { type Advert, decodeAdvert, encodeAdvert, PACKET_FAULTS, type Word } from '../../../src/vrrp/packet.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Target, type Verdict } from '../engine/target.ts';
import { readVrrp } from '../reference/vrrp.ts';

const ENDPOINTS = [
  { source: '192.0.2.1', destination: '224.0.0.18' },
  { source: 'fe80::1', destination: 'ff02::12' },
] as const;
const ADDRESSES: readonly [readonly [string, ...string[]], readonly [string, ...string[]]] = [
  ['192.0.2.10', '10.0.0.1', '255.255.255.255', '0.0.0.0'],
  ['fe80::2', '2001:db8::1', '::', 'ff02::1'],
];
const PROTOCOL = 112;
const WORDS: readonly [Word | undefined, ...(Word | undefined)[]] = [
  undefined,
  undefined,
  undefined,
  'leaving',
  'following',
  'done',
];

function message(random: SeededRandom, family: 0 | 1): Uint8Array {
  const version = family === 1 || random.below(2) === 0 ? 3 : 2;
  const addresses = Array.from({ length: random.below(20) === 0 ? 255 : random.below(4) }, () =>
    random.pick(ADDRESSES[family]),
  );
  const word = random.pick(WORDS);
  const advert: Advert = {
    version,
    vrid: random.below(256),
    priority: random.pick([0, 1, 100, 254, 255]),
    intervalCs: version === 2 ? random.below(4) * 100 : random.size(4095),
    addresses,
    authType: version === 2 ? random.below(3) : 0,
    authData: version === 2 ? Uint8Array.from({ length: 8 }, () => random.below(256)) : new Uint8Array(0),
    ...(word === undefined ? {} : { word }),
  };
  return encodeAdvert(advert, ENDPOINTS[family], { checksum: random.below(2) === 0 ? 'plain' : 'pseudo-header' });
}

/** RFC 2460 8.1 for IPv6; for IPv4 what RFC 5798 asked for. */
function pseudoHeader(family: 0 | 1, length: number): Uint8Array {
  return family === 0
    ? Uint8Array.of(192, 0, 2, 1, 224, 0, 0, 18, 0, PROTOCOL, length >> 8, length & 0xff)
    : Uint8Array.from([
        ...[0xfe, 0x80, ...Array(13).fill(0), 1],
        ...[0xff, 2, ...Array(13).fill(0), 0x12],
        ...[0, 0, length >> 8, length & 0xff, 0, 0, 0, PROTOCOL],
      ]);
}

/** CARP has VRRP's protocol number, group and first byte. */
function carp(random: SeededRandom): Uint8Array {
  return Uint8Array.from({ length: 36 }, (_, i) => [0x21, 51, 0, 7][i] ?? random.below(256));
}

function make(random: SeededRandom): string {
  const family = random.below(2) === 0 ? 0 : 1;
  let bytes = [...(random.below(50) === 0 ? carp(random) : message(random, family))];
  for (let changes = random.size(4); changes > 0; changes--) {
    const at = random.below(random.below(3) === 0 ? bytes.length : 8);
    switch (random.below(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.pick([0, 1, 2, 7, 15, 0x21, 0x22, 0x31, 0x32, 0x7f, 0xff]);
        break;
      case 2:
        bytes.splice(at, 1 + random.below(4));
        break;
      case 3:
        bytes.splice(at, 0, random.below(256));
        break;
      default:
        bytes = bytes.slice(0, random.below(bytes.length + 1));
    }
    if (bytes.length === 0) bytes = [0];
  }
  if (random.below(2) === 0 && bytes.length >= 8) repairSum(bytes, family, random.below(2) === 0);
  return String.fromCharCode(family, ...bytes);
}

/** RFC 1071. */
function repairSum(bytes: number[], family: 0 | 1, withPseudo: boolean): void {
  bytes[6] = 0;
  bytes[7] = 0;
  const summed = [...(withPseudo ? pseudoHeader(family, bytes.length) : []), ...bytes];
  let sum = 0;
  for (let i = 0; i < summed.length; i += 2) sum += ((summed[i] ?? 0) << 8) | (summed[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  bytes[6] = (~sum >> 8) & 0xff;
  bytes[7] = ~sum & 0xff;
}

const EXPECTATION: Expectation = {
  version: 3,
  vrid: 51,
  intervalCs: 100,
  authData: null,
  addresses: ['192.0.2.10'],
  addressCheck: 'drop',
  peers: null,
  group: '224.0.0.18',
};

function check(input: string, tally: Tally): Verdict {
  const family = input.charCodeAt(0) % 2 === 1 ? 1 : 0;
  const bytes = Uint8Array.from(Buffer.from(input.slice(1), 'latin1'));
  const endpoints = ENDPOINTS[family];
  const before = bytes.slice();
  const decoded = decodeAdvert(bytes, endpoints);
  for (const version of [2, 3] as const) {
    for (const authData of [null, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])]) {
      judge({ ...EXPECTATION, version, authData }, { ...endpoints, ttl: 255, message: bytes }, []);
    }
  }
  parseIpv4Packet(bytes);
  if (Buffer.compare(bytes, before) !== 0) return finding('the message was changed', [...bytes]);
  const reading = readVrrp(bytes, pseudoHeader(family, bytes.length), family === 1);
  const wanted = reading === null ? 'too-short' : faultsOf(reading, family);
  if (decoded.fault !== null) {
    if (!PACKET_FAULTS.includes(decoded.fault)) return finding('a fault without a name', decoded.fault);
    tally.count(`refused: ${decoded.fault}`);
    return wanted === null ? finding(`refused without a reason: ${decoded.fault}`, reading) : null;
  }
  if (wanted !== null || reading === null) return finding(`accepted, but ${wanted}`, reading);
  const { advert, checksum } = decoded;
  const intervalCs = reading.version === 2 ? reading.interval * 100 : reading.interval;
  const ours = [advert.version, advert.vrid, advert.intervalCs, advert.authType, advert.addresses.length];
  const theirs = [reading.version, reading.vrid, intervalCs, reading.authType, reading.count];
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) return finding('another reading', { ours, theirs });
  tally.count(advert.word === undefined ? `accepted: version ${advert.version}` : `accepted: ${advert.word}`);
  return sameAgain(bytes, encodeAdvert(advert, endpoints, { checksum }), advert.version);
}

/** What is wrong, or null. */
function faultsOf(reading: NonNullable<ReturnType<typeof readVrrp>>, family: 0 | 1): string | null {
  if (reading.version !== 3 && (reading.version !== 2 || family === 1)) return 'bad version';
  const isWord = reading.type === 2 && reading.priority >= 1 && reading.priority <= 3;
  if (reading.type !== 1 && !isWord) return 'bad type';
  if (!reading.isWhole) return 'bad length';
  if (!reading.sumIsRight) return 'bad sum';
  if (reading.vrid === 0) return 'no vrid';
  if (reading.count === 0) return 'no address';
  return reading.interval === 0 ? 'no interval' : null;
}

/** But for the reserved bits of version 3, which are ignored and sent as 0 (RFC 9568 5.2.6), and the sum over them. */
function sameAgain(came: Uint8Array, encoded: Uint8Array, version: number): Verdict {
  const [a, b] = [came.slice(), encoded.slice()];
  if (version === 3 && (a[4] ?? 0) > 15) {
    for (const bytes of [a, b]) bytes.fill(0, 6, 8);
    a[4] = (a[4] ?? 0) & 15;
  }
  // Two sums are right for a message that sums up to nothing: 0 and 0xffff.
  const sums = [a, b].map((bytes) => ((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0));
  if (sums.every((sum) => sum === 0 || sum === 0xffff)) for (const bytes of [a, b]) bytes.fill(0, 6, 8);
  return Buffer.compare(a, b) === 0
    ? null
    : finding('encoded again it is another', { came: [...came], encoded: [...encoded] });
}

export const VRRP_PACKETS: Target = {
  name: 'vrrp-packets',
  count: 20_000,
  make,
  check,
  expected: [
    'accepted: version 2',
    'accepted: version 3',
    'accepted: leaving',
    'refused: bad-checksum',
    'refused: carp',
  ],
};
