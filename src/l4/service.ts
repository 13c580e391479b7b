/**
 * A virtual server as the kernel shall balance it at this moment: what the checks, the quorum and the operators have left of
 * the configuration. Values only.
 *
 *   VirtualServer (config) ─▶ pool.ts (who is up, quorum, sorry server) ─▶ L4Service ─▶ ruleset.ts (text for nft)
 */

import type {
  FirewallMark,
  FlowTimeouts,
  Forwarding,
  L4Place,
  L4Protocol,
  Persistence,
  Scheduler,
} from '../config/l4-model.ts';
import type { InetAddress } from '../core/address.ts';

export interface L4Service {
  /** Part of the names of its chains and sets: letters, digits and `_`; the same over reloads for the same addresses. */
  readonly key: string;
  /** For people: a comment in the ruleset. */
  readonly name: string;
  readonly family: 4 | 6;
  readonly protocol: L4Protocol;
  readonly places: readonly L4Place[];
  readonly marks: readonly FirewallMark[];
  readonly scheduler: Scheduler;
  readonly hashesPort: boolean;
  readonly onePacket: boolean;
  readonly persistence: Persistence | null;
  readonly flowTimeouts: FlowTimeouts;
  /** Of weight 0 too: they keep the connections that they have, and get no new ones. */
  readonly destinations: readonly Destination[];
}

export interface Destination {
  /** Unique in its service, as `key` of the service is. */
  readonly key: string;
  /** Port 0: the one that the client asked for. */
  readonly address: InetAddress;
  readonly weight: number;
  /**
   * Of the next connections, in proportion to that of others, in place of the weight: shares.ts. 0: none of them, while others
   * have some.
   */
  readonly share?: number;
  /** With so many connections it gets no others until it has fewer than `lowerThreshold`; 0: no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly forwarding: Forwarding;
}
