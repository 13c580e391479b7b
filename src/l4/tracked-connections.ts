/**
 * Lines of /proc/net/nf_conntrack (and of `conntrack -L -o extended`, which are the same) → connections that servers with NAT
 * have, by whose they are. Servers are known by the address that the client asked for and by who answers.
 *
 *   ipv4 2 tcp 6 431999 ESTABLISHED src=10.9.0.2 dst=192.0.2.1 sport=20100 dport=80 src=10.0.0.71 dst=10.9.0.2 sport=8080 …
 */
import { formatIpv6, ipv6Bytes } from '../core/ip-bytes.ts';
import type { NftTable } from './nft-table.ts';
import { type Range, textBox } from './ruleset-places.ts';

const LINE =
  /^ipv[46] +\d+ (\w+) +\d+ +\d+ (?:([A-Z_0-9]+) +)?src=\S+ dst=(\S+) sport=\d+ dport=\d+ (\[UNREPLIED\] )?src=(\S+) dst=\S+ sport=(\d+)/;

export interface Tracked {
  /** Whose it is: trafficComment. */
  readonly comment: string;
  readonly isActive: boolean;
}

export class TrackedConnections {
  readonly #exact: ReadonlyMap<string, string>;
  readonly #ranges = new Map<string, { readonly box: readonly Range[]; readonly comment: string }[]>();
  /** As the kernel writes them, with all zeros, and as rules have them. */
  readonly #addresses = new Map<string, string>();

  constructor(nat: NftTable) {
    const exact = new Map<string, string>();
    for (const family of [4, 6]) {
      for (const group of nat.sets.get(`requests${family}`)?.elements.values() ?? [])
        for (const [key, { comment }] of group) exact.set(key, comment);
      for (const group of nat.sets.get(`requests${family}_ranges`)?.elements.values() ?? [])
        for (const [key, { comment }] of group) {
          const [asked = '', protocol = '', ip = '', port = ''] = key.split(' . ');
          const server = `${protocol} . ${ip}`;
          this.#ranges.set(server, [...(this.#ranges.get(server) ?? []), { box: textBox(asked, port), comment }]);
        }
    }
    this.#exact = exact;
  }

  /** null: it is nobody's. */
  read(line: string): Tracked | null {
    const [, protocol = '', state, asked = '', unreplied, server = '', port = ''] = LINE.exec(line) ?? [];
    // Asked for by its own address: a check's, or somebody's who knows it.
    if (protocol === '' || asked === server) return null;
    const comment = this.#whose(protocol, this.#address(asked), this.#address(server), port);
    if (comment === null) return null;
    const isActive = state === undefined ? unreplied === undefined : state === 'ESTABLISHED';
    return { comment, isActive };
  }

  #whose(protocol: string, asked: string, server: string, port: string): string | null {
    const exact = this.#exact.get(`${asked} . ${protocol} . ${server} . ${port}`);
    if (exact !== undefined) return exact;
    const ranges = this.#ranges.get(`${protocol} . ${server}`);
    if (ranges === undefined) return null;
    const point = textBox(asked, port);
    const holds = ({ first, last }: Range, at: Range | undefined): boolean =>
      at !== undefined && first <= at.first && at.first <= last;
    return ranges.find(({ box }) => box.every((range, i) => holds(range, point[i])))?.comment ?? null;
  }

  #address(text: string): string {
    if (!text.includes(':')) return text;
    let known = this.#addresses.get(text);
    if (known === undefined) {
      if (this.#addresses.size >= MOST_ADDRESSES) this.#addresses.clear();
      known = formatIpv6(ipv6Bytes(text), 0);
      this.#addresses.set(text, known);
    }
    return known;
  }
}

/** Of servers, as other programs may have connections, too. */
const MOST_ADDRESSES = 65_536;
