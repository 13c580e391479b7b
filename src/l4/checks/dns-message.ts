/**
 * The question of DNS_CHECK and what is looked at in answers (RFC 1035 4.1). Pure.
 *
 *   0 id   2 flags   4 questions   6 answers   8 authorities   10 additional   12 name, type, class
 */
import type { DnsType } from '../../config/l4-model.ts';

const TYPES: Readonly<Record<DnsType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  RRSIG: 46,
  DNSKEY: 48,
};
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const HEADER_BYTES = 12;
const RECURSION_DESIRED = 0x0100;
const RESPONSE = 0x8000;
const RCODE = 0x000f;
const INTERNET = 1;

export function dnsQuestion(id: number, name: string, type: DnsType): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  const words = labels.map((label) => Buffer.concat([Buffer.of(Buffer.byteLength(label)), Buffer.from(label)]));
  return Buffer.concat([header, ...words, Buffer.of(0, 0, TYPES[type], 0, INTERNET)]);
}

/** The name of its code, `NOERROR` if all is well; null: no answer to this question. */
export function dnsResult(id: number, message: Buffer): string | null {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== id) return null;
  const flags = message.readUInt16BE(2);
  if ((flags & RESPONSE) === 0) return null;
  const rcode = flags & RCODE;
  return RCODES[rcode] ?? `rcode ${rcode}`;
}
