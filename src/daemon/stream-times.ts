/** What the streams of a server, or of a backend, took: averages, fed with totals that somebody looked at. */
import { SlidingAverage } from './sliding-average.ts';
import type { TimesView } from './views.ts';

/** Totals so far, in milliseconds. */
export interface TimeTotals {
  readonly streams: number;
  readonly queueMs: number;
  readonly connectMs: number;
  readonly responseMs: number;
  readonly totalMs: number;
}

/** The longest of each. */
export type LongestTimes = Pick<TimesView, 'queueMaxMs' | 'connectMaxMs' | 'responseMaxMs' | 'totalMaxMs'>;

const NONE: TimeTotals = { streams: 0, queueMs: 0, connectMs: 0, responseMs: 0, totalMs: 0 };

export class StreamTimes {
  readonly #queue = new SlidingAverage();
  readonly #connect = new SlidingAverage();
  readonly #response = new SlidingAverage();
  readonly #total = new SlidingAverage();
  #seen = NONE;

  /** Returns what is new in these totals. */
  look(now: TimeTotals): TimeTotals {
    const seen = this.#seen;
    this.#seen = now;
    const fresh = {
      streams: now.streams - seen.streams,
      queueMs: now.queueMs - seen.queueMs,
      connectMs: now.connectMs - seen.connectMs,
      responseMs: now.responseMs - seen.responseMs,
      totalMs: now.totalMs - seen.totalMs,
    };
    this.feed(fresh);
    return fresh;
  }

  feed({ streams, queueMs, connectMs, responseMs, totalMs }: TimeTotals): void {
    this.#queue.feed(streams, queueMs);
    this.#connect.feed(streams, connectMs);
    this.#response.feed(streams, responseMs);
    this.#total.feed(streams, totalMs);
  }

  /** From here on totals begin at nothing, too. */
  clear(): void {
    for (const average of [this.#queue, this.#connect, this.#response, this.#total]) average.clear();
    this.#seen = NONE;
  }

  view(longest: LongestTimes): TimesView {
    return {
      queueMs: this.#queue.valueMs,
      connectMs: this.#connect.valueMs,
      responseMs: this.#response.valueMs,
      totalMs: this.#total.valueMs,
      ...longest,
    };
  }
}

/** Of a backend: a stream that was timed had a server. */
export function longestOf(servers: readonly { readonly times: TimesView }[]): LongestTimes {
  const most = (figure: (times: TimesView) => number): number =>
    servers.reduce((longest, { times }) => Math.max(longest, figure(times)), 0);
  return {
    queueMaxMs: most((times) => times.queueMaxMs),
    connectMaxMs: most((times) => times.connectMaxMs),
    responseMaxMs: most((times) => times.responseMaxMs),
    totalMaxMs: most((times) => times.totalMaxMs),
  };
}
