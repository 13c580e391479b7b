/**
 * VRRP advertisements to and from bytes: version 2 (RFC 3768) for IPv4, version 3 (RFC 5798, RFC 9568) for both families.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+---------------+---------------+---------------+
 *   |Version| Type  | Virtual Rtr ID|   Priority    | Count IP addr |
 *   +-------+-------+---------------+---------------+---------------+
 *   v2:  |   Auth Type   |  Adver Int (s)|           Checksum            |
 *   v3:  | rsvd  |  Max Adver Int (cs)   |           Checksum            |
 *   +-------------------------------+-------------------------------+
 *   |                  Count addresses, 4 or 16 bytes each          |
 *   +---------------------------------------------------------------+
 *   v2:  |             Authentication Data, 8 bytes, always              |
 *
 * Decoding never throws, whatever the bytes are, and says by code what is wrong. Not here: whether an advertisement that
 * is well formed is one that this box expects (acceptance.ts).
 */
import { internetChecksum, pseudoHeader } from '../core/internet-checksum.ts';
import { type Family, familyOf, ipBytes, ipText } from './ip-text.ts';

export const VRRP_PROTOCOL = 112;

export type VrrpVersion = 2 | 3;

export const AUTH_NONE = 0;
/** "Simple text password" of RFC 2338; RFC 3768 took it out, keepalived's files are full of it. */
export const AUTH_PASS = 1;

export interface Advert {
  readonly version: VrrpVersion;
  readonly vrid: number;
  readonly priority: number;
  /** Centiseconds, in version 2 a multiple of 100. */
  readonly intervalCs: number;
  /** In the order of the packet, canonical text. */
  readonly addresses: readonly string[];
  /** Version 2 only, else AUTH_NONE. */
  readonly authType: number;
  /** Version 2: the 8 bytes as they are; else empty. */
  readonly authData: Uint8Array;
  /** Not an advert, but this; its priority means nothing. */
  readonly word?: Word;
}

/**
 * What two Tandems say to each other while addresses move (hand-over.ts), as messages of type 2: everything as in an advert,
 * the word in place of the priority. Who knows type 1 only discards them (RFC 3768 7.1), keepalived with a log line.
 */
export type Word = 'leaving' | 'following' | 'done';

/** Where a message goes, and from where: both are part of the checksum of version 3. */
export interface Endpoints {
  readonly source: string;
  readonly destination: string;
}

/** Over which bytes version 3 over IPv4 was summed: RFC 5798 and keepalived with, RFC 9568 without a pseudo-header. */
export type ChecksumForm = 'pseudo-header' | 'plain';

/** What can be wrong with the bytes alone. */
export const PACKET_FAULTS = [
  'too-short',
  'bad-version',
  'bad-type',
  'bad-vrid',
  'bad-checksum',
  'bad-length',
  'no-addresses',
  'bad-interval',
  'carp',
] as const;
export type PacketFault = (typeof PACKET_FAULTS)[number];

export type Decoded =
  | { readonly fault: null; readonly advert: Advert; readonly checksum: ChecksumForm }
  | { readonly fault: PacketFault };

const HEADER_BYTES = 8;
const AUTH_BYTES = 8;
const TYPE_ADVERTISEMENT = 1;
const TYPE_WORD = 2;
const WORDS: readonly (Word | undefined)[] = [undefined, 'leaving', 'following', 'done'];
/** CARP uses the same protocol number, group and first byte; its messages have one length. */
const CARP_BYTES = 36;
const CARP_AUTH_WORDS = 7;
const MAX_INTERVAL_CS = 0xfff;
const MAX_ADDRESSES = 255;

export interface EncodeOptions {
  /** RFC 9568's sum for version 3 over IPv4; everybody expects RFC 5798's, so that is the default. */
  readonly checksum?: ChecksumForm;
}

