/**
 * Counters of the kernel, read: what `nft list set …` prints → what each server got. Elements say in their comment whose they are;
 * a server with several (a service with several addresses) has their sum.
 */
import { countedElements } from './left-table.ts';

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

const NAME = /^(connections|requests|replies)[46]?(?:_ranges)?$/;

export type TrafficKind = 'connections' | 'requests' | 'replies';

/** null: a set of that name counts nothing. */
export function trafficKind(set: string): TrafficKind | null {
  return (NAME.exec(set)?.[1] as TrafficKind | undefined) ?? null;
}

type Sum = { -readonly [Figure in keyof ServerTraffic]: ServerTraffic[Figure] };

/** Takes listings in parts that end between elements. */
export class TrafficSums {
  readonly sums = new Map<string, Sum>();

  /** Of a set of that kind. */
  add(kind: TrafficKind, text: string): void {
    for (const { comment, packets, bytes } of countedElements(text)) {
      const sum = this.of(comment);
      if (kind === 'connections') sum.connections += packets;
      else if (kind === 'requests') {
        sum.requestPackets += packets;
        sum.requestBytes += bytes;
      } else {
        sum.replyPackets += packets;
        sum.replyBytes += bytes;
      }
    }
  }

  of(comment: string): Sum {
    const known = this.sums.get(comment);
    if (known !== undefined) return known;
    const none = { connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 };
    this.sums.set(comment, none);
    return none;
  }
}
