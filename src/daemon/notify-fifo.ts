/**
 * `notify_fifo`: every change as a line in a named pipe, `INSTANCE "VI_1" MASTER 150`. Nobody has to read it: it is opened
 * for both directions, and what does not fit is dropped.
 */
import { chownSync, closeSync, constants, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import type { NotifyFifo } from '../config/pair-model.ts';
import type { CommandRunner } from '../core/command.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';
import type { ResolveUser } from '../vrrp/tracking/script-tracker.ts';

const MAKE_TIMEOUT_MS = 5000;
/** It lives as long as we do. */
const SCRIPT_TIMEOUT_MS = 2 ** 31 - 1;

export class FifoWriter {
  readonly #fifo: NotifyFifo;
  readonly #fd: number;
  readonly #made: boolean;

  private constructor(fifo: NotifyFifo, fd: number, made: boolean) {
    this.#fifo = fifo;
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
      if (who.uid !== undefined && who.gid !== undefined) chownSync(fifo.path, who.uid, who.gid);
      const fd = openSync(fifo.path, constants.O_RDWR | constants.O_NONBLOCK);
      if (fifo.script !== null) startReader(fifo, fifo.script.argv, runner, resolveUser, journal);
      return new FifoWriter(fifo, fd, made);
    } catch (error) {
      return complain(error instanceof Error ? error.message : String(error));
    }
  }

  write(kind: string, name: string, state: string, priority: number): void {
    try {
      writeSync(this.#fd, `${kind} "${name}" ${state} ${priority}\n`);
    } catch {
      // Full: whoever should read does not.
    }
  }

  close(): void {
    closeSync(this.#fd);
    if (!this.#made) return;
    try {
      unlinkSync(this.#fifo.path);
    } catch {
      // Somebody was faster.
    }
  }
}

function startReader(
  fifo: NotifyFifo,
  argv: readonly string[],
  runner: CommandRunner,
  resolveUser: ResolveUser,
  journal: VrrpJournal,
): void {
  const who = resolveUser(fifo.script?.user ?? null, fifo.script?.group ?? null);
  if (typeof who === 'string') {
    journal.warning(`notify_fifo_script ${argv[0]}: ${who}`);
    return;
  }
  void runner.run([...argv, fifo.path], { ...who, timeoutMs: SCRIPT_TIMEOUT_MS }).then(({ how }) => {
    journal.warning(`notify_fifo_script ${argv[0]} ended: ${how}`);
  });
}

function isFifo(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    return false;
  }
}
