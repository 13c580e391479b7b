/**
 * Our own data path as something to be tracked: no script, no PID file, but what the control process knows of the data
 * process, its threads and the servers. It is asked often; each question is a few words of shared memory.
 *
 * Not here: the answers (src/daemon/data-path.ts).
 */
import type { TandemSettings } from '../../config/pair-model.ts';
import type { Clock, Timer, Timers } from '../../core/clock.ts';
import type { TrackResult } from '../priority.ts';

export interface DataPath {
  /** The data process runs, has said ready, and all its threads' loops turn. */
  turns(): boolean;
  /** The listeners of that frontend or listen section are open. */
  isOpen(proxy: string): boolean;
  /** Servers of that backend or listen section that take traffic. */
  serversUp(backend: string): number;
}

export interface DataPathReceiver {
  setResult(result: TrackResult): void;
}

const LOOK_EVERY_MS = 50;

export class DataPathTracker {
  readonly #path: DataPath;
  readonly #settings: TandemSettings;
  readonly #receiver: DataPathReceiver;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #timer: Timer | null = null;
  #stillSinceMs: number | null = null;

  constructor(path: DataPath, settings: TandemSettings, receiver: DataPathReceiver, clock: Clock, timers: Timers) {
    this.#path = path;
    this.#settings = settings;
    this.#receiver = receiver;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** What is so now is told at once. */
  start(): void {
    const { dataProcess, proxies, backends } = this.#settings;
    if (dataProcess === null && proxies.length === 0 && backends.length === 0) return;
    this.#look();
    this.#timer = this.#timers.after(LOOK_EVERY_MS, () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { dataProcess, proxies, backends } = this.#settings;
    if (dataProcess !== null) {
      const ok = this.#turnsOrWill(dataProcess.graceMs);
      const { weight } = dataProcess;
      this.#receiver.setResult({ name: 'the data process does not serve', what: 'track_data_process', ok, weight });
    }
    for (const { name, weight } of proxies) {
      const ok = this.#path.turns() && this.#path.isOpen(name);
      this.#receiver.setResult({ name: `proxy ${name} does not serve`, what: `track_proxy ${name}`, ok, weight });
    }
    for (const { name, minUp, weight } of backends) {
      const ok = this.#path.serversUp(name) >= minUp;
      const what = `track_backend ${name}`;
      this.#receiver.setResult({ name: `backend ${name} has fewer than ${minUp} servers up`, what, ok, weight });
    }
  }

  /** A data process that is started again within its grace costs no failover: clients wait in the accept queue. */
  #turnsOrWill(graceMs: number): boolean {
    if (this.#path.turns()) {
      this.#stillSinceMs = null;
      return true;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#stillSinceMs ??= nowMs;
    return nowMs - this.#stillSinceMs < graceMs;
  }
}
