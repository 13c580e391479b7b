/**
 * A set of networks, `10.0.0.0/8`, `2001:db8::/32`, that is asked with addresses. IPv4 networks of one prefix length are sorted
 * together and searched by halves; masks with gaps and IPv6 networks are tried one after the other.
 *
 * An IPv6 address that carries an IPv4 one (::ffff:a.b.c.d, ::a.b.c.d, 2002:ab:cd::) is in the networks of both.
 */
import { ipv4Bytes, ipv6Bytes } from '../../core/ip-bytes.ts';
import { SAMPLE_IP4, type SampleValue } from './value.ts';

const ALL = 0xffffffff;

interface Prefix {
  readonly mask: number;
  /** Unsigned, in order. */
  readonly networks: Uint32Array;
}

interface Network6 {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

function number4(text: string): number {
  const bytes = ipv4Bytes(text);
  return (((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) >>> 0;
}

function mask4(text: string): number {
  if (text.includes('.')) return number4(text);
  const bits = Number(text);
  return bits === 0 ? 0 : (ALL << (32 - bits)) >>> 0;
}

export class NetworkSet {
  readonly #prefixes: readonly Prefix[];
  readonly #networks6: readonly Network6[];
  readonly #scratch = new Uint8Array(16);

  /** `address/bits`, or `address/mask`. */
  constructor(patterns: readonly string[]) {
    const byMask = new Map<number, number[]>();
    const networks6: Network6[] = [];
    for (const pattern of patterns) {
      const slash = pattern.lastIndexOf('/');
      const address = pattern.slice(0, slash);
      const rest = pattern.slice(slash + 1);
      if (address.includes(':')) networks6.push({ bytes: ipv6Bytes(address), bits: Number(rest) });
      else {
        const mask = mask4(rest);
        const list = byMask.get(mask) ?? [];
        list.push((number4(address) & mask) >>> 0);
        byMask.set(mask, list);
      }
    }
    this.#prefixes = Array.from(byMask, ([mask, list]) => ({ mask, networks: Uint32Array.from(list).sort() }));
    this.#networks6 = networks6;
  }

  has(value: SampleValue): boolean {
    if (value.type === SAMPLE_IP4) return this.#has4(value.number) || this.#hasMapped(value.number);
    const { bytes, start } = value;
    if (this.#has6(bytes, start)) return true;
    const high = bytes.readUInt32BE(start);
    if (high >>> 16 === 0x2002) return this.#has4(bytes.readUInt32BE(start + 2));
    const middle = bytes.readUInt32BE(start + 8);
    const carries = high === 0 && bytes.readUInt32BE(start + 4) === 0 && (middle === 0 || middle === 0xffff);
    return carries && this.#has4(bytes.readUInt32BE(start + 12));
  }

  #has4(address: number): boolean {
    for (const { mask, networks } of this.#prefixes) {
      if (contains(networks, (address & mask) >>> 0)) return true;
    }
    return false;
  }

  #hasMapped(address: number): boolean {
    if (this.#networks6.length === 0) return false;
    const into = this.#scratch.fill(0);
    into[10] = 0xff;
    into[11] = 0xff;
    for (let i = 0; i < 4; i++) into[12 + i] = (address >>> (24 - 8 * i)) & 0xff;
    return this.#has6(into, 0);
  }

  #has6(bytes: Uint8Array, start: number): boolean {
    for (const network of this.#networks6) if (isIn(network, bytes, start)) return true;
    return false;
  }
}

function contains(sorted: Uint32Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] as number;
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

function isIn({ bytes, bits }: Network6, address: Uint8Array, start: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== address[start + i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return (((bytes[whole] as number) ^ (address[start + whole] as number)) & mask) === 0;
}
