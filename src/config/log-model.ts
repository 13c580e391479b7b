/**
 * How traffic is logged, as it is meant: formats taken apart, what is captured for them, and when a line is due.
 *
 * Not here: the syntax (haproxy/log-format.ts), where lines go (`LogTarget` in model.ts).
 */
import type { SampleExpression } from './sample-model.ts';

// Flags of a part: `%{+Q,+X,+E}ci`.
export const LOG_QUOTE = 1;
export const LOG_HEX = 2;
export const LOG_ESCAPE = 4;
/** What is not there is a `-`. */
export const LOG_MANDATORY = 8;
/** A header is made of it: bytes that must not be in one are `%XX`. */
export const LOG_HEADER = 16;

export type LogPart =
  | { readonly kind: 'text'; readonly text: string }
  /** One space, where there is none before it. */
  | { readonly kind: 'blank' }
  /** `%name`. */
  | { readonly kind: 'variable'; readonly name: string; readonly flags: number }
  | { readonly kind: 'sample'; readonly sample: SampleExpression; readonly flags: number };

export interface HeaderCapture {
  readonly name: string;
  readonly lengthBytes: number;
}

/** `sample 1,3-5:10`: which of ten lines a target gets. */
export interface LogSampling {
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
  readonly size: number;
}

/** When all that a format asks for is known. */
export type LogMoment = 'end' | 'response' | 'request';

export interface TrafficLogging {
  /** `log-format`, or the option's own where it says more than usual; null: what `trafficLog` says. */
  readonly line: readonly LogPart[] | null;
  /** `log-format-sd`: the structured data of rfc5424 targets. */
  readonly structured: readonly LogPart[] | null;
  /** `error-log-format`: for what never became a request. */
  readonly errors: readonly LogPart[] | null;
  /** `option tandem-jsonlog`. */
  readonly json: boolean;
  readonly moment: LogMoment;
  /** `option logasap`. */
  readonly early: boolean;
  /** `option log-separate-errors`, `option dontlog-normal`. */
  readonly raisesErrors: boolean;
  readonly skipsNormal: boolean;
  readonly uniqueId: readonly LogPart[] | null;
  readonly uniqueIdHeader: string | null;
  readonly requestCaptures: readonly HeaderCapture[];
  readonly responseCaptures: readonly HeaderCapture[];
  /** Name: what a cookie has to begin with. */
  readonly cookieCapture: HeaderCapture | null;
}

export const PLAIN_LOGGING: TrafficLogging = {
  line: null,
  structured: null,
  errors: null,
  json: false,
  moment: 'end',
  early: false,
  raisesErrors: false,
  skipsNormal: false,
  uniqueId: null,
  uniqueIdHeader: null,
  requestCaptures: [],
  responseCaptures: [],
  cookieCapture: null,
};
