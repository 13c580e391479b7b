/**
 * All metrics for one scrape, in pieces that others have their turns between:
 *
 *   show info, show stat ─▶ haproxy_…      pair ─▶ keepalived_…, tandem_vrrp_…      the program itself ─▶ tandem_…
 *
 * Not here: which path and which listener (src/web/pages.ts).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HAPROXY_VERSION } from '../../config/haproxy/identity.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
import type { PairSide } from '../../daemon/pair-side.ts';
import type { ControlMetricsSetup } from './control-metrics.ts';
import { type MetricsQuery, parseMetricsQuery } from './metrics-query.ts';
import type { OwnMetrics } from './own-metrics.ts';
import { keepalivedText, pairText } from './pair-text.ts';
import { processText } from './process-families.ts';
import { takeSnapshot } from './proxy-snapshot.ts';
import { tableText } from './proxy-text.ts';

/** Each holds all numbers while it is read: with ten thousand servers 5 MB. */
const SCRAPES_MAX = 8;

/** What there is to tell of. */
export interface MetricsSide {
  /** null: no haproxy.cfg. */
  readonly proxies: Pick<AdminSide, 'statistics' | 'program'> | null;
  /** null: no keepalived.conf. */
  readonly pair: Pick<PairSide, 'figures'> | null;
}

export class Metrics {
  readonly #setup: ControlMetricsSetup;
  #own: Promise<OwnMetrics> | null = null;
  #stopped = false;
  #scrapes = 0;

  constructor(setup: ControlMetricsSetup) {
    this.#setup = setup;
  }

  /** Somebody is going to ask: what has to be watched is watched from now on. */
  start(): void {
    void this.#ownMetrics();
  }

  stop(): void {
    this.#stopped = true;
    void this.#own?.then((own) => own.stop());
  }

  /** `query`: what follows `?`, as it came. */
  answer(side: MetricsSide, query: string): AsyncIterable<string> | 'bad query' | 'busy' {
    const parsed = parseMetricsQuery(query);
    if (parsed === null) return 'bad query';
    return this.#scrapes >= SCRAPES_MAX ? 'busy' : this.#scrape(side, parsed);
  }

  async *#scrape(side: MetricsSide, query: MetricsQuery): AsyncIterable<string> {
    this.#scrapes++;
    try {
      yield* this.#pieces(side, query);
    } finally {
      this.#scrapes--;
    }
  }

  async *#pieces({ proxies, pair }: MetricsSide, query: MetricsQuery): AsyncIterable<string> {
    const { scopes } = query;
    const program = proxies?.program() ?? null;
    if (proxies !== null && program?.hasProxies === true) {
      if (scopes.has('global')) yield processText(proxies.statistics.process(), this.#version, query);
      const { frontend, backend, server } = await takeSnapshot(proxies.statistics, query, nextTurn);
      for (const table of [frontend, backend, server]) {
        for (const piece of tableText(table)) {
          yield piece;
          await nextTurn();
        }
      }
    }
    if (pair !== null) {
      const figures = pair.figures();
      if (scopes.has('keepalived')) yield keepalivedText(figures, query);
      if (scopes.has('tandem')) yield pairText(figures, query);
    }
    if (scopes.has('tandem')) yield await (await this.#ownMetrics()).text(program, query);
  }

  /** As the stats socket says it. */
  get #version(): string {
    return `${HAPROXY_VERSION}-tandem-${this.#setup.packageVersion}`;
  }

  #ownMetrics(): Promise<OwnMetrics> {
    this.#own ??= import('./own-metrics.ts').then((module) => {
      const own = new module.OwnMetrics(this.#setup);
      if (this.#stopped) own.stop();
      return own;
    });
    return this.#own;
  }
}
