/** Frames that tell a link where an address is now: gratuitous ARP (RFC 826, RFC 5227) and unsolicited NA (RFC 4861). */
import { internetChecksum, pseudoHeader } from '../core/internet-checksum.ts';
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';

const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const ALL_NODES_MAC = [0x33, 0x33, 0, 0, 0, 1];
const ETHERTYPE_ARP = [0x08, 0x06];
const ETHERTYPE_IPV6 = [0x86, 0xdd];
const ICMPV6 = 58;
const NA_BYTES = 32;

export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':').map((byte) => Number.parseInt(byte, 16)));
}

/** Some neighbours learn from requests only, some from replies only: both forms are sent. */
export function gratuitousArp(mac: Uint8Array, ip: string, form: 'request' | 'reply'): Uint8Array {
  const address = ipv4Bytes(ip);
  return Uint8Array.from([
    ...BROADCAST,
    ...mac,
    ...ETHERTYPE_ARP,
    ...[0, 1, 0x08, 0, 6, 4, 0, form === 'request' ? 1 : 2],
    ...mac,
    ...address,
    ...BROADCAST,
    ...address,
  ]);
}

/** Override set, solicited clear; `router` as the box forwards or not (RFC 4861 7.2.6, RFC 5798 6.4.2). */
export function unsolicitedNeighbourAdvertisement(mac: Uint8Array, ip: string, router: boolean): Uint8Array {
  const source = ipv6Bytes(ip);
  const destination = ipv6Bytes('ff02::1');
  const message = Uint8Array.from([136, 0, 0, 0, router ? 0xa0 : 0x20, 0, 0, 0, ...source, 2, 1, ...mac]);
  const sum = internetChecksum(message, pseudoHeader(source, destination, ICMPV6, NA_BYTES));
  message[2] = sum >> 8;
  message[3] = sum & 0xff;
  const header = [0x60, 0, 0, 0, 0, NA_BYTES, ICMPV6, 255, ...source, ...destination];
  return Uint8Array.from([...ALL_NODES_MAC, ...mac, ...ETHERTYPE_IPV6, ...header, ...message]);
}
