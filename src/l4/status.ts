/** Virtual servers as they are now, for people and programs. Times are milliseconds since 1970; null: there was none. */
import type { Forwarding, L4Protocol, Scheduler } from '../config/l4-model.ts';
import type { DestinationFigures } from './kernel.ts';

export interface VirtualServerStatus {
  /** As keepalived calls it: `[192.0.2.1]:tcp:80`, `FWM 5`; of a group `[web]:0`. */
  readonly name: string;
  readonly family: 4 | 6;
  readonly protocol: L4Protocol;
  readonly scheduler: Scheduler;
  /** Addresses, ranges and marks: `192.0.2.1 80`, `192.0.2.1-9 80`, `fwmark 5`. */
  readonly places: readonly string[];
  readonly persistenceTimeoutS: number | null;
  /** Of the weights of servers that are up, and what is asked for. */
  readonly weightUp: number;
  readonly quorum: number;
  readonly hasQuorum: boolean;
  /** Clients get the sorry server. */
  readonly sorry: boolean;
  /** `ha_suspend`: no checks, this box has none of its addresses. */
  readonly suspended: boolean;
  readonly servers: readonly RealServerStatus[];
}

export interface RealServerStatus {
  /** `[10.0.0.71]:tcp:80` */
  readonly name: string;
  readonly ip: string;
  /** 0: the one that the client asked for. */
  readonly port: number;
  readonly forwarding: Forwarding;
  readonly isSorryServer: boolean;
  readonly isUp: boolean;
  /** As configured, and as it is balanced with now: checks change it, failures with inhibit_on_failure make it 0. */
  readonly configuredWeight: number;
  readonly weight: number;
  /** An operator's word, whatever its checks say, and its weight, whatever the file says; null: there is none. */
  readonly held: 'up' | 'down' | null;
  readonly ownWeight: number | null;
  /** The kernel has it. */
  readonly isBalanced: boolean;
  readonly lastChangeMs: number | null;
  readonly checks: readonly {
    readonly kind: string;
    readonly isUp: boolean;
    readonly why: string;
    readonly checkedMs: number | null;
  }[];
  readonly figures: DestinationFigures;
}
