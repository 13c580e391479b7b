/**
 * Sample expressions as they are meant: what is fetched from a stream, and through which converters it goes.
 *
 *   req.hdr(host),lower,field(1,:)   ──▶   fetch req.hdr["host"] ─ lower ─ field[1, ":"]   : str
 *
 * Not here: their syntax (haproxy/sample.ts), which fetches and converters there are (haproxy/sample-fetches.ts,
 * haproxy/sample-converters.ts), running them (src/proxy/sample).
 */

export type SampleType = 'any' | 'bool' | 'sint' | 'addr' | 'ipv4' | 'ipv6' | 'str' | 'bin' | 'meth';

/** An argument that was left out is `none`; names of proxies and servers are '' for those of the place of use. */
export type SampleArgument =
  | { readonly kind: 'none' }
  /** A signed number of 64 bits; as text where it is not exact as a number. */
  | { readonly kind: 'integer'; readonly value: number | string }
  | { readonly kind: 'text'; readonly value: string }
  /** `1.2.3.4`, also of a mask. */
  | { readonly kind: 'address'; readonly value: string }
  | { readonly kind: 'frontend' | 'backend' | 'server'; readonly name: string };

export interface SampleStep {
  /** As in HAProxy's table of fetches or converters. */
  readonly word: string;
  readonly arguments: readonly SampleArgument[];
}

export interface SampleExpression {
  /** As it was written. */
  readonly text: string;
  readonly fetch: SampleStep;
  readonly converters: readonly SampleStep[];
  /** Of the last step. */
  readonly type: SampleType;
  /** PLACE_* of the fetch: where it has something to say. */
  readonly places: number;
  /** What it needs, in HAProxy's words: `HTTP request headers`. */
  readonly needs: string;
}

// Where expressions are used, as HAProxy has its check points.
export const PLACE_CONNECTION = 1; // a connection was accepted
export const PLACE_REQUEST = 2; // frontend, request headers: unique-id-format, http-request rules
export const PLACE_BACKEND = 4; // use_backend
export const PLACE_SERVER = 8; // use-server, balance, persist rules
export const PLACE_CONNECT = 16; // source
export const PLACE_RESPONSE = 32; // response headers
export const PLACE_LOG = 64; // at the end of a stream
export const PLACE_CHECK = 128; // health checks
export const PLACE_LOAD = 256; // while the configuration is read
