/**
 * The whole in one value, as JSON: what `show status json`, `tandem status --json` and the dashboard's events say. Times are
 * milliseconds since 1970, durations milliseconds, rates per second; null: there is none, or nobody knows.
 *
 *   statistics, server board, pair ──▶ Status ──▶ stats socket ─▶ tandem status, tandem top
 *                                           └───▶ src/web (dashboard, Prometheus)
 *
 * Not here: what is wrong with it (complaints.ts), the pair's part (src/daemon/pair-status.ts).
 */
import { packageVersion } from '../core/package-version.ts';
import type { AdminSide } from '../daemon/admin-side.ts';
import type { ChronicleEvent } from '../daemon/chronicle.ts';
import type { PairHead, PairStatus } from '../daemon/pair-status.ts';
import type { BackendView, FrontendView, ProcessView } from '../daemon/views.ts';
import type { VirtualServerStatus } from '../l4/status.ts';
import { type Complaint, complaintsOf, healthOf, proxyComplaints } from './complaints.ts';
import { virtualServerComplaints } from './l4-complaints.ts';

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
  readonly events: readonly ChronicleEvent[];
}

export interface ProcessStatus extends ProcessView {
  /** Counted from 1; each reload makes a new one. */
  readonly generation: number;
  /** Generations that still serve their last clients. */
  readonly olderGenerations: number;
  readonly dataPid: number | null;
  /** epoll, io_uring; empty: no proxies. */
  readonly engine: string;
  readonly reloadedMs: number | null;
}

export interface ProxyStatus {
  readonly name: string;
  readonly frontend: FrontendView | null;
  readonly backend: BackendView | null;
}

const VERSION = packageVersion();

/** All but what is of each proxy and virtual server: of thousands of servers those who show them all the time take their time. */
export interface StatusHead extends Omit<Status, 'proxies' | 'pair'> {
  readonly pair: PairHead | null;
}

export function statusOf(side: AdminSide): Status {
  const proxies = [...proxiesOf(side)];
  const virtualServers = [...virtualServersOf(side)];
  const ofServices = [...proxies.flatMap(proxyComplaints), ...virtualServers.flatMap(virtualServerComplaints)];
  const head = headOf(side, ofServices);
  return { ...head, pair: head.pair && { ...head.pair, virtualServers }, proxies };
}

/** The same as JSON and a line end, in pieces that others have their turns between; what there is most of comes first. */
export function* statusJson(side: AdminSide): Iterable<string> {
  const ofServices: Complaint[] = [];
  yield '{"proxies":[';
  yield* listJson(proxiesOf(side), (one) => ofServices.push(...proxyComplaints(one)));
  yield '],"pair":';
  if (side.pair === null) yield 'null';
  else {
    yield `${JSON.stringify(side.pair.head()).slice(0, -1)},"virtualServers":[`;
    yield* listJson(virtualServersOf(side), (one) => ofServices.push(...virtualServerComplaints(one)));
    yield ']}';
  }
  const { pair: _, ...head } = headOf(side, ofServices);
  yield `,${JSON.stringify(head).slice(1)}\n`;
}

function* listJson<T>(all: Iterable<T>, look: (one: T) => void): Iterable<string> {
  let before = '';
  for (const one of all) {
    look(one);
    yield `${before}${JSON.stringify(one)}`;
    before = ',';
  }
}

export function* proxiesOf({ statistics }: AdminSide): Iterable<ProxyStatus> {
  for (const { frontend, backend } of statistics.proxies(-1)) {
    yield { name: frontend?.proxy ?? backend?.proxy ?? '', frontend, backend };
  }
}

export function virtualServersOf({ pair }: AdminSide): Iterable<VirtualServerStatus> {
  return pair?.virtualServers() ?? [];
}

/** `ofServices`: what there is to complain about proxies and virtual servers. */
export function headOf(side: AdminSide, ofServices: readonly Complaint[]): StatusHead {
  const process = processOf(side);
  const pair = side.pair?.head() ?? null;
  const complaints = complaintsOf({ side, pair, ofServices });
  return {
    version: VERSION,
    node: process.node,
    wallMs: side.clock.wallMs(),
    health: healthOf(complaints),
    complaints: complaints.map(({ text }) => text),
    process,
    pair,
    events: side.chronicle.events,
  };
}

function processOf({ statistics, program }: AdminSide): ProcessStatus {
  const { generation, olderGenerations, dataPid, engine, reloadedWallMs: reloadedMs } = program();
  return { ...statistics.process(), generation, olderGenerations, dataPid, engine: engine ?? '', reloadedMs };
}
