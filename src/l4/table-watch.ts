/**
 * Are our tables still there? Asked now and then, the less often the more it costs, and at once when `nft monitor` says that rules
 * of theirs went. The monitor first reads all that is in maps, for as long as the square of it takes: where somebody has
 * left full ones it is not started.
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { CommandRunner, Stream } from '../core/command.ts';
import type { KernelTables } from './kernel-tables.ts';

const LOOK_EVERY_MS = 1000;
/** While the monitor would tell. */
const CALM_EVERY_MS = 10_000;
/** One part in so many of time is spent with looking. */
const LOOK_SHARE = 50;
const MONITOR = ['nft', 'monitor', 'destroy', 'rules'] as const;
/** Changes of ours leave the chain `whole` alone (seal-chains.ts). */
const OURS = /^delete rule (?:inet|netdev) tandem whole\b/;

export class TableWatch {
  /** Which are to be there; none: nobody looks. */
  tables: readonly string[] = [];
  readonly #setup: { readonly commands: CommandRunner; readonly clock: Clock; readonly timers: Timers };
  readonly #kernel: KernelTables;
  readonly #lost: () => void;
  #monitor: Stream | null = null;
  #timer: Timer | null = null;
  #isLooking = false;
  /** Something went while we looked. */
  #again = false;
  #isRunning = false;

  constructor(
    setup: { readonly commands: CommandRunner; readonly clock: Clock; readonly timers: Timers },
    kernel: KernelTables,
    lost: () => void,
  ) {
    this.#setup = setup;
    this.#kernel = kernel;
    this.#lost = lost;
  }

  begin(hasFullMaps: boolean): void {
    this.#isRunning = true;
    this.#later(LOOK_EVERY_MS);
    if (hasFullMaps) return;
    this.#monitor = this.#setup.commands.stream(MONITOR, {
      line: (text) => {
        if (OURS.test(text)) void this.#look();
      },
      errorLine: () => {},
      // Looks go on, more often.
      exit: () => {
        this.#monitor = null;
        if (this.#isRunning) this.#later(LOOK_EVERY_MS);
      },
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#monitor?.kill();
  }

  #later(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#setup.timers.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    if (!this.#isRunning) return;
    this.#again = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#timer?.cancel();
    const { tables } = this;
    const { isWhole, tookMs } = await this.#kernel.look(tables);
    this.#isLooking = false;
    if (!this.#isRunning) return;
    if (this.#again) return this.#look();
    const everyMs = this.#monitor === null ? LOOK_EVERY_MS : CALM_EVERY_MS;
    this.#later(isWhole ? Math.max(everyMs, tookMs * LOOK_SHARE) : LOOK_EVERY_MS);
    // What was to be there may have changed meanwhile.
    if (!isWhole && tables === this.tables) this.#lost();
  }
}
