/**
 * The whole in one value, as JSON: what `show status json`, `tandem status --json` and the dashboard's events say. Times are
 * milliseconds since 1970, durations milliseconds, rates per second; null: there is none, or nobody knows.
 *
 *   statistics, server board, pair ──▶ Status ──▶ stats socket ─▶ tandem status, tandem top
 *                                           └───▶ src/web (dashboard, Prometheus)
 */
import type { BackendView, FrontendView, ProcessView } from '../daemon/views.ts';

export interface Status {
  /** Of Tandem. */
  readonly version: string;
  readonly node: string;
  readonly wallMs: number;
  /** Is this box well? `warning`: it serves, but something of it is lost; `failed`: something that should serve does not. */
  readonly health: 'ok' | 'warning' | 'failed';
  /** One line each, the worst first; empty: all is well. */
  readonly complaints: readonly string[];
  readonly process: ProcessStatus;
  /** null: no keepalived.conf. */
  readonly pair: PairStatus | null;
  readonly proxies: readonly ProxyStatus[];
  /** What changed, the last first, EVENTS_MAX of them. */
  readonly events: readonly StatusEvent[];
}

export interface ProcessStatus extends ProcessView {
  /** Counted from 1; each reload makes a new one. */
  readonly generation: number;
  /** Generations that still serve their last clients. */
  readonly olderGenerations: number;
  readonly dataPid: number | null;
  /** epoll, io_uring */
  readonly engine: string;
  readonly reloadedMs: number | null;
}

export interface ProxyStatus {
  readonly name: string;
  readonly frontend: FrontendView | null;
  readonly backend: BackendView | null;
}

export interface PairStatus {
  readonly instances: readonly InstanceStatus[];
  readonly groups: readonly { readonly name: string; readonly state: string | null; readonly instances: string[] }[];
}

export interface InstanceStatus {
  readonly name: string;
  readonly interface: string;
  readonly family: 4 | 6;
  readonly vrid: number;
  readonly version: 2 | 3;
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';
  /** By `set vrrp`, until `release`; null: it decides by itself. */
  readonly forced: 'master' | 'backup' | 'fault' | null;
  readonly addresses: readonly string[];
  /** The addresses are on this box now. */
  readonly holds: boolean;
  readonly configuredPriority: number;
  readonly effectivePriority: number;
  /** Why it is what it is: `track_script chk_haproxy -20`. */
  readonly reasons: readonly PriorityReason[];
  readonly faults: readonly string[];
  /** Who is master as this box heard it; null: itself, or nobody. */
  readonly master: { readonly address: string; readonly priority: number; readonly heardMsAgo: number } | null;
  readonly advertIntervalMs: number;
  readonly lastTransitionMs: number | null;
  readonly counters: {
    readonly advertsReceived: number;
    readonly advertsSent: number;
    readonly becameMaster: number;
    readonly releasedMaster: number;
    readonly errors: number;
  };
}

export interface PriorityReason {
  readonly what: string;
  readonly weight: number;
}

export interface StatusEvent {
  readonly wallMs: number;
  readonly kind: 'vrrp' | 'server' | 'backend' | 'reload' | 'data-process';
  /** Instance, `backend/server`, … */
  readonly subject: string;
  readonly to: string;
  readonly why: string;
}

export const EVENTS_MAX = 200;
