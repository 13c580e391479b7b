/**
 * Lines to somebody who may be slow, full or gone: none of them waits and none of them fails. What is not taken is counted,
 * and the next line that is taken has one before it that says how many are missing.
 */
import { allocate } from '../sys/memory.ts';
import type { Outlet } from '../sys/outlet.ts';

/** A pipe takes lines of this length as a whole or not at all (PIPE_BUF, pipe(7)). Longer ones are cut. */
const LINE_BYTES = 4096;

export class LossyLines {
  readonly #outlet: Outlet;
  readonly #missing: (lines: number) => string;
  readonly #region = allocate(LINE_BYTES);
  #lost = 0;

  /** `missing`: the line that tells of others. */
  constructor(outlet: Outlet, missing: (lines: number) => string) {
    this.#outlet = outlet;
    this.#missing = missing;
  }

  /** Lines since the last that was taken. */
  get lost(): number {
    return this.#lost;
  }

  /** With its line end, if it is to have one. */
  write(line: string): void {
    if (this.#lost > 0 && this.#put(this.#missing(this.#lost))) this.#lost = 0;
    if (this.#lost > 0 || !this.#put(line)) this.#lost++;
  }

  #put(line: string): boolean {
    const { address, bytes } = this.#region;
    let length = bytes.write(line);
    if (length === LINE_BYTES && line.endsWith('\n')) length = bytes.write('…\n', LINE_BYTES - 4) + LINE_BYTES - 4;
    return this.#outlet.send(address, length);
  }
}
