/**
 * What control asks the data threads while they serve, and what they answer: of the moment, read from their own objects. A
 * thread answers between two turns of its loop; nobody who does not ask pays anything.
 *
 * A long answer is given in pieces: each says where the next one begins, and control asks for that when it has use for it.
 * Sessions are numbered by their connection (`serial`, each thread counts its own) and the request on it, so that a number
 * that an operator has read never means another request.
 *
 * Not here: how questions travel (messages.ts), who may believe the answers (src/daemon/data-answers.ts).
 */

/** Sessions, or clients, of a piece. */
export const PIECE_ENTRIES = 64;

/** `serial` and `request` of one session: their lowest 32 and 12 bits. */
export type Question =
  /** Sessions older than connection `before` (0: all), the newest first; `whole`: with both ends of each connection. */
  | { readonly type: 'sessions'; readonly before: number; readonly whole: boolean }
  | { readonly type: 'session'; readonly serial: number; readonly request: number }
  | { readonly type: 'end-session'; readonly serial: number; readonly request: number }
  /** All of one server, by its index in the plan. */
  | { readonly type: 'end-sessions'; readonly server: number }
  /** What has changed in the shared memory shall be heeded before the answer. */
  | { readonly type: 'look' }
  | { readonly type: 'figures' }
  /** Descriptors of this thread, from 0 on, and then from where the piece before has ended. */
  | { readonly type: 'descriptors'; readonly before: number };

export type Answer =
  | SessionsAnswer
  | { readonly type: 'done'; readonly count: number }
  | { readonly type: 'figures'; readonly figures: ThreadFigures }
  | DescriptorsAnswer;

export interface SessionsAnswer {
  readonly type: 'sessions';
  readonly sessions: readonly SessionReport[];
  /** What `before` is to be for the next piece, which is less each time; 0: there is no more. */
  readonly next: number;
}

export interface DescriptorsAnswer {
  readonly type: 'descriptors';
  readonly descriptors: readonly DescriptorReport[];
  readonly next: number;
}

/** What STREAM_* of stream.ts mean, in their order. */
export const SESSION_PHASES = ['new', 'queued', 'pausing', 'connecting', 'connected', 'buffering'] as const;

export type SessionPhase = (typeof SESSION_PHASES)[number];

/** One end of a connection, as text; `family` 0: a unix socket, or unknown. */
export interface EndReport {
  readonly family: 0 | 4 | 6;
  readonly ip: string;
  readonly port: number;
}

/** -1 where there is none, and of times where there is no limit. */
export interface SessionReport {
  readonly serial: number;
  readonly request: number;
  /** Indices in the plan. */
  readonly listener: number;
  readonly backend: number;
  readonly server: number;
  readonly source: EndReport;
  /** Only with `whole`. */
  readonly destination: EndReport | null;
  /** Where the connection to the server leaves from; only with `whole`. */
  readonly outgoing: EndReport | null;
  readonly clientFd: number;
  readonly serverFd: number;
  /** Since 1970. */
  readonly acceptedWallMs: number;
  readonly ageMs: number;
  readonly phase: SessionPhase;
  readonly tunnel: boolean;
  readonly requestDone: boolean;
  readonly responseStarted: boolean;
  readonly responseDone: boolean;
  /** METHOD_* of src/http1/method.ts. */
  readonly method: number;
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes that wait: of the request for the server, of the response for the client. */
  readonly requestHeld: number;
  readonly responseHeld: number;
  /** Until the next deadline of each side. */
  readonly clientMs: number;
  readonly serverMs: number;
  readonly retries: number;
  readonly clientEnded: boolean;
  readonly serverEnded: boolean;
  /** Requests that the connection to the server has carried. */
  readonly serverUses: number;
}

export const DESCRIPTOR_LISTENER = 0;
export const DESCRIPTOR_CLIENT = 1;
export const DESCRIPTOR_SERVER = 2;
export const DESCRIPTOR_IDLE = 3;

export interface DescriptorReport {
  readonly fd: number;
  readonly kind: number; // DESCRIPTOR_*
  /** Of a listener or a client the listener, of the others the server: index in the plan. */
  readonly owner: number;
  /** It is read from, and there is something to be written. */
  readonly reads: boolean;
  readonly writes: boolean;
  readonly ended: boolean;
  readonly shut: boolean;
  readonly local: EndReport;
  readonly remotePort: number;
}

export interface ThreadFigures {
  /** Turns of the loop, and those that other threads or control asked for. */
  readonly loops: number;
  readonly wakes: number;
  readonly accepted: number;
  readonly clients: number;
  /** Clients that wait to be let in. */
  readonly waiting: number;
  readonly streams: number;
  /** Clients whose next request has arrived already. */
  readonly ready: number;
  readonly timers: number;
  /** Processor time, in microseconds. */
  readonly cpuUs: number;
  readonly buffers: PoolFigures;
  readonly bulkBuffers: PoolFigures;
  /** Streams that are kept for the next ones. */
  readonly keptStreams: number;
}

export interface PoolFigures {
  readonly sizeBytes: number;
  readonly allocated: number;
  readonly used: number;
  readonly failures: number;
}
