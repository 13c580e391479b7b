/**
 * How the control process does: how late its event loop is, and how long garbage is collected. Both would be a failover if they
 * were long. Watched from the start on, into histograms that nobody sets back: several may scrape.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { Histogram, type Registry } from 'prom-client';
import type { Clock, Timer, Timers } from '../../core/clock.ts';

/** How often the loop is asked to be there. */
const LAG_EVERY_MS = 100;
const BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3];

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

export class ControlLoop {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #lag: Histogram;
  readonly #collections: Histogram<'kind'>;
  readonly #observer: PerformanceObserver;
  #timer: Timer | null = null;

  constructor(registry: Registry, clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.#lag = new Histogram({
      name: 'tandem_control_loop_lag_seconds',
      help: `How late the event loop of the control process is, asked every ${LAG_EVERY_MS} ms.`,
      buckets: BUCKETS_S,
      registers: [registry],
    });
    this.#collections = new Histogram({
      name: 'tandem_control_gc_duration_seconds',
      help: 'How long the control process collected garbage.',
      labelNames: ['kind'],
      buckets: BUCKETS_S,
      registers: [registry],
    });
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        this.#collections.observe({ kind: kindOf(entry) }, entry.duration / 1000);
      }
    });
  }

  start(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#wait();
  }

  stop(): void {
    this.#observer.disconnect();
    this.#timer?.cancel();
  }

  #wait(): void {
    const dueMs = this.#clock.monotonicMs() + LAG_EVERY_MS;
    this.#timer = this.#timers.after(LAG_EVERY_MS, () => {
      this.#lag.observe(Math.max(0, this.#clock.monotonicMs() - dueMs) / 1000);
      this.#wait();
    });
  }
}

/** Node tells it in a field that its types do not know. */
function kindOf(entry: PerformanceEntry): string {
  const detail: unknown = 'detail' in entry ? entry.detail : null;
  const kind = typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : null;
  return (typeof kind === 'number' ? GC_KINDS[kind] : undefined) ?? 'other';
}
