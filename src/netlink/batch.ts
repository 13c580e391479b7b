/**
 * One long-lived `ip -force -batch -` that takes commands on its standard input: no program has to start when an address
 * must move. It lives as long as we do, is started again when it dies, and ends by itself when we do.
 *
 * Not here: what the commands are (kept-address.ts, kernel-entries.ts).
 */

import type { Timers } from '../core/clock.ts';
import type { CommandRunner, Stream } from '../core/command.ts';

const REMEMBERED = 256;
const RESTART_MS = 100;
const FAILED = /^Command failed -:(\d+)/;

export interface BatchEvents {
  /** The kernel did not want that one, or `ip` itself died. */
  failed(command: string, reason: string): void;
}

export class IpBatch {
  readonly #runner: CommandRunner;
  readonly #timers: Timers;
  readonly #events: BatchEvents;
  readonly #argv: readonly string[];
  #stream: Stream | null = null;
  #stopped = false;
  /** Lines written to the process that runs now; `ip` counts them from 1. */
  #lines = 0;
  readonly #recent = new Map<number, string>();
  #lastError = '';

  constructor(runner: CommandRunner, timers: Timers, family: 4 | 6 | null, events: BatchEvents) {
    this.#runner = runner;
    this.#timers = timers;
    this.#events = events;
    this.#argv = ['ip', ...(family === null ? [] : [`-${family}`]), '-force', '-batch', '-'];
  }

  /** Begins now rather than with the first command. */
  start(): void {
    if (this.#stream !== null || this.#stopped) return;
    this.#lines = 0;
    this.#recent.clear();
    this.#stream = this.#runner.stream(this.#argv, {
      line: () => {},
      errorLine: (text) => this.#errorLine(text),
      exit: (how) => this.#exited(how),
    });
  }

  /** In this order, as soon as it can. */
  run(commands: readonly string[]): void {
    if (commands.length === 0 || this.#stopped) return;
    this.start();
    for (const command of commands) {
      this.#recent.set(++this.#lines, command);
      this.#recent.delete(this.#lines - REMEMBERED);
    }
    this.#stream?.write(`${commands.join('\n')}\n`);
  }

  /** What was written is still carried out. */
  stop(): void {
    this.#stopped = true;
    this.#stream?.finish();
  }

  #errorLine(text: string): void {
    const line = FAILED.exec(text)?.[1];
    if (line === undefined) {
      this.#lastError = text;
      return;
    }
    this.#events.failed(this.#recent.get(Number(line)) ?? '?', this.#lastError);
  }

  #exited(how: string): void {
    this.#stream = null;
    if (this.#stopped) return;
    this.#events.failed(this.#argv.join(' '), how);
    this.#timers.after(RESTART_MS, () => this.start());
  }
}
