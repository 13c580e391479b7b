/**
 * When checks are made: the same words for a virtual server, a real server and a check. What the check does not say its
 * server says, then the virtual server, then keepalived's defaults, which depend on the kind of check.
 */
import type { CheckTiming } from '../../l4-model.ts';
import { type Keyword, supported } from '../keyword.ts';
import { readInteger, readSeconds, readSwitch } from '../values.ts';

/** null: not said. */
export interface TimingDraft {
  intervalMs: number | null;
  connectTimeoutMs: number | null;
  retries: number | null;
  retryDelayMs: number | null;
  warmupMs: number | null;
  alpha: boolean | null;
  logAllFailures: boolean | null;
}

export function newTiming(): TimingDraft {
  return {
    intervalMs: null,
    connectTimeoutMs: null,
    retries: null,
    retryDelayMs: null,
    warmupMs: null,
    alpha: null,
    logAllFailures: null,
  };
}

/** What a timer of Node holds: 24 days. */
const MOST_S = 2_147_483;
const MOST_CONNECT_S = 4294;
const LEAST_S = 0.000001;
const MOST_RETRIES = 4_294_967_295;

/** `leastRetries`: a check may have none, its server not. */
export function timingKeywords<T extends { readonly timing: TimingDraft }>(leastRetries: 0 | 1): Keyword<T>[] {
  return [
    supported('delay_loop', '<seconds>', 'between checks; default 60', (s, { timing }) => {
      timing.intervalMs = readSeconds(s, 1, LEAST_S, MOST_S) ?? timing.intervalMs;
    }),
    supported('connect_timeout', '<seconds>', 'default 5', (s, { timing }) => {
      timing.connectTimeoutMs = readSeconds(s, 1, LEAST_S, MOST_CONNECT_S) ?? timing.connectTimeoutMs;
    }),
    supported(
      'retry',
      '<number>',
      'attempts before a failure counts; default 1, DNS_CHECK 3, MISC_CHECK 0',
      (s, { timing }) => {
        timing.retries = readInteger(s, 1, leastRetries, MOST_RETRIES) ?? timing.retries;
      },
    ),
    supported(
      'delay_before_retry',
      '<seconds>',
      'default 1, HTTP_GET and SSL_GET 3, DNS_CHECK delay_loop',
      (s, { timing }) => {
        timing.retryDelayMs = readSeconds(s, 1, 0, MOST_S) ?? timing.retryDelayMs;
      },
    ),
    supported(
      'warmup',
      '<seconds>',
      'the first check comes within it, at random; default delay_loop',
      (s, { timing }) => {
        timing.warmupMs = readSeconds(s, 1, 0, MOST_S) ?? timing.warmupMs;
      },
    ),
    supported('alpha', '[bool]', 'down until a check says otherwise', (s, { timing }) => {
      timing.alpha = readSwitch(s, 1) ?? timing.alpha;
    }),
    supported('log_all_failures', '[bool]', 'also those that are tried again', (s, { timing }) => {
      timing.logAllFailures = readSwitch(s, 1) ?? timing.logAllFailures;
    }),
  ];
}

export interface TimingDefaults {
  readonly retries: number;
  /** null: as long as the interval. */
  readonly retryDelayMs: number | null;
}

export const USUAL: TimingDefaults = { retries: 1, retryDelayMs: 1000 };
const INTERVAL_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;

/** `said`: the nearest first. */
export function resolveTiming(said: readonly TimingDraft[], usual: TimingDefaults): CheckTiming {
  const first = <K extends keyof TimingDraft>(key: K): TimingDraft[K] | null =>
    said.find((one) => one[key] !== null)?.[key] ?? null;
  const intervalMs = first('intervalMs') ?? INTERVAL_MS;
  return {
    intervalMs,
    connectTimeoutMs: first('connectTimeoutMs') ?? CONNECT_TIMEOUT_MS,
    retries: first('retries') ?? usual.retries,
    retryDelayMs: first('retryDelayMs') ?? usual.retryDelayMs ?? intervalMs,
    warmupMs: first('warmupMs') ?? intervalMs,
    alpha: first('alpha') ?? false,
    logAllFailures: first('logAllFailures') ?? false,
  };
}
