/** `tandem run`: the daemon in the foreground, until a signal ends it. */
import type { Model } from '../config/model.ts';
import type { PairModel } from '../config/pair-model.ts';
import { formatProblem } from '../config/report.ts';
import { systemTimers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { type Control, startControl } from '../daemon/control.ts';
import { type Journal, plainJournal, type WriteLine } from '../daemon/journal.ts';
import { writePidFile } from '../daemon/pid-file.ts';
import { reloadProxies } from '../daemon/reload-proxies.ts';
import { Reloads, type ReloadVoice } from '../daemon/reloads.ts';
import { statusLine } from '../daemon/service-status.ts';
import { standardError } from '../daemon/standard-error.ts';
import { Systemd } from '../daemon/systemd.ts';
import type { WebAddress } from '../daemon/web-listener.ts';
import { type Configuration, loadWhole } from './configuration.ts';
import { environment } from './environment.ts';
import { obedienceOf } from './obedience.ts';
import { runPair } from './pair-run.ts';
import { ownPassed } from './passed.ts';
import { SignalWatch } from './signals.ts';
import { serveStats } from './stats.ts';
import { Web } from './web.ts';

export const EXIT_FINE = 0;
export const EXIT_FAILED = 1;

export async function runCommand(paths: readonly string[], http: readonly WebAddress[]): Promise<number> {
  const signals = new SignalWatch();
  const configuration = loadWhole(paths);
  printProblems(configuration.problems);
  const { model, pair, hasProxies } = configuration;
  if (model === null) return EXIT_FAILED;
  const journal = await standardJournal();
  if (pair === null)
    return runConfiguration(
      configuration,
      journal,
      () => {},
      signals,
      () => loadWhole(paths),
      http,
    );
  return runBoth(hasProxies ? model : null, pair, paths, journal, signals, http);
}

/**
 * `serving` is called as soon as clients are answered, with the addresses of the web server. `readAgain`: for a reload. `http`: where the web server of the control
 * process listens.
 */
export async function runConfiguration(
  { model }: Configuration,
  journal: Journal,
  serving: (urls: readonly string[]) => void,
  signals: SignalWatch,
  readAgain: () => Configuration,
  http: readonly WebAddress[],
): Promise<number> {
  if (model === null) return EXIT_FAILED;
  const control = await startProxies(model, journal);
  if (control === null) return EXIT_FAILED;
  const web = new Web({ journal, control, addresses: http });
  const systemd = new Systemd({ environment, journal, timers: systemTimers });
  const reloads = new Reloads({
    ...{ journal, systemd, chronicle: control.chronicle, tell: printProblems },
    reload: (voice) => reload(control, readAgain(), voice),
  });
  signals.attach(obedienceOf(control, reloads, systemd), true);
  const fine = web.listen(null) && sayServing(model, control, journal);
  await serveWhoeverReads();
  if (fine) {
    systemd.ready(() => statusLine(control, null));
    serving(web.urls);
  } else control.stop();
  await control.ended;
  web.close();
  systemd.end();
  signals.release();
  return fine ? EXIT_FINE : EXIT_FAILED;
}

/** The proxies first: addresses come to a box that can serve. */
async function runBoth(
  model: Model | null,
  pair: PairModel,
  paths: readonly string[],
  journal: Journal,
  signals: SignalWatch,
  http: readonly WebAddress[],
): Promise<number> {
  const control = model === null ? null : await startProxies(model, journal);
  const web = new Web({ journal, control, addresses: http });
  const fine = web.listen(pair) && (model === null || (control !== null && sayServing(model, control, journal)));
  const giveUp = async (): Promise<number> => {
    web.close();
    control?.stop();
    await control?.ended;
    return EXIT_FAILED;
  };
  if (!fine) return giveUp();
  await serveWhoeverReads();
  const paired = await runPair({
    model: pair,
    control,
    journal,
    releaseAddresses: true,
    readAgain: () => loadWhole(paths),
    tell: printProblems,
    web,
  });
  if (paired === null) return giveUp();
  signals.attach(paired.obedient, true);
  paired.ready();
  await paired.ended;
  web.close();
  signals.release();
  return EXIT_FINE;
}

async function reload(control: Control, { model, problems }: Configuration, voice: ReloadVoice): Promise<boolean> {
  voice.journal.notice('Reloading');
  voice.tell(problems);
  if (model !== null) return reloadProxies(control, model, voice);
  voice.journal.alert('the new configuration has errors: nothing was changed');
  return false;
}

/** null: it cannot be, and why was said. */
async function startProxies(model: Model, journal: Journal): Promise<Control | null> {
  if (model.global.daemon) journal.notice("'daemon' is ignored: tandem run stays in the foreground");
  const outcome = await startControl({
    model,
    journal,
    reusePort: false,
    tolerateUnknownHosts: false,
    maxconn: null,
    proxyMaxconn: 0,
    memoryMib: null,
    environment,
    passed: ownPassed(),
  });
  printProblems(outcome.problems);
  if (outcome.ok) {
    serveStats(outcome.control);
    return outcome.control;
  }
  if (outcome.message !== null) journal.alert(outcome.message);
  return null;
}

/** Writes the pid file, too; false: it could not. */
function sayServing(model: Model, control: Control, journal: Journal): boolean {
  const { pidFile } = model.global;
  const trouble = pidFile === null ? null : writePidFile(pidFile, process.pid);
  if (trouble === null) journal.notice(`serving ${listenerNames(control.plan)}`);
  else journal.alert(trouble);
  return trouble === null;
}

/** People get sentences, collectors get JSON. */
async function journalShape(): Promise<(write: WriteLine) => Journal> {
  return process.stderr.isTTY ? plainJournal : (await import('./json-journal.ts')).jsonJournal;
}

export async function standardJournal(): Promise<Journal> {
  return (await journalShape())(standardError.write);
}

/** It is a daemon from now on. */
async function serveWhoeverReads(): Promise<void> {
  standardError.neverWait(await journalShape());
}

export function printProblems(problems: readonly Problem[]): void {
  for (const problem of problems) standardError.write(`${formatProblem(problem)}\n`);
}

function listenerNames(plan: { readonly listeners: readonly { readonly name: string }[] }): string {
  return plan.listeners.map((listener) => listener.name).join(', ');
}
