/** Something that takes a while, on a terminal: what is done, and for how long. Where there is none, nothing is said. */
import type { Clock, Timers } from '../core/clock.ts';

const EVERY_MS = 200;
/** What is done by then needs no words. */
const FIRST_AFTER_MS = 300;

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export async function withProgress<T>(
  what: string,
  work: Promise<T>,
  output: ProgressOutput,
  time: { readonly clock: Clock; readonly timers: Timers },
): Promise<T> {
  if (output.isTTY !== true) return work;
  const startedMs = time.clock.monotonicMs();
  let shown = false;
  const show = (): void => {
    shown = true;
    output.write(`\r${what} … ${((time.clock.monotonicMs() - startedMs) / 1000).toFixed(1)} s\x1b[K`);
    timer = time.timers.after(EVERY_MS, show);
  };
  let timer = time.timers.after(FIRST_AFTER_MS, show);
  try {
    return await work;
  } finally {
    timer.cancel();
    if (shown) output.write('\r\x1b[K');
  }
}
