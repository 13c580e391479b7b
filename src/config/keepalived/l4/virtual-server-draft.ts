/** A virtual server while it is read; null: not said. What keepalived takes then: virtual-server.ts. */
import type { Forwarding, Scheduler, VirtualServer } from '../../l4-model.ts';
import type { ScriptCommand } from '../../pair-model.ts';
import type { Draft } from '../keyword.ts';
import type { Statement } from '../statement.ts';
import type { RealServerDraft } from './real-server.ts';
import { newTiming, type TimingDraft } from './timing.ts';

export interface VirtualServerDraft extends Draft {
  readonly timing: TimingDraft;
  family: 4 | 6 | null;
  protocol: VirtualServer['protocol'];
  scheduler: Scheduler;
  hashesPort: boolean;
  onePacket: boolean;
  forwarding: Forwarding;
  persistenceTimeoutS: number | null;
  /** Of a mask, or the length of a prefix. */
  granularity: { readonly statement: Statement; readonly family: 4 | 6; readonly prefixLength: number } | null;
  haSuspend: boolean;
  omega: boolean;
  quorum: number;
  hysteresis: number;
  quorumUp: ScriptCommand | null;
  quorumDown: ScriptCommand | null;
  smtpAlert: boolean | null;
  virtualHost: string | null;
  weight: number;
  inhibits: boolean;
  sorryServer: {
    readonly statement: Statement;
    readonly ip: string;
    readonly family: 4 | 6;
    readonly port: number;
  } | null;
  sorryForwarding: Forwarding | null;
  sorryInhibits: boolean;
  readonly realServers: RealServerDraft[];
}

export function newVirtualServerDraft(s: Statement): VirtualServerDraft {
  return {
    ...{ statement: s, said: new Map(), timing: newTiming(), family: null },
    ...{ protocol: 'UDP', scheduler: 'wlc', hashesPort: false, onePacket: false, forwarding: 'NAT' },
    ...{ persistenceTimeoutS: null, granularity: null, haSuspend: false, omega: false, quorum: 1, hysteresis: 0 },
    ...{ quorumUp: null, quorumDown: null, smtpAlert: null, virtualHost: null, weight: 1, inhibits: false },
    ...{ sorryServer: null, sorryForwarding: null, sorryInhibits: false, realServers: [] },
  };
}
