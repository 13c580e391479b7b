/** Lines of `ip -o monitor link address` → what changed. Pure; unknown lines are null. */

export interface LinkChange {
  readonly kind: 'link';
  readonly index: number;
  readonly name: string;
  readonly gone: boolean;
  readonly up: boolean;
  /** Carrier, too. */
  readonly running: boolean;
  readonly mac: string | null;
}

export interface AddressChange {
  readonly kind: 'address';
  readonly device: string;
  readonly gone: boolean;
  readonly family: 4 | 6;
  readonly ip: string;
  readonly prefixLength: number;
  /** It has a lifetime: somebody leased it. */
  readonly dynamic: boolean;
}

export type Change = LinkChange | AddressChange;

const LINK = /^(\d+):\s+([^\s:@]+)(?:@[^\s:]+)?:\s+<([^>]*)>(.*)$/;
const ADDRESS = /^\d+:\s+(\S+)\s+(inet6?)\s+([0-9a-fA-F.:]+)(?:\s+peer\s+([0-9a-fA-F.:]+))?(?:\/(\d+))?\s/;
const MAC = /\slink\/\S+\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b/;

export function parseMonitorLine(line: string): Change | null {
  const gone = line.startsWith('Deleted ');
  const text = gone ? line.slice('Deleted '.length) : line;
  const link = LINK.exec(text);
  if (link !== null) {
    const flags = (link[3] ?? '').split(',');
    return {
      kind: 'link',
      index: Number(link[1]),
      name: link[2] ?? '',
      gone,
      up: flags.includes('UP'),
      running: flags.includes('UP') && flags.includes('LOWER_UP'),
      mac: MAC.exec(link[4] ?? '')?.[1] ?? null,
    };
  }
  const address = ADDRESS.exec(text);
  if (address === null) return null;
  const family = address[2] === 'inet' ? 4 : 6;
  return {
    kind: 'address',
    device: address[1] ?? '',
    gone,
    family,
    ip: address[3] ?? '',
    prefixLength: address[5] === undefined ? (family === 4 ? 32 : 128) : Number(address[5]),
    dynamic: / dynamic[ \\]/.test(text),
  };
}

interface JsonLink {
  readonly ifindex?: number;
  readonly ifname?: string;
  readonly flags?: readonly string[];
  readonly address?: string;
  readonly addr_info?: readonly { family?: string; local?: string; prefixlen?: number; dynamic?: boolean }[];
}

/** `ip -j address show` → the same changes, as if everything had just come. Throws on what is not JSON. */
export function parseAddressDump(json: string): Change[] {
  const links = JSON.parse(json) as readonly JsonLink[];
  const changes: Change[] = [];
  for (const link of links) {
    const name = link.ifname;
    if (name === undefined) continue;
    const up = link.flags?.includes('UP') ?? false;
    const running = up && (link.flags?.includes('LOWER_UP') ?? false);
    changes.push({ kind: 'link', index: link.ifindex ?? 0, name, gone: false, up, running, mac: link.address ?? null });
    for (const { family, local, prefixlen, dynamic } of link.addr_info ?? []) {
      if (local === undefined || (family !== 'inet' && family !== 'inet6')) continue;
      const version = family === 'inet' ? 4 : 6;
      changes.push({
        kind: 'address',
        device: name,
        gone: false,
        family: version,
        ip: local,
        prefixLength: prefixlen ?? (version === 4 ? 32 : 128),
        dynamic: dynamic === true,
      });
    }
  }
  return changes;
}
