/** A VRRP message by RFC 3768 (version 2) and RFC 9568 (version 3), read with a DataView and no code of src/vrrp. */
export interface VrrpReading {
  readonly version: number;
  readonly type: number;
  readonly vrid: number;
  readonly priority: number;
  readonly count: number;
  /** Of the header: seconds in version 2, centiseconds in version 3. */
  readonly interval: number;
  readonly authType: number;
  readonly isWhole: boolean;
  readonly sumIsRight: boolean;
}

/** Ones' complement sum of 16-bit words (RFC 1071) that comes out as zero. */
function sumsUp(bytes: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}

/** `pseudo`: source, destination, length and protocol as they are summed before the message. */
export function readVrrp(message: Uint8Array, pseudo: Uint8Array, isIpv6: boolean): VrrpReading | null {
  if (message.length < 8) return null;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const version = view.getUint8(0) >> 4;
  const count = view.getUint8(3);
  const length = 8 + count * (isIpv6 ? 16 : 4) + (version === 2 ? 8 : 0);
  const alone = sumsUp(message);
  const both = new Uint8Array(pseudo.length + message.length);
  both.set(pseudo);
  both.set(message, pseudo.length);
  const sumIsRight = version === 2 ? alone : sumsUp(both) || (!isIpv6 && alone);
  return {
    version,
    type: view.getUint8(0) & 15,
    vrid: view.getUint8(1),
    priority: view.getUint8(2),
    count,
    interval: version === 2 ? view.getUint8(5) : view.getUint16(4) & 0xfff,
    authType: version === 2 ? view.getUint8(4) : 0,
    isWhole: message.length === length,
    sumIsRight,
  };
}