/** The message without an IP header. `advert` comes from a checked configuration; a list that is too long is our bug. */
export function encodeAdvert(advert: Advert, endpoints: Endpoints, options: EncodeOptions = {}): Uint8Array {
  const { version, addresses, word } = advert;
  if (addresses.length > MAX_ADDRESSES) throw new Error(`${addresses.length} addresses in one advertisement`);
  const family = familyOf(endpoints.destination);
  const width = family === 4 ? 4 : 16;
  const listEnd = HEADER_BYTES + addresses.length * width;
  const message = new Uint8Array(version === 2 ? listEnd + AUTH_BYTES : listEnd);
  message[0] = (version << 4) | (word === undefined ? TYPE_ADVERTISEMENT : TYPE_WORD);
  message[1] = advert.vrid;
  message[2] = word === undefined ? advert.priority : WORDS.indexOf(word);
  message[3] = addresses.length;
  if (version === 2) {
    message[4] = advert.authType;
    message[5] = Math.round(advert.intervalCs / 100);
    message.set(advert.authData.subarray(0, AUTH_BYTES), listEnd);
  } else {
    const interval = Math.min(advert.intervalCs, MAX_INTERVAL_CS);
    message[4] = interval >> 8;
    message[5] = interval & 0xff;
  }
  addresses.forEach((ip, i) => {
    message.set(ipBytes(ip), HEADER_BYTES + i * width);
  });
  const plain = version === 2 || (family === 4 && options.checksum === 'plain');
  const sum = internetChecksum(message, plain ? null : pseudoHeaderOf(endpoints, message.length));
  message[6] = sum >> 8;
  message[7] = sum & 0xff;
  return message;
}

export function decodeAdvert(message: Uint8Array, endpoints: Endpoints): Decoded {
  if (message.length < HEADER_BYTES) return { fault: 'too-short' };
  const [first = 0, vrid = 0, priority = 0, count = 0, byte4 = 0, byte5 = 0] = message;
  const version = first >> 4;
  const family = familyOf(endpoints.destination);
  // RFC 3768 knows IPv4 only.
  if ((version !== 2 && version !== 3) || (version === 2 && family === 6)) return { fault: 'bad-version' };
  const type = first & 0xf;
  const word = type === TYPE_WORD ? WORDS[priority] : undefined;
  if (type !== TYPE_ADVERTISEMENT && word === undefined) return { fault: 'bad-type' };
  const width = family === 4 ? 4 : 16;
  const listEnd = HEADER_BYTES + count * width;
  if (message.length !== (version === 2 ? listEnd + AUTH_BYTES : listEnd)) {
    const carp = version === 2 && message.length === CARP_BYTES && count === CARP_AUTH_WORDS;
    return { fault: carp ? 'carp' : 'bad-length' };
  }
  const checksum = checksumForm(message, version, family, endpoints);
  if (checksum === null) return { fault: 'bad-checksum' };
  if (vrid === 0) return { fault: 'bad-vrid' };
  // RFC 9568 erratum 8299: an empty list is not an advertisement of anything.
  if (count === 0) return { fault: 'no-addresses' };
  const intervalCs = version === 2 ? byte5 * 100 : ((byte4 & 0xf) << 8) | byte5;
  // RFC 9568 erratum 8301: with interval 0 a backup would take over at once, and flap.
  if (intervalCs === 0) return { fault: 'bad-interval' };
  const addresses = Array.from({ length: count }, (_, i) => ipText(message, HEADER_BYTES + i * width, family));
  const authType = version === 2 ? byte4 : AUTH_NONE;
  const authData = version === 2 ? message.slice(listEnd) : new Uint8Array(0);
  return {
    fault: null,
    checksum,
    advert: { version, vrid, priority, intervalCs, addresses, authType, authData, ...(word && { word }) },
  };
}

/** null: no form is right. */
function checksumForm(message: Uint8Array, version: number, family: Family, endpoints: Endpoints): ChecksumForm | null {
  if (version === 2) return internetChecksum(message) === 0 ? 'plain' : null;
  if (internetChecksum(message, pseudoHeaderOf(endpoints, message.length)) === 0) return 'pseudo-header';
  return family === 4 && internetChecksum(message) === 0 ? 'plain' : null;
}

function pseudoHeaderOf({ source, destination }: Endpoints, length: number): Uint8Array {
  return pseudoHeader(ipBytes(source), ipBytes(destination), VRRP_PROTOCOL, length);
}
