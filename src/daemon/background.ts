/** The two halves of going into the background: src/daemon/spawn.ts starts the other half, this is its side. */
import { closeSync, writeSync } from 'node:fs';
import { leaveStandardStreams } from '../sys/standard-streams.ts';
import type { DetachedMessage } from './spawn.ts';

export class BackgroundSide {
  readonly #lastWords: number;
  #attached = true;

  constructor() {
    this.#lastWords = leaveStandardStreams();
  }

  /** What goes wrong while starting still reaches the terminal; later it has nowhere to go. */
  readonly write = (text: string): void => {
    if (!this.#attached || this.#lastWords < 0) return;
    try {
      writeSync(this.#lastWords, text);
    } catch {
      // Nobody reads them, or the disk is full: not a reason not to serve.
    }
  };

  /** Lets the one who started us go. */
  report(message: DetachedMessage): Promise<void> {
    this.#attached = false;
    if (this.#lastWords >= 0) closeSync(this.#lastWords);
    return new Promise((resolve) => {
      if (process.send === undefined) return resolve();
      process.send(message, () => {
        if (process.connected) process.disconnect();
        resolve();
      });
    });
  }
}
