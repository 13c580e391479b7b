/**
 * Notify scripts: one after the other, in the order of what happened, each with a time-out; so the last one that runs is
 * about the last state. Without a shell, as the user that the file names.
 */
import type { NotifyScripts, ScriptCommand } from '../config/pair-model.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { NotifyState } from './election-types.ts';
import type { VrrpJournal } from './journal.ts';

const TIMEOUT_MS = 60_000;
/** Scripts that take longer than states do: what has waited longest is dropped, and that is said. */
const QUEUE_LIMIT = 1000;

/** Who it is about: keepalived's `INSTANCE VI_1 MASTER 150`. */
export interface Subject {
  readonly kind: 'INSTANCE' | 'GROUP';
  readonly name: string;
  readonly priority: number;
}

interface Job {
  readonly command: ScriptCommand;
  readonly argv: readonly string[];
}

export class Notifier {
  readonly #runner: CommandRunner;
  readonly #resolveUser: ResolveUser;
  readonly #journal: VrrpJournal;
  readonly #queue: Job[] = [];
  #running: Promise<void> | null = null;

  constructor(runner: CommandRunner, resolveUser: ResolveUser, journal: VrrpJournal) {
    this.#runner = runner;
    this.#resolveUser = resolveUser;
    this.#journal = journal;
  }

  /** keepalived's order: the script for the state, then `notify`. */
  tell(scripts: NotifyScripts, subject: Subject, state: NotifyState): void {
    const own = { MASTER: scripts.master, BACKUP: scripts.backup, FAULT: scripts.fault, STOP: scripts.stop }[state];
    if (own !== null) this.#add({ command: own, argv: own.argv });
    const { general } = scripts;
    if (general === null) return;
    const { kind, name, priority } = subject;
    this.#add({ command: general, argv: [...general.argv, kind, name, state, String(priority)] });
  }

  run(command: ScriptCommand): void {
    this.#add({ command, argv: command.argv });
  }

  /** Resolves when the queue is empty. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #add(job: Job): void {
    if (this.#queue.length >= QUEUE_LIMIT) {
      const dropped = this.#queue.shift();
      this.#journal.warning(`too many notify scripts are waiting; ${dropped?.argv.join(' ')} is not run`);
    }
    this.#queue.push(job);
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    // Whoever asked for this has more to do before programs start.
    await Promise.resolve();
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      const who = this.#resolveUser(job.command.user, job.command.group);
      if (typeof who === 'string') {
        this.#journal.warning(`notify script ${job.argv[0]}: ${who}`);
        continue;
      }
      const { exitCode, how } = await this.#runner.run(job.argv, { ...who, timeoutMs: TIMEOUT_MS });
      if (exitCode !== 0) this.#journal.warning(`notify script ${job.argv.join(' ')}: ${how}`);
    }
    this.#running = null;
  }
}
