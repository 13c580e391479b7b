/** `tandem run`: the daemon in the foreground, until a signal ends it. */
import { formatProblem } from '../config/report.ts';
import type { Problem } from '../core/problem.ts';
import { startControl } from '../daemon/control.ts';
import { type Journal, plainJournal } from '../daemon/journal.ts';
import { writePidFile } from '../daemon/pid-file.ts';
import { type Configuration, loadConfiguration } from './configuration.ts';
import { SignalWatch } from './signals.ts';

export const EXIT_FINE = 0;
export const EXIT_FAILED = 1;

export async function runCommand(paths: readonly string[]): Promise<number> {
  const configuration = loadConfiguration(paths, null);
  printProblems(configuration.problems);
  return runConfiguration(configuration, await standardJournal());
}

/** `serving` is called as soon as clients are answered. */
export async function runConfiguration(
  { model }: Configuration,
  journal: Journal,
  serving: () => void = () => {},
): Promise<number> {
  if (model === null) return EXIT_FAILED;
  const signals = new SignalWatch();
  if (model.global.daemon) journal.notice("'daemon' is ignored: tandem run stays in the foreground");
  const outcome = await startControl({
    model,
    journal,
    reusePort: false,
    tolerateUnknownHosts: false,
    maxconn: null,
    proxyMaxconn: 0,
    memoryMib: null,
  });
  printProblems(outcome.problems);
  if (!outcome.ok) {
    if (outcome.message !== null) journal.alert(outcome.message);
    return EXIT_FAILED;
  }
  const { control } = outcome;
  signals.attach(control, journal, false);
  const { pidFile } = model.global;
  const trouble = pidFile === null ? null : writePidFile(pidFile, process.pid);
  if (trouble !== null) {
    journal.alert(trouble);
    control.stop();
  } else {
    journal.notice(`serving ${listenerNames(control.plan)}`);
    serving();
  }
  await control.ended;
  signals.release();
  return trouble === null ? EXIT_FINE : EXIT_FAILED;
}

/** People get sentences, collectors get JSON. */
export async function standardJournal(): Promise<Journal> {
  if (process.stderr.isTTY) return plainJournal((line) => process.stderr.write(line));
  const { jsonJournal } = await import('./json-journal.ts');
  return jsonJournal();
}

export function printProblems(problems: readonly Problem[]): void {
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
}

function listenerNames(plan: { readonly listeners: readonly { readonly name: string }[] }): string {
  return plan.listeners.map((listener) => listener.name).join(', ');
}
