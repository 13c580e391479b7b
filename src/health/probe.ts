/**
 * What a check does to a server, as a seam: the monitor decides when, a probe how. It never rejects, and it always ends,
 * by its own timeouts.
 */
import type { CheckMethod } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import type { Finding } from './result.ts';

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
}

export interface RunningProbe {
  readonly finding: Promise<Finding>;
  /** Nobody wants to know any more; `finding` may stay open for ever. */
  cancel(): void;
}

export type Probe = (target: ProbeTarget) => RunningProbe;
