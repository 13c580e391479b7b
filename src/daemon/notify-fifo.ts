/**
 * `notify_fifo`: every change as a line in a named pipe, `INSTANCE "VI_1" MASTER 150`. Nobody has to read it: it is opened
 * for both directions, and what does not fit is dropped.
 */
import { closeSync, constants, lchownSync, lstatSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { NotifyFifo, ScriptCommand } from '../config/pair-model.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';

const MAKE_TIMEOUT_MS = 5000;
/** In a folder where anybody may write, a link leads to where somebody else wants. */
const FLAGS = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW;
/** It lives as long as we do. */
const SCRIPT_TIMEOUT_MS = 2 ** 31 - 1;

export class FifoWriter {
  readonly model: NotifyFifo;
  readonly #fd: number;
  readonly #made: boolean;
  #closed = false;

  private constructor(model: NotifyFifo, fd: number, made: boolean) {
    this.model = model;
    this.#fd = fd;
    this.#made = made;
  }

  /** null: it cannot be had, and that was said. */
  static async open(
    fifo: NotifyFifo,
    runner: CommandRunner,
    resolveUser: ResolveUser,
    journal: VrrpJournal,
  ): Promise<FifoWriter | null> {
    const complain = (text: string): null => {
      journal.warning(`notify_fifo ${fifo.path}: ${text}`);
      return null;
    };
    const who = resolveUser(fifo.user, fifo.group);
    if (typeof who === 'string') return complain(who);
    let made = false;
    if (!isFifo(fifo.path)) {
      const { exitCode, how } = await runner.run(['mkfifo', '-m', '600', fifo.path], { timeoutMs: MAKE_TIMEOUT_MS });
      if (exitCode !== 0) return complain(how);
      made = true;
    }
    try {
      if (who.uid !== undefined && who.gid !== undefined) lchownSync(fifo.path, who.uid, who.gid);
      const fd = openSync(fifo.path, FLAGS);
      const writer = new FifoWriter(fifo, fd, made);
      if (fifo.script !== null) writer.#startReader(fifo.script, runner, resolveUser, journal);
      return writer;
    } catch (error) {
      return complain(error instanceof Error ? error.message : String(error));
    }
  }

  write(kind: string, name: string, state: string, priority: number): void {
    this.line(`${kind} "${name}" ${state} ${priority}`);
  }

  line(text: string): void {
    try {
      writeSync(this.#fd, `${text}\n`);
    } catch {
      // Full: whoever should read does not.
    }
  }

  /** Whoever reads sees the end of it. */
  close(): void {
    this.#closed = true;
    closeSync(this.#fd);
    if (!this.#made) return;
    try {
      unlinkSync(this.model.path);
    } catch {
      // Somebody was faster.
    }
  }

  #startReader(script: ScriptCommand, runner: CommandRunner, resolveUser: ResolveUser, journal: VrrpJournal): void {
    const name = `notify_fifo_script ${script.argv[0]}`;
    const who = resolveUser(script.user, script.group);
    if (typeof who === 'string') {
      journal.warning(`${name}: ${who}`);
      return;
    }
    const options = { ...who, timeoutMs: SCRIPT_TIMEOUT_MS };
    void runner.run([...script.argv, this.model.path], options).then(({ how }) => {
      if (!this.#closed) journal.warning(`${name} ended: ${how}`);
    });
  }
}

function isFifo(path: string): boolean {
  try {
    return lstatSync(path).isFIFO();
  } catch {
    return false;
  }
}
