/**
 * Counters of the kernel, read: the output of `nft -j list set …` → what each server got. Elements say in their comment whose
 * they are; a server with several (a service with several addresses) has their sum.
 */

export interface ServerTraffic {
  readonly connections: number;
  readonly requestPackets: number;
  readonly requestBytes: number;
  /** DR: servers answer clients themselves, and this stays 0. */
  readonly replyPackets: number;
  readonly replyBytes: number;
}

/** Whose an element is: keys of the service and of the destination. */
export function trafficComment(service: string, destination: string): string {
  return `${service}/${destination}`;
}

interface Listing {
  readonly nftables?: readonly {
    readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  }[];
}

const NAME = /(?:^|_)(connections|requests|replies)[46]?(?:_ranges)?$/;

/** By trafficComment; throws on what is not JSON. Listings of any number of sets and tables, others are passed over. */
export function parseTraffic(listings: readonly string[]): ReadonlyMap<string, ServerTraffic> {
  const traffic = new Map<string, ServerTraffic>();
  for (const json of listings)
    for (const { set } of (JSON.parse(json) as Listing).nftables ?? []) {
      const kind = NAME.exec(set?.name ?? '')?.[1];
      if (kind === undefined) continue;
      for (const one of set?.elem ?? []) addElement(traffic, kind, one as ListedElement);
    }
  return traffic;
}

interface ListedElement {
  readonly elem?: {
    readonly comment?: string;
    readonly counter?: { readonly packets: number; readonly bytes: number };
  };
}

const NONE: ServerTraffic = { connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 };

function addElement(traffic: Map<string, ServerTraffic>, kind: string, { elem }: ListedElement): void {
  const { comment, counter } = elem ?? {};
  if (comment === undefined || counter === undefined) return;
  const sum = traffic.get(comment) ?? NONE;
  const { packets, bytes } = counter;
  if (kind === 'connections') traffic.set(comment, { ...sum, connections: sum.connections + packets });
  else if (kind === 'requests') {
    const { requestPackets, requestBytes } = sum;
    traffic.set(comment, { ...sum, requestPackets: requestPackets + packets, requestBytes: requestBytes + bytes });
  } else {
    const { replyPackets, replyBytes } = sum;
    traffic.set(comment, { ...sum, replyPackets: replyPackets + packets, replyBytes: replyBytes + bytes });
  }
}
