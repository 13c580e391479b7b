/** What checks of real servers need of the world. */
import type { Clock, Timers } from '../../core/clock.ts';
import type { CommandRunner, ResolveUser } from '../../core/command.ts';
import type { Journal } from '../../core/journal.ts';
import type { Random } from '../../core/random.ts';

export interface CheckServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly journal: Journal;
  readonly commands: CommandRunner;
  readonly resolveUser: ResolveUser;
  readonly files: FileNumbers;
}

/** The numbers in `track_file`s: those of one name share what watches it. */
export interface FileNumbers {
  /** `changed` is called with each other number until `stop`, not before `watch` has returned. null: there is no such track_file. */
  watch(name: string, changed: (value: number) => void): WatchedFile | null;
}

export interface WatchedFile {
  /** What the file says now. */
  readonly value: number;
  stop(): void;
}
