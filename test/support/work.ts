/**
 * How much a piece of code does, counted and not timed: how often each of its blocks ran (V8's precise coverage), and how
 * many bytes it had moved by calls into the runtime. The same input gives the same count on any machine.
 *
 * Only code under src/ counts.
 */
import { Session } from 'node:inspector';

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

export class WorkMeter {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What `body` cost, in blocks run and bytes moved. */
  measure(body: () => void): number {
    let moved = 0;
    const restore = watchMoves((bytes) => {
      moved += bytes;
    });
    this.#take();
    try {
      body();
    } finally {
      restore();
    }
    return this.#take() + moved;
  }

  close(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  #take(): number {
    let total = 0;
    // Within one thread the answer comes before the call returns.
    this.#session.post('Profiler.takePreciseCoverage', (error: Error | null, answer: Coverage) => {
      if (error !== null) throw error;
      for (const { url, functions } of answer.result) {
        if (!/\/src\/[^?]*\.ts/.test(url)) continue;
        for (const { ranges } of functions) for (const { count } of ranges) total += count;
      }
    });
    return total;
  }
}

/** Tells of every `copyWithin` and `copy`, until the function that is returned is called. */
function watchMoves(moved: (bytes: number) => void): () => void {
  const { copyWithin } = Uint8Array.prototype;
  const { copy } = Buffer.prototype;
  Uint8Array.prototype.copyWithin = function watched(this: Uint8Array, target, start, end): Uint8Array {
    moved((end ?? this.length) - start);
    return copyWithin.call(this, target, start, end);
  };
  Buffer.prototype.copy = function watched(this: Buffer, ...to: Parameters<Buffer['copy']>): number {
    const copied = copy.apply(this, to);
    moved(copied);
    return copied;
  };
  return () => {
    Uint8Array.prototype.copyWithin = copyWithin;
    Buffer.prototype.copy = copy;
  };
}
