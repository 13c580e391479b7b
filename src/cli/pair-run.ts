/** The pair's half of `tandem run` and all of tandem-keepalived: from a model to something that obeys signals. */
import type { PairModel } from '../config/pair-model.ts';
import { systemTimers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import type { Control } from '../daemon/control.ts';
import type { Journal } from '../daemon/journal.ts';
import { startPair } from '../daemon/pair.ts';
import { goFirst, systemSetup } from '../daemon/pair-system.ts';
import { PairedControl } from '../daemon/paired-control.ts';
import { environmentWith } from './environment.ts';

export interface PairRun {
  readonly model: PairModel;
  /** null: no proxies. */
  readonly control: Control | null;
  readonly journal: Journal;
  readonly releaseAddresses: boolean;
  readonly readAgain: () => { readonly pair: PairModel | null; readonly problems: readonly Problem[] };
  /** How problems of a file that is read again are told. */
  readonly tell: (problems: readonly Problem[]) => void;
}

/** null: it cannot be, and why was said. */
export async function runPair(run: PairRun): Promise<PairedControl | null> {
  const { model, control, journal, releaseAddresses } = run;
  goFirst(model, journal);
  const setup = systemSetup(model, journal, control?.dataPath ?? null, environmentWith({}));
  const outcome = await startPair(model, setup);
  if (!outcome.ok) {
    for (const message of outcome.messages) journal.alert(message);
    return null;
  }
  const { pair } = outcome;
  const readAgain = (): PairModel | null => {
    const { pair: again, problems } = run.readAgain();
    run.tell(problems);
    return again;
  };
  return new PairedControl({ pair, control, journal, timers: systemTimers, readAgain, releaseAddresses });
}
