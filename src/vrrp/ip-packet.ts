/** IP headers around VRRP messages, as bytes. The kernel fills in the checksum and the length of an IPv4 header. */
import type { Received } from './acceptance.ts';
import { type Family, familyOf, ipBytes, ipText } from './ip-text.ts';
import { VRRP_PROTOCOL } from './packet.ts';

/** Internetwork control (CS6): what routing protocols use, and keepalived. */
const TRAFFIC_CLASS = 0xc0;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;

export function ipPacket(
  message: Uint8Array,
  source: string,
  destination: string,
  ttl: number,
  id: number,
): Uint8Array {
  return familyOf(destination) === 4
    ? ipv4Packet(message, source, destination, ttl, id)
    : ipv6Packet(message, source, destination, ttl);
}

function ipv4Packet(message: Uint8Array, source: string, destination: string, ttl: number, id: number): Uint8Array {
  const packet = new Uint8Array(IPV4_BYTES + message.length);
  packet.set([0x45, TRAFFIC_CLASS, packet.length >> 8, packet.length & 0xff, (id >> 8) & 0xff, id & 0xff]);
  packet[8] = ttl;
  packet[9] = VRRP_PROTOCOL;
  packet.set(ipBytes(source), 12);
  packet.set(ipBytes(destination), 16);
  packet.set(message, IPV4_BYTES);
  return packet;
}

function ipv6Packet(message: Uint8Array, source: string, destination: string, hopLimit: number): Uint8Array {
  const packet = new Uint8Array(IPV6_BYTES + message.length);
  packet[0] = 0x60 | (TRAFFIC_CLASS >> 4);
  packet[1] = (TRAFFIC_CLASS & 0xf) << 4;
  packet[4] = message.length >> 8;
  packet[5] = message.length & 0xff;
  packet[6] = VRRP_PROTOCOL;
  packet[7] = hopLimit;
  packet.set(ipBytes(source), 8);
  packet.set(ipBytes(destination), 24);
  packet.set(message, IPV6_BYTES);
  return packet;
}

/** What a raw IPv4 socket gives; null: not an IPv4 packet. */
export function parseIpv4Packet(packet: Uint8Array): Received | null {
  const family: Family = 4;
  const [first = 0] = packet;
  const headerBytes = (first & 0xf) * 4;
  if (first >> 4 !== 4 || headerBytes < IPV4_BYTES || packet.length < headerBytes) return null;
  return {
    source: ipText(packet, 12, family),
    destination: ipText(packet, 16, family),
    ttl: packet[8] ?? 0,
    // A copy: the buffer is used again.
    message: Uint8Array.from(packet.subarray(headerBytes)),
  };
}
