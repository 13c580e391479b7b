/** Stats sockets of a pair that runs without proxies. */
import { StatsServer } from '../admin/stats-server.ts';
import type { PairModel } from '../config/pair-model.ts';
import { formatProblem } from '../config/report.ts';
import { packageVersion } from '../core/package-version.ts';
import type { Chronicle } from '../daemon/chronicle.ts';
import type { Journal } from '../daemon/journal.ts';
import type { Pair } from '../daemon/pair.ts';
import { PairAlone } from '../daemon/pair-alone.ts';
import type { Reloads } from '../daemon/reloads.ts';
import { withoutProxies } from './configuration.ts';
import { environment } from './environment.ts';
import { passedToPair } from './passed.ts';

export interface StatsOfPairParts {
  readonly pair: Pair;
  readonly journal: Journal;
  readonly chronicle: Chronicle;
  readonly reloads: Pick<Reloads, 'ask' | 'counts'>;
}

export class StatsOfPair {
  readonly pair: PairAlone;
  #server: StatsServer | null = null;

  constructor(model: PairModel, { pair, journal, chronicle, reloads }: StatsOfPairParts) {
    const reload = () => reloads.ask();
    const whole = { model: withoutProxies(model), pair, journal, chronicle };
    this.pair = new PairAlone({ ...whole, reload, reloadCounts: reloads.counts, passed: passedToPair() });
  }

  /** Whether all of them could be had; otherwise nothing has changed, and why was said. */
  listen(model: PairModel, journal: Journal): boolean {
    const problems = this.pair.listen(withoutProxies(model));
    for (const problem of problems) journal.alert(formatProblem(problem));
    const options = { environment, packageVersion: packageVersion() };
    if (this.#server === null) this.#server = new StatsServer(() => this.pair.admin, options);
    else this.#server.follow();
    return problems.length === 0;
  }

  stop(): void {
    this.pair.stop();
  }

  end(): void {
    this.pair.end();
  }
}
