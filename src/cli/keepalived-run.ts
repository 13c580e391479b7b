/**
 * What keepalived does with its command line when it is to run: load, go into the background or not, serve until a signal
 * ends it. Errors in the file end it with keepalived's exit code for that.
 */
import { withSubsystems } from '../config/keepalived/subsystems.ts';
import { formatProblem } from '../config/report.ts';
import { trackedNameProblems, untrackedServerProblems } from '../config/tracked-names.ts';
import { systemClock } from '../core/clock.ts';
import { packageVersion } from '../core/package-version.ts';
import type { Problem } from '../core/problem.ts';
import { BackgroundSide } from '../daemon/background.ts';
import type { Journal } from '../daemon/journal.ts';
import { removePidFile, writePidFile } from '../daemon/pid-file.ts';
import { startDetached } from '../daemon/spawn.ts';
import { standInFor } from '../daemon/stand-in.ts';
import { standardError } from '../daemon/standard-error.ts';
import { consoleJournal, keepalivedJournal } from '../daemon/syslog.ts';
import { loadPairConfiguration, type PairConfiguration } from './configuration.ts';
import { environmentWith } from './environment.ts';
import type { KeepalivedArguments } from './keepalived-arguments.ts';
import { runPair } from './pair-run.ts';
import { closePassed, DETACHED, isDetached } from './passed.ts';
import type { SignalWatch } from './signals.ts';
import { Web } from './web.ts';

const EXIT_FINE = 0;
const EXIT_FAILED = 1;
/** KEEPALIVED_EXIT_CONFIG */
const EXIT_CONFIG = 2;

const DEFAULT_PID_FILE = '/run/keepalived.pid';

export async function runKeepalived(args: KeepalivedArguments, signals: SignalWatch): Promise<number> {
  if (args.foreground)
    return serve(args, signals, standardError.write, async () => standardError.neverWait(consoleJournal));
  if (isDetached()) {
    const side = new BackgroundSide();
    return serve(args, signals, side.write, () => side.report({ type: 'serving' }));
  }
  closePassed((sentence) => process.stderr.write(`tandem-keepalived: ${sentence}\n`));
  const served = await startDetached(process.argv.slice(1), environmentWith({ [DETACHED]: '1' }), new Set());
  return served ? EXIT_FINE : EXIT_FAILED;
}

async function serve(
  args: KeepalivedArguments,
  signals: SignalWatch,
  write: (text: string) => void,
  serving: () => Promise<void>,
): Promise<number> {
  standInFor('keepalived', process.argv.slice(2));
  const console = args.logConsole || !args.foreground ? write : null;
  const wallMs = () => systemClock.wallMs();
  const journal = keepalivedJournal({ syslog: args.syslog, facility: args.facility, console, wallMs });
  journal.notice(`Starting Tandem v${packageVersion()}`);
  for (const sentence of args.ignored) journal.warning(sentence);
  const read = (): PairConfiguration => {
    const { pair, problems } = loadPairConfiguration([args.file], args.configId, args.strictIncludes);
    if (pair === null) return { pair, problems };
    return {
      pair: withSubsystems(pair, args),
      problems: [
        ...problems,
        ...trackedNameProblems(pair, null),
        ...(args.checkers ? [] : untrackedServerProblems(pair)),
      ],
    };
  };
  const { pair: model, problems } = read();
  // Whoever starts it by hand sees what is wrong, wherever the log goes.
  tell(problems, journal, console === null ? write : null);
  if (model === null) return EXIT_CONFIG;
  const web = new Web({ journal, control: null, addresses: [] });
  if (!web.listen(model)) {
    web.close();
    return EXIT_FAILED;
  }
  const paired = await runPair({
    model,
    control: null,
    journal,
    releaseAddresses: args.releaseAddresses,
    readAgain: () => ({ ...read(), model: null }),
    tell: (again) => tell(again, journal, null),
    web,
  });
  if (paired === null) {
    web.close();
    return EXIT_CONFIG;
  }
  signals.attach(paired.obedient, true);
  if (args.dump) for (const line of paired.describe().trimEnd().split('\n')) journal.notice(line);
  const { vrrpPidFile, checkersPidFile } = args;
  const pidFiles = [args.pidFile ?? DEFAULT_PID_FILE, vrrpPidFile, checkersPidFile].filter((file) => file !== null);
  for (const file of pidFiles) {
    const trouble = writePidFile(file, process.pid);
    if (trouble !== null) journal.warning(trouble);
  }
  journal.notice('Startup complete');
  paired.ready();
  await serving();
  await paired.ended;
  web.close();
  signals.release();
  // keepalived's are gone with it, and scripts look for that.
  for (const file of pidFiles) removePidFile(file);
  journal.notice('Stopped');
  return EXIT_FINE;
}

function tell(problems: readonly Problem[], journal: Journal, write: ((text: string) => void) | null): void {
  for (const problem of problems) {
    const text = formatProblem(problem);
    write?.(`${text}\n`);
    if (problem.severity === 'error') journal.alert(text);
    else journal.warning(text);
  }
}
