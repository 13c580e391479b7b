/** `vrrp_track_file`: a number in a file, read whenever the file changes. A file that is not there, or holds none, is 0. */
import { closeSync, constants, existsSync, type FSWatcher, openSync, readFileSync, watch, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { TrackedFile } from '../../config/pair-model.ts';
import type { Timer, Timers } from '../../core/clock.ts';
import type { VrrpJournal } from '../journal.ts';

/** For folders that come later, and file systems that tell nothing. */
const LOOK_EVERY_MS = 1000;
const LARGEST = 2 ** 31;
/** In a folder where anybody may write, a link leads to where somebody else wants. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** The number at the start of a text; 0 when there is none, or one that is out of bounds. */
export function trackedValue(text: string): number {
  const value = Number(/^\s*([+-]?\d{1,12})(?!\d)/.exec(text)?.[1] ?? 0);
  return Math.abs(value) < LARGEST ? value : 0;
}

export class FileTracker {
  readonly #tracked: TrackedFile;
  readonly #timers: Timers;
  readonly #journal: VrrpJournal;
  readonly #changed: (value: number) => void;
  #watcher: FSWatcher | null = null;
  #timer: Timer | null = null;
  #value: number | null = null;
  #empty = false;

  constructor(tracked: TrackedFile, timers: Timers, journal: VrrpJournal, changed: (value: number) => void) {
    this.#tracked = tracked;
    this.#timers = timers;
    this.#journal = journal;
    this.#changed = changed;
  }

  /** What it holds now is told at once. */
  start(): void {
    const { path, initial } = this.#tracked;
    if (initial !== null && (initial.overwrite || !existsSync(path))) {
      try {
        const fd = openSync(path, FLAGS);
        writeSync(fd, `${initial.value}\n`);
        closeSync(fd);
      } catch (error) {
        this.#journal.warning(`cannot write ${path}: ${error instanceof Error ? error.message : error}`);
      }
    }
    this.#look();
    this.#later();
  }

  stop(): void {
    this.#watcher?.close();
    this.#timer?.cancel();
  }

  #later(): void {
    this.#watch();
    this.#timer = this.#timers.after(LOOK_EVERY_MS, () => {
      this.#look(true);
      this.#later();
    });
  }

  /** The folder, because files are replaced as often as they are written. */
  #watch(): void {
    if (this.#watcher !== null) return;
    const { path } = this.#tracked;
    try {
      this.#watcher = watch(dirname(path), (_, name) => {
        if (name === null || name === basename(path)) this.#look();
      });
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = null;
      });
    } catch {
      // No such folder yet.
    }
  }

  /** `isTimed`: a while after the last one. */
  #look(isTimed = false): void {
    const text = this.#read();
    const wasEmpty = this.#empty;
    this.#empty = text === '';
    // Who writes it empties it first: that it is empty is believed when it stays so.
    if (this.#empty && this.#value !== null && !(wasEmpty && isTimed)) return;
    const value = trackedValue(text ?? '');
    if (value === this.#value) return;
    this.#value = value;
    this.#changed(value);
  }

  /** null: it is not there. */
  #read(): string | null {
    try {
      return readFileSync(this.#tracked.path, 'utf8');
    } catch {
      return null;
    }
  }
}
