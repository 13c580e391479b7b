/**
 * HAProxy's average of a time over the last 1024 streams: of all while there are fewer, then each new one moves it by 1/1024.
 * What is known are sums: streams that were counted between two looks move it as if each had taken the mean of them.
 */
const SAMPLES = 1024;
const KEPT = (SAMPLES - 1) / SAMPLES;

export class SlidingAverage {
  #samples = 0;
  #average = 0;

  /** `count` more streams took `totalMs` together. */
  feed(count: number, totalMs: number): void {
    if (count <= 0) return;
    const mean = totalMs / count;
    const first = Math.min(count, SAMPLES - this.#samples);
    this.#average = (this.#average * this.#samples + mean * first) / (this.#samples + first);
    this.#samples += first;
    this.#average = mean + (this.#average - mean) * KEPT ** (count - first);
  }

  /** In whole milliseconds, upwards, as HAProxy rounds. */
  get valueMs(): number {
    // What is a whole number but for the arithmetic is one.
    return Math.ceil(Math.round(this.#average * 1e6) / 1e6);
  }

  clear(): void {
    this.#samples = 0;
    this.#average = 0;
  }
}
