/**
 * Servers of a service as numbers that maps of connections and clients can hold, and rules can take into `meta priority`: the
 * one register that a packet has for us on its way to `dnat` or `fwd` (forwarding sets it anew, marks are the user's).
 *
 *   4000:0010 … 7fff:fff0   as nft writes a priority: no qdisc's handle is there by custom, and the last digit, which
 *                           pfifo_fast looks at, is that of ordinary traffic
 */
import { xxh32 } from '../core/xxh32.ts';

const LEAST = 0x4000_0010;
const IDS = 0x3ff_0000;

/** By `key`; the same for a key whatever other servers there are, but for two whose hashes meet. */
export function serverIds(keys: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const ids = new Map<string, string>();
  for (const key of [...keys].sort()) {
    const bytes = Buffer.from(key);
    let id = xxh32(bytes, 0, bytes.length, 0) % IDS;
    while (taken.has(id)) id = (id + 1) % IDS;
    taken.add(id);
    ids.set(key, priorityText(LEAST + id * 16));
  }
  return ids;
}

function priorityText(id: number): string {
  return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}
