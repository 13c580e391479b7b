/** What can be seen of a running program from outside, as plain numbers and names: made by statistics.ts. */

/** By class: 1xx to 5xx, and others. */
export type Responses = readonly [number, number, number, number, number, number];

export interface RateView {
  readonly now: number;
  readonly max: number;
}

/** What streams took: the average of the last 1024, and the longest since the start, or since it was cleared. */
export interface TimesView {
  readonly queueMs: number;
  readonly connectMs: number;
  readonly responseMs: number;
  readonly totalMs: number;
  readonly queueMaxMs: number;
  readonly connectMaxMs: number;
  readonly responseMaxMs: number;
  readonly totalMaxMs: number;
}

export interface TrafficView {
  readonly sessions: number;
  readonly sessionsMax: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly responses: Responses;
  /** Answered 500, because something did not fit. */
  readonly internalErrors: number;
}

export interface FrontendView extends TrafficView {
  readonly kind: 'frontend';
  readonly proxy: string;
  readonly id: number;
  readonly http: boolean;
  readonly status: 'OPEN' | 'FULL' | 'PAUSED' | 'STOP';
  readonly limit: number;
  readonly connections: number;
  readonly requests: number;
  readonly badRequests: number;
  /** Requests that it answered itself, and not for want of anything. */
  readonly intercepted: number;
  readonly connectionRate: RateView;
  readonly requestRate: RateView;
}

/** What backends and servers count alike. */
export interface ServedView extends TrafficView {
  readonly queued: number;
  readonly queuedMax: number;
  readonly total: number;
  readonly connectErrors: number;
  readonly responseErrors: number;
  readonly retries: number;
  readonly redispatches: number;
  readonly balanced: number;
  readonly connects: number;
  readonly reused: number;
  readonly clientAborts: number;
  readonly serverAborts: number;
  readonly times: TimesView;
  readonly rate: RateView;
  /** Seconds since the last session; -1: there was none. */
  readonly lastSessionS: number;
  readonly changedS: number;
  readonly downtimeS: number;
}

export interface BackendView extends ServedView {
  readonly kind: 'backend';
  readonly proxy: string;
  readonly id: number;
  readonly idGiven: boolean;
  readonly http: boolean;
  readonly up: boolean;
  readonly limit: number;
  /** What those that share the traffic have now, and what they are to have. */
  readonly weight: number;
  readonly wholeWeight: number;
  readonly active: number;
  readonly backup: number;
  readonly timesDown: number;
  readonly cookie: string | null;
  readonly algorithm: string;
  readonly servers: readonly ServerView[];
}

/** Of health checks, or of an agent. */
export interface CheckView {
  readonly enabled: boolean;
  /** Its server is in maintenance. */
  readonly paused: boolean;
  /** HAProxy's code; null: none has ended yet. */
  readonly result: string | null;
  /** Of the last that had an opinion. */
  readonly verdict: 'passed' | 'conditional' | 'neutral' | 'failed' | null;
  readonly underWay: boolean;
  readonly status: number;
  /** -1: nobody asked, traffic told. */
  readonly durationMs: number;
  readonly info: string;
  readonly description: string;
  readonly rise: number;
  readonly fall: number;
  readonly health: number;
  readonly failed: number;
  readonly timesDown: number;
  /** Where it asks, if that is not where traffic goes. */
  readonly port: number | null;
  readonly address: string | null;
}

/** The checks that decide on a server: its own, or those of whom it follows. */
export interface JudgedView {
  readonly checked: boolean;
  readonly health: number;
  readonly rise: number;
  readonly fall: number;
  readonly hasAgent: boolean;
  readonly agentHealth: number;
  readonly isStopped: boolean;
}

