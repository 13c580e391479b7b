/** The part of tandem-haproxy that serves, and how it ends, in HAProxy's exit codes. */
import type { Model } from '../config/model.ts';
import { systemTimers } from '../core/clock.ts';
import { type End, startControl } from '../daemon/control.ts';
import type { Journal } from '../daemon/journal.ts';
import { writePidFile } from '../daemon/pid-file.ts';
import { reloadProxies } from '../daemon/reload-proxies.ts';
import { Reloads } from '../daemon/reloads.ts';
import { statusLine } from '../daemon/service-status.ts';
import { standInFor } from '../daemon/stand-in.ts';
import { Systemd } from '../daemon/systemd.ts';
import { environment } from './environment.ts';
import type { HaproxyArguments } from './haproxy-arguments.ts';
import { reportProblems } from './haproxy-report.ts';
import { masterSockets } from './master-sockets.ts';
import { obedienceOf } from './obedience.ts';
import { ownPassed } from './passed.ts';
import type { SignalWatch } from './signals.ts';
import { serveStats } from './stats.ts';
import { Web } from './web.ts';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

/** `serving` is called as soon as clients are answered. */
export async function serve(
  args: HaproxyArguments,
  model: Model,
  journal: Journal,
  signals: SignalWatch,
  serving: () => Promise<void>,
  readAgain: (journal: Journal) => Model | null,
): Promise<number> {
  standInFor('haproxy', process.argv.slice(2));
  const masterWorker = args.masterWorker || model.global.masterWorker;
  const masters = masterSockets(masterWorker ? args.masterSockets : []);
  if (!masterWorker) for (const value of args.masterSockets) journal.warning(`-S ${value} is ignored without -W`);
  reportProblems(masters.problems, journal);
  if (masters.sockets.length < (masterWorker ? args.masterSockets.length : 0)) return EXIT_FAILED;
  const outcome = await startControl({
    model,
    journal,
    reusePort: args.reusePort,
    predecessors: args.oldPids,
    tolerateUnknownHosts: args.tolerateUnknownHosts,
    maxconn: args.maxconn,
    proxyMaxconn: args.proxyMaxconn,
    memoryMib: args.memoryMib,
    masterSockets: masters.sockets,
    environment,
    passed: ownPassed(),
  });
  reportProblems(outcome.problems, journal);
  if (!outcome.ok) {
    journal.alert(`[tandem-haproxy] ${outcome.message ?? 'Some listeners or servers cannot be had! Exiting.'}`);
    return EXIT_FAILED;
  }
  const { control } = outcome;
  serveStats(control);
  const web = new Web({ journal, control, addresses: [] });
  const watched = args.notify ? environment : {};
  const systemd = new Systemd({ environment: watched, journal, timers: systemTimers });
  const reloads = new Reloads({
    ...{ journal, systemd, chronicle: control.chronicle, tell: reportProblems },
    reload: async (voice) => {
      voice.journal.notice('Reloading');
      const again = readAgain(voice.journal);
      return again !== null && (await reloadProxies(control, again, voice));
    },
  });
  signals.attach(obedienceOf(control, reloads, systemd), masterWorker);
  const pidFile = args.pidFile ?? model.global.pidFile;
  const trouble = pidFile === null ? null : writePidFile(pidFile, process.pid);
  if (trouble !== null) {
    journal.alert(trouble);
    control.stop();
    await control.ended;
    return EXIT_FAILED;
  }
  stopOldOnes(args);
  systemd.ready(() => statusLine(control, null));
  await serving();
  const end = await control.ended;
  web.close();
  systemd.end();
  return finish(end, signals, masterWorker);
}

function stopOldOnes({ oldPids, oldSignal }: HaproxyArguments): void {
  for (const pid of oldPids) {
    try {
      process.kill(pid, oldSignal);
    } catch {
      // It has ended already: that is what we wanted.
    }
  }
}

/**
 * As HAProxy ends: after a soft stop with 0; as a master with 0 after SIGTERM and 130 after SIGINT; otherwise by the very
 * signal, which supervisors tell from an exit code.
 */
async function finish(end: End, signals: SignalWatch, masterWorker: boolean): Promise<number> {
  signals.release();
  const signal = signals.stoppedBy;
  if (end === 'drained' || signal === null) return 0;
  if (masterWorker) return signal === 'SIGTERM' ? 0 : EXIT_INTERRUPTED;
  process.kill(process.pid, signal);
  // The signal is on its way; a background process may have it ignored.
  await new Promise((resolve) => setImmediate(resolve));
  return 128 + (signal === 'SIGTERM' ? 15 : 2);
}
