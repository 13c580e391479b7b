/**
 * What is compared at a time: a frontend with its backend, servers with a will of their own, and clients, one after the
 * other. All of it is plain data, so that it prints, shrinks and is kept as JSON.
 *
 * Not here: worlds from a seed (random-world.ts), their configuration as text (configuration-text.ts).
 */

/** What a server does with a request. Attempts beyond the last one get the last one. */
export interface Answer {
  /** `head`: as soon as the request's head is there; `whole`: after its body. */
  readonly after: 'head' | 'whole';
  /** Bytes, as latin1. Nothing: it says nothing. */
  readonly says: string;
  /** `held`: keeps the connection, and says nothing before all clients behind this one are done. */
  readonly afterwards: 'keep' | 'close' | 'reset' | 'held';
}

export interface Request {
  /** Without the key (see origin.ts), which is added as the last header line. */
  readonly startLine: string;
  /** In order, without line ends. */
  readonly headers: readonly string[];
  /** As it goes over the wire, chunked or not. */
  readonly body: string;
  /** The body waits for 100, and is not sent when something else comes. */
  readonly expects: boolean;
  /** Brings the cookies that this client was given. */
  readonly jar: boolean;
  /** The next request is sent in the same write. */
  readonly pipelined: boolean;
  readonly answers: readonly Answer[];
}

export interface Client {
  /** The last part of its address. */
  readonly address: number;
  readonly requests: readonly Request[];
  /**
   * `end`: its side is ended after the last answer. `leave`: it goes when the last request has reached a server, with a
   * reset; `leave-softly`, with a FIN. `hold`: it stays while the clients behind it come and go.
   */
  readonly ending: 'end' | 'leave' | 'leave-softly' | 'hold';
}

export interface ServerSpec {
  readonly parameters: readonly string[];
  /** `refuse`: nobody listens there. */
  readonly kind: 'up' | 'refuse' | 'unix';
  /** With a check: what it is answered, and whether that brings the server down. */
  readonly check: { readonly answer: string; readonly down: boolean } | null;
}

export interface World {
  readonly mode: 'http' | 'tcp';
  /** A `listen` section, or a frontend and a backend. */
  readonly split: boolean;
  readonly bind: readonly string[];
  readonly unixBind: boolean;
  readonly frontend: readonly string[];
  readonly backend: readonly string[];
  readonly servers: readonly ServerSpec[];
  readonly clients: readonly Client[];
}
