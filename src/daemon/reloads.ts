/**
 * Reloads, one after the other, whoever asks for them: signals, the stats socket. What is asked for while one is under way is
 * done once more afterwards, however often it was. What is said meanwhile goes to the journal, and to the one who asked.
 */
import { formatProblem } from '../config/report.ts';
import type { Problem } from '../core/problem.ts';
import type { Chronicle } from './chronicle.ts';
import type { Journal } from './journal.ts';
import type { Systemd } from './systemd.ts';

export interface ReloadReport {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

/** What a reload says, and to whom. */
export interface ReloadVoice {
  readonly journal: Journal;
  readonly tell: (problems: readonly Problem[]) => void;
}

export interface ReloadSetup {
  readonly journal: Journal;
  readonly systemd: Systemd;
  readonly chronicle: Chronicle;
  /** How problems of files are told. */
  readonly tell: (problems: readonly Problem[], journal: Journal) => void;
  /** Whether what the files say now runs; where not, nothing has changed. */
  readonly reload: (voice: ReloadVoice) => Promise<boolean>;
}

export class Reloads {
  readonly #setup: ReloadSetup;
  #running: Promise<ReloadReport> | null = null;
  #next: Promise<ReloadReport> | null = null;
  /** How they ended. */
  readonly counts = { done: 0, failed: 0, failedInARow: 0 };

  constructor(setup: ReloadSetup) {
    this.#setup = setup;
  }

  /** Resolves with the report of one that began after this. */
  ask(): Promise<ReloadReport> {
    if (this.#running === null) return this.#begin();
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<ReloadReport> {
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<ReloadReport> {
    const { journal, systemd, chronicle, tell, reload } = this.#setup;
    const lines: string[] = [];
    /** What was wrong first. */
    let wrong: string | null = null;
    const heard =
      (say: (text: string) => void) =>
      (text: string): void => {
        lines.push(text);
        say(text);
      };
    const alert = (text: string): void => {
      wrong ??= text;
      journal.alert(text);
    };
    const voice: ReloadVoice = {
      journal: { notice: heard(journal.notice), warning: heard(journal.warning), alert: heard(alert) },
      tell: (problems) => {
        for (const problem of problems) {
          lines.push(formatProblem(problem));
          if (problem.severity === 'error') wrong ??= formatProblem(problem).split('\n')[0] ?? '';
        }
        tell(problems, journal);
      },
    };
    systemd.reloading();
    let ok = false;
    try {
      ok = await reload(voice);
    } catch (error) {
      voice.journal.alert(`reload: ${error instanceof Error ? error.message : error}`);
    }
    systemd.reloaded();
    if (ok) this.counts.done++;
    else this.counts.failed++;
    this.counts.failedInARow = ok ? 0 : this.counts.failedInARow + 1;
    chronicle.noteReload(ok, wrong ?? '');
    return { ok, lines };
  }
}
