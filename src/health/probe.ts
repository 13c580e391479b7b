/**
 * What a check does to a server, as a seam: the monitor decides when, a probe how. It never rejects, and it always ends,
 * by its own timeouts.
 */
import type { CheckConnect } from '../config/check-model.ts';
import type { CheckMethod } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import type { ProxyHeaderOptions } from '../core/proxy-header.ts';
import type { Finding } from './result.ts';

/** What lists of rules may ask for beyond the place of the server. */
export interface RuleScene {
  readonly backend: string;
  readonly server: string;
  /** tune.bufsize: more is neither sent nor looked at. */
  readonly bufferBytes: number;
  /** Of the connections that go elsewhere. */
  readonly places: ReadonlyMap<CheckConnect, InetAddress | UnixAddress>;
  /** As the server is told of clients. */
  readonly proxyHeader: ProxyHeaderOptions;
  /** It wants one from everybody, checks too. */
  readonly sendsProxyHeader: boolean;
  /** Where connections leave from; null: where the kernel likes. */
  readonly localAddress: string | null;
}

export const PLAIN_SCENE: RuleScene = {
  backend: '',
  server: '',
  bufferBytes: 16_384,
  places: new Map(),
  proxyHeader: { version: 1, crc32c: false, uniqueId: null },
  sendsProxyHeader: false,
  localAddress: null,
};

export interface ProbeTarget {
  readonly address: InetAddress | UnixAddress;
  readonly method: CheckMethod;
  /** Until the connection must be there; without `answerTimeoutMs`, until all of it must be over. */
  readonly connectTimeoutMs: number;
  /** `timeout check`: from the connection on, until the answer must be there. */
  readonly answerTimeoutMs: number | null;
  /** `http-check disable-on-404`: whether a 404 is L7OKC now, whatever is expected: it is for servers that are not down. */
  readonly accepts404?: () => boolean;
  /** `http-check send-state`: the value of X-Haproxy-Server-State, as things are now. */
  readonly stateText?: () => string;
  /** Without: PLAIN_SCENE. */
  readonly scene?: RuleScene;
}

export interface RunningProbe {
  readonly finding: Promise<Finding>;
  /** Nobody wants to know any more; `finding` may stay open for ever. */
  cancel(): void;
}

export type Probe = (target: ProbeTarget) => RunningProbe;
