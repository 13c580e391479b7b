/**
 * All metrics for one scrape, in pieces that others have their turns between:
 *
 *   show info, show stat ─▶ haproxy_…      pair ─▶ keepalived_…, tandem_vrrp_…, tandem_lvs_…      the program itself ─▶ tandem_…
 *
 * Not here: which path and which listener (src/web/pages.ts).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HAPROXY_VERSION } from '../../config/haproxy/identity.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
import type { PairSide } from '../../daemon/pair-side.ts';
import type { ControlMetricsSetup } from './control-metrics.ts';
import { GrowingSums } from './growing-sums.ts';
import { l4Text } from './l4-text.ts';
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
  readonly pair: Pick<PairSide, 'figures' | 'virtualServers' | 'look'> | null;
}

export interface MetricsSetup extends ControlMetricsSetup {
  /** As it is at the moment, which a reload changes. */
  readonly side: () => MetricsSide;
}

export class Metrics {
  readonly #setup: MetricsSetup;
  #own: Promise<OwnMetrics> | null = null;
  readonly #sums = new GrowingSums();
  #stopped = false;
  #scrapes = 0;

  constructor(setup: MetricsSetup) {
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
  answer(query: string): AsyncIterable<string> | 'bad query' | 'busy' {
    const parsed = parseMetricsQuery(query);
    if (parsed === null) return 'bad query';
    return this.#scrapes >= SCRAPES_MAX ? 'busy' : this.#scrape(parsed);
  }

  async *#scrape(query: MetricsQuery): AsyncIterable<string> {
    this.#scrapes++;
    try {
      yield* this.#pieces(query);
    } finally {
      this.#scrapes--;
    }
  }

  async *#pieces(query: MetricsQuery): AsyncIterable<string> {
    const { scopes } = query;
    yield* this.#ofProxies(query);
    const { pair, proxies } = this.#setup.side();
    if (pair !== null) {
      const figures = pair.figures();
      if (scopes.has('keepalived')) yield keepalivedText(figures, query);
      if (scopes.has('tandem')) yield pairText(figures, query);
      yield* l4Text(pair, query, this.#sums, nextTurn);
    }
    if (scopes.has('tandem')) yield await (await this.#ownMetrics()).text(proxies?.program() ?? null, query);
  }

  async *#ofProxies(query: MetricsQuery): AsyncIterable<string> {
    const { proxies } = this.#setup.side();
    if (proxies?.program().hasProxies !== true) return;
    const { statistics } = proxies;
    const snapshot = await takeSnapshot(statistics, query, nextTurn);
    if (snapshot === null) {
      yield* this.#ofProxies(query);
      return;
    }
    if (query.scopes.has('global')) yield processText(statistics.process(), this.#version, query);
    for (const table of [snapshot.frontend, snapshot.backend, snapshot.server]) {
      for (const piece of tableText(table)) {
        yield piece;
        await nextTurn();
      }
    }
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
