/** The numbers in `track_file`s for checks of real servers: one watcher a file, however many checks look at it. */
import type { TrackedFile } from '../config/pair-model.ts';
import type { Timers } from '../core/clock.ts';
import type { Journal } from '../core/journal.ts';
import type { FileNumbers, WatchedFile } from '../l4/checks/check-services.ts';
import { FileTracker } from '../vrrp/tracking/file-tracker.ts';

interface Watching {
  readonly path: string;
  readonly tracker: FileTracker;
  readonly listeners: Set<(value: number) => void>;
  value: number;
}

export class TrackedFileNumbers implements FileNumbers {
  readonly #timers: Timers;
  readonly #journal: Journal;
  readonly #watching = new Map<string, Watching>();
  /** Their `init_file` is for the start of the program. */
  readonly #begun = new Set<string>();
  #files: readonly TrackedFile[] = [];

  constructor(timers: Timers, journal: Journal) {
    this.#timers = timers;
    this.#journal = journal;
  }

  /** Those of the configuration, each time that it is read. Whoever watches one that leads elsewhere now, follows. */
  know(files: readonly TrackedFile[]): void {
    this.#files = files;
    for (const [name, before] of [...this.#watching]) {
      const file = files.find((one) => one.name === name);
      if (file === undefined || file.path === before.path) continue;
      before.tracker.stop();
      const now = this.#begin(file, before.listeners);
      if (now.value === before.value) continue;
      for (const tell of before.listeners) tell(now.value);
    }
  }

  watch(name: string, changed: (value: number) => void): WatchedFile | null {
    const file = this.#files.find((one) => one.name === name);
    if (file === undefined) return null;
    const { listeners, value } = this.#watching.get(name) ?? this.#begin(file, new Set());
    listeners.add(changed);
    return { value, stop: () => this.#leave(name, changed) };
  }

  #begin(file: TrackedFile, listeners: Watching['listeners']): Watching {
    const { name, path } = file;
    const initial = this.#begun.has(name) ? null : file.initial;
    this.#begun.add(name);
    const tracker = new FileTracker({ ...file, initial }, this.#timers, this.#journal, (value) => {
      watching.value = value;
      if (this.#watching.get(name) === watching) for (const tell of [...listeners]) tell(value);
    });
    const watching: Watching = { path, tracker, listeners, value: 0 };
    // What it holds now is told while nobody is told yet.
    tracker.start();
    this.#watching.set(name, watching);
    return watching;
  }

  #leave(name: string, changed: (value: number) => void): void {
    const watching = this.#watching.get(name);
    if (watching === undefined || !watching.listeners.delete(changed) || watching.listeners.size > 0) return;
    watching.tracker.stop();
    this.#watching.delete(name);
  }
}