export interface ServerView extends ServedView {
  readonly kind: 'server';
  /** In the plan. */
  readonly index: number;
  readonly proxy: string;
  readonly proxyId: number;
  readonly name: string;
  readonly id: number;
  readonly idGiven: boolean;
  readonly http: boolean;
  readonly state: 'up' | 'down' | 'maint' | 'drain';
  /** Maintenance for want of an address. */
  readonly unresolved: boolean;
  readonly maint: boolean;
  readonly drain: boolean;
  readonly operation: 'stopped' | 'starting' | 'running' | 'stopping';
  /** ADMIN_* bits of server-record.ts. */
  readonly admin: number;
  /** `backend/server` that it follows. */
  readonly tracks: string | null;
  readonly weight: number;
  /** What it has of it now: less while it warms up. */
  readonly effectiveWeight: number;
  readonly initialWeight: number;
  readonly isBackup: boolean;
  readonly limit: number;
  readonly queueLimit: number;
  readonly failedByTraffic: number;
  /** `observe`. */
  readonly isObserved: boolean;
  /** Without checks what it would begin with. */
  readonly checkHealth: number;
  /** Also without checks, if it was configured as disabled. */
  readonly checksPaused: boolean;
  readonly judged: JudgedView;
  /** null: it is not checked. */
  readonly check: CheckView | null;
  readonly agent: CheckView | null;
  /** Without a port; a path for a unix socket; null: nobody knows it. */
  readonly host: string | null;
  readonly family: 4 | 6 | 'unix';
  readonly port: number;
  /** The name that was looked up. */
  readonly hostName: string | null;
  readonly cookie: string | null;
  readonly idle: number;
  /** Of these, the ones that have carried a single exchange. */
  readonly idleFresh: number;
  /** Connections that were needed at the same time lately. */
  readonly needed: number;
  readonly idleLimit: number;
  readonly purgeDelayMs: number;
}

/** A data thread of the generation that lets clients in. */
export interface ThreadView {
  /** From 1. */
  readonly number: number;
  readonly connections: number;
  /** Of its loop since its process began, modulo 2^32. */
  readonly turns: number;
  /** Buffers in use. */
  readonly slabs: number;
  /** Since its loop was last seen to turn. */
  readonly heartbeatAgeMs: number;
}

export interface ReloadCounts {
  readonly done: number;
  readonly failed: number;
  /** Since the last one that was done. */
  readonly failedInARow: number;
}

/** What runs, beyond its traffic. */
export interface ProgramView {
  /** From 1; each reload makes a new one. */
  readonly generation: number;
  /** Generations that still serve their last clients. */
  readonly olderGenerations: number;
  /** From so many on none is reloaded. */
  readonly olderGenerationsMax: number;
  /** false: a pair alone, and what there is to see of proxies is empty. */
  readonly hasProxies: boolean;
  /** A data process serves. */
  readonly serving: boolean;
  /** null: there is none at the moment. */
  readonly dataPid: number | null;
  /** Data processes that died and were replaced. */
  readonly dataDeaths: number;
  /** Of the data threads, as the log says it; null: not known yet. */
  readonly engine: string | null;
  readonly reloads: ReloadCounts;
  /** null: never. */
  readonly reloadedWallMs: number | null;
  readonly threads: readonly ThreadView[];
}

export interface ProcessView {
  readonly threads: number;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly startedWallMs: number;
  readonly descriptors: number;
  readonly maxconn: number;
  /** What it can be at most. */
  readonly maxconnAtMost: number;
  readonly connections: number;
  readonly totalConnections: number;
  readonly totalRequests: number;
  readonly connectionRate: RateView;
  readonly bytesOut: number;
  readonly bytesOutRate: number;
  readonly idlePercent: number;
  readonly node: string;
  readonly description: string | null;
  readonly stopping: boolean;
  readonly listeners: number;
  /** Buffers of all threads: mapped, in use, and how often there was none. */
  readonly bufferBytes: number;
  readonly bufferUsedBytes: number;
  readonly buffersRefused: number;
  /** What waits for something to happen, or for a time: clients, streams, checks. */
  readonly tasks: number;
  /** Clients whose next request has arrived already. */
  readonly runQueue: number;
  readonly droppedLogs: number;
}
