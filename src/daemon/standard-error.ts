/**
 * This process's stderr. While it starts it waits for whoever reads, as programs do. A daemon that serves waits for nobody:
 * VRRP's adverts and the checks are in the same process. And no stderr ends it, be it a pipe that nobody reads any more or
 * a file on a disk that is full.
 */
import { DescriptorOutlet } from '../sys/descriptor.ts';
import type { Journal, WriteLine } from './journal.ts';
import { LossyLines } from './lossy-lines.ts';

const STDERR = 2;

class StandardError {
  #lines: LossyLines | null = null;
  #guarded = false;

  readonly write = (text: string): void => {
    if (this.#lines !== null) {
      this.#lines.write(text);
      return;
    }
    if (!this.#guarded) process.stderr.on('error', () => {});
    this.#guarded = true;
    try {
      process.stderr.write(text);
    } catch {
      // A disk that is full says so at once, a pipe by an event.
    }
  };

  /** From now on. `journal`: in whose shape it says that lines are missing. */
  neverWait(journal: (write: WriteLine) => Journal): void {
    this.#lines ??= new LossyLines(new DescriptorOutlet(STDERR), (lines) => {
      let said = '';
      journal((line) => {
        said = line;
      }).warning(`${lines} lines of this journal are missing here: nobody took them`);
      return said;
    });
  }
}

export const standardError = new StandardError();
