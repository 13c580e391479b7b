/** The pair's half of `tandem run` and all of tandem-keepalived: from a model to something that obeys signals. */
import type { PairModel } from '../config/pair-model.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { Chronicle } from '../daemon/chronicle.ts';
import type { Control } from '../daemon/control.ts';
import type { Journal } from '../daemon/journal.ts';
import { startPair } from '../daemon/pair.ts';
import { dumpFolder, PairDumps } from '../daemon/pair-dumps.ts';
import { systemSetup } from '../daemon/pair-system.ts';
import { type ConfigurationAgain, PairedControl } from '../daemon/paired-control.ts';
import { statusLine } from '../daemon/service-status.ts';
import { Systemd } from '../daemon/systemd.ts';
import { environment, environmentWith } from './environment.ts';
import type { Obedient } from './signals.ts';
import { StatsOfPair } from './stats-of-pair.ts';
import type { Web } from './web.ts';

export interface PairRun {
  readonly model: PairModel;
  /** null: no proxies. */
  readonly control: Control | null;
  readonly journal: Journal;
  readonly releaseAddresses: boolean;
  readonly readAgain: () => ConfigurationAgain;
  /** How problems of a file that is read again are told. */
  readonly tell: (problems: readonly Problem[], journal: Journal) => void;
  /** Shows the pair, and listens where its file says. */
  readonly web: Web;
}

export interface RunningPair {
  /** For signals. USR1 and USR2 ask for dumps where there are no proxies to which they mean something else. */
  readonly obedient: Obedient;
  /** Everything as it is now, in the lines of keepalived's dump. */
  readonly describe: () => string;
  /** To be called once it serves: systemd hears of it. */
  readonly ready: () => void;
  readonly ended: Promise<void>;
}

/** null: it cannot be, and why was said. */
export async function runPair(run: PairRun): Promise<RunningPair | null> {
  const { model, control, journal, releaseAddresses } = run;
  const chronicle = control?.chronicle ?? new Chronicle(systemClock);
  const setup = systemSetup(journal, control, environmentWith({}));
  const outcome = await startPair(model, { ...setup, chronicle });
  if (!outcome.ok) {
    for (const message of outcome.messages) journal.alert(message);
    return null;
  }
  const { pair } = outcome;
  control?.showPair(pair);
  const { readAgain, tell, web } = run;
  const systemd = new Systemd({ environment, journal, timers: systemTimers });
  const parts = { pair, control, journal, timers: systemTimers, systemd, chronicle, readAgain, tell, releaseAddresses };
  const paired = new PairedControl({ ...parts, reloaded: (again, voice) => reloaded(again, voice) });
  const alone = control === null ? new StatsOfPair(model, { pair, journal, chronicle, reloads: paired.reloads }) : null;
  const reloaded = (again: PairModel, voice: Journal): void => {
    web.listen(again);
    alone?.listen(again, voice);
  };
  web.follow(pair, alone?.pair ?? null);
  // As with those of haproxy.cfg: what is configured and cannot be had ends the start.
  const fine = alone?.listen(model, journal) ?? true;
  if (!fine) paired.stop();
  const dumps = new PairDumps(pair, dumpFolder(environment), journal);
  const stopListening = dumps.listen();
  const user = (signal: 'SIGUSR1' | 'SIGUSR2'): void => {
    if (signal === 'SIGUSR1') dumps.data();
    else dumps.statistics(false);
  };
  const obedient: Obedient = {
    stop: () => {
      alone?.stop();
      paired.stop();
    },
    drain: () => {
      alone?.stop();
      paired.drain();
    },
    dumpStates: () => paired.dumpStates(),
    reload: () => paired.reload(),
    ...(control === null ? { user } : {}),
  };
  const ended = paired.ended.then(() => {
    stopListening();
    alone?.end();
    systemd.end();
  });
  if (!fine) {
    await ended;
    return null;
  }
  const ready = (): void => systemd.ready(() => statusLine(control, pair));
  return { obedient, describe: () => dumps.describe(), ready, ended };
}
