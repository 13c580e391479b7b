/**
 * What HAProxy does with its command line, step by step: answer a question, or check, or serve, in the foreground or not.
 *
 *   load ─▶ report ─▶ (check: done) ─▶ background? ─▶ the same program again, detached; wait until it serves
 *                                          └─ no ──▶ serve ─▶ pid file ─▶ tell systemd, the old ones ─▶ … ─▶ end
 */

import { evaluateCondition } from '../config/haproxy/conditions.ts';
import { HAPROXY_ENABLED, HAPROXY_FEATURES, HAPROXY_VERSION } from '../config/haproxy/identity.ts';
import type { Model } from '../config/model.ts';
import { BackgroundSide } from '../daemon/background.ts';
import { haproxyJournal, type Journal, silentJournal } from '../daemon/journal.ts';
import { preflight } from '../daemon/preflight.ts';
import { startDetached } from '../daemon/spawn.ts';
import { standardError } from '../daemon/standard-error.ts';
import { loadConfiguration } from './configuration.ts';
import { environment, environmentWith } from './environment.ts';
import type { HaproxyArguments } from './haproxy-arguments.ts';
import { reportFatalErrors, reportProblems } from './haproxy-report.ts';
import { serve } from './haproxy-serve.ts';
import { buildText, versionText } from './haproxy-usage.ts';
import { DETACHED, isDetached, ownPassed } from './passed.ts';
import type { SignalWatch } from './signals.ts';

const EXIT_FINE = 0;
const EXIT_FAILED = 1;
const EXIT_CONDITION_UNREADABLE = 2;

export async function runHaproxy(args: HaproxyArguments, signals: SignalWatch): Promise<number> {
  switch (args.action) {
    case 'version':
      process.stdout.write(versionText());
      return EXIT_FINE;
    case 'build':
      process.stdout.write(buildText());
      return EXIT_FINE;
    case 'condition':
      return answerCondition(args.condition ?? '', foregroundJournal());
    case 'check':
    case 'run':
      return isDetached() ? runDetached(args, signals) : runForeground(args, signals);
  }
}

async function runForeground(args: HaproxyArguments, signals: SignalWatch): Promise<number> {
  const journal = foregroundJournal();
  const model = load(args, journal, true);
  if (model === null) return EXIT_FAILED;
  if (args.action === 'check') return finishCheck(args, model, journal);
  const background = args.background === 'always' || (args.background === 'configured' && model.global.daemon);
  if (!background) {
    const quiet = quietUnless(args, journal);
    return serve(args, model, quiet, signals, serveWhoeverReads, (hears) => load(args, hears, true));
  }
  const served = await startDetached(
    process.argv.slice(1),
    environmentWith({ [DETACHED]: '1' }),
    inheritedDescriptors(model),
  );
  return served ? EXIT_FINE : EXIT_FAILED;
}

async function finishCheck(args: HaproxyArguments, model: Model, journal: Journal): Promise<number> {
  const outcome = await preflight(model, args.tolerateUnknownHosts);
  if (!outcome.ok) {
    reportProblems(outcome.problems, journal);
    if (outcome.message !== null) journal.alert(`config : ${outcome.message}`);
    reportFatalErrors(outcome.problems, journal);
    return EXIT_FAILED;
  }
  if (!args.quiet) process.stdout.write('Configuration file is valid\n');
  return EXIT_FINE;
}

/** In the background: what happens while starting is still told, by way of the half that waits for it. */
async function runDetached(args: HaproxyArguments, signals: SignalWatch): Promise<number> {
  const side = new BackgroundSide();
  const journal = haproxyJournal(side.write, process.pid);
  const model = load(args, journal, false);
  if (model === null) return EXIT_FAILED;
  const quiet = quietUnless(args, journal);
  const serving = (): Promise<void> => side.report({ type: 'serving' });
  return serve(args, model, quiet, signals, serving, (hears) => load(args, hears, true));
}

/** null: there are errors, and they have been told. */
function load(args: HaproxyArguments, journal: Journal, tell: boolean): Model | null {
  if (args.folder !== null && !changeFolder(args.folder, journal)) return null;
  const { model, problems } = loadConfiguration(args.files, args.localPeer, args.diagnostics);
  if (tell) {
    for (const sentence of args.ignored) journal.warning(sentence);
    reportProblems(problems, journal);
  }
  if (model === null) {
    reportFatalErrors(problems, journal);
    return null;
  }
  if (args.zeroWarnings && problems.some((problem) => problem.severity === 'warning')) {
    journal.alert("Some warnings were found and 'zero-warning' is set. Aborting.");
    return null;
  }
  return model;
}

function changeFolder(folder: string, journal: Journal): boolean {
  try {
    process.chdir(folder);
    return true;
  } catch (error) {
    journal.alert(`Could not change to directory ${folder} : ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

function answerCondition(condition: string, journal: Journal): number {
  const facts = {
    env: { ...environment },
    version: HAPROXY_VERSION,
    features: HAPROXY_FEATURES,
    enabled: HAPROXY_ENABLED,
  };
  const { value, error } = evaluateCondition(condition, facts);
  if (error !== null) {
    journal.alert(`config : Failed to evaluate condition: ${error}`);
    return EXIT_CONDITION_UNREADABLE;
  }
  return value ? EXIT_FINE : EXIT_FAILED;
}

function foregroundJournal(): Journal {
  return haproxyJournal(standardError.write, process.pid);
}

/** It is a daemon from now on. */
async function serveWhoeverReads(): Promise<void> {
  standardError.neverWait((write) => haproxyJournal(write, process.pid));
}

/** -q is for what comes after the start; errors that end it are told in any case. */
function quietUnless(args: HaproxyArguments, journal: Journal): Journal {
  return args.quiet && !args.verbose ? { ...silentJournal, alert: journal.alert } : journal;
}

/** Sockets and log targets that the configuration names by number, and what systemd passed. */
function inheritedDescriptors(model: Model): Set<number> {
  const found = new Set(ownPassed().map(({ fd }) => fd));
  const binds = model.proxies.flatMap((proxy) => proxy.binds);
  for (const { addresses } of [...binds, ...model.global.stats.sockets.map(({ bind }) => bind)]) {
    for (const address of addresses) if (address.family === 'fd') found.add(address.fd);
  }
  for (const proxy of model.proxies) {
    for (const { sink } of proxy.logs) if (sink.kind === 'fd' && sink.fd > 2) found.add(sink.fd);
  }
  return found;
}
