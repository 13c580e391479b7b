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

/** The numbers in `track_file`s. */
export interface FileNumbers {
  /**
   * `changed` is called with each other number until `stop`. null: there is no such track_file. Its `value` is what the file says now.
   */
  watch(name: string, changed: (value: number) => void): WatchedFile | null;
}

export interface WatchedFile {
  readonly value: number;
  /** Of the track_file, for a check that says none. */
  readonly weight: number;
  readonly reverse: boolean;
  stop(): void;
}
