/** The Internet checksum (RFC 1071), and the pseudo-headers that protocols over IP put in front of it. */

/** Ones' complement sum of `bytes` as big-endian 16-bit words, odd length padded; not folded, not inverted. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return total;
}

function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = Math.floor(folded / 0x1_0000) + (folded & 0xffff);
  return folded;
}

/** 0 when the message contains a right checksum. */
export function internetChecksum(message: Uint8Array, pseudoHeader: Uint8Array | null = null): number {
  const total = sum(message) + (pseudoHeader === null ? 0 : sum(pseudoHeader));
  return ~fold(total) & 0xffff;
}

/** RFC 9293 3.1 (IPv4: 12 bytes) and RFC 8200 8.1 (IPv6: 40 bytes); addresses as 4 or 16 bytes. */
export function pseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): Uint8Array {
  const wide = source.length === 16;
  const header = new Uint8Array(source.length * 2 + (wide ? 8 : 4));
  header.set(source, 0);
  header.set(destination, source.length);
  const view = new DataView(header.buffer);
  const rest = source.length * 2;
  if (wide) {
    view.setUint32(rest, length);
    header[rest + 7] = protocol;
  } else {
    header[rest + 1] = protocol;
    view.setUint16(rest + 2, length);
  }
  return header;
}
