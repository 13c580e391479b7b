/**
 * Servers as numbers that maps of connections and clients can hold, and rules can take into `meta priority`: the one register
 * that a packet has for us on its way to `dnat` or `fwd` (forwarding sets it anew, marks are the user's). Services as numbers,
 * for keys of maps that all of them share.
 *
 *   4000:0010 … 7fff:fff0   as nft writes a priority: no qdisc's handle is there by custom, and the last digit, which
 *                           pfifo_fast looks at, is that of ordinary traffic
 *
 * Hashes of their keys: the same in the next life, too, but for two that meet. Who came first keeps it.
 */
import { xxh32 } from '../core/xxh32.ts';

const LEAST = 0x4000_0010;
const IDS = 0x3ff_0000;
/** Up to what `numgen … offset` takes. */
const SERVICES = 0xffff_fff0;

export class ServerIds {
  readonly #servers = new HashedNumbers(IDS);
  readonly #services = new HashedNumbers(SERVICES);

  /** Of a server in a service. */
  idOf(service: string, destination: string): string {
    return priorityText(LEAST + this.#servers.of(`${service}/${destination}`) * 16);
  }

  numberOf(service: string): number {
    return this.#services.of(service) + 1;
  }

  /** How many it knows, of which some may be gone. */
  get size(): number {
    return this.#servers.size;
  }
}

class HashedNumbers {
  readonly #most: number;
  readonly #taken = new Set<number>();
  readonly #numbers = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#numbers.size;
  }

  of(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const bytes = Buffer.from(key);
    let number = xxh32(bytes, 0, bytes.length, 0) % this.#most;
    while (this.#taken.has(number)) number = (number + 1) % this.#most;
    this.#taken.add(number);
    this.#numbers.set(key, number);
    return number;
  }
}

function priorityText(id: number): string {
  return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}
