/**
 * Server-sent events (HTML Living Standard, 9.2): to each listener the status once, then what changed of it, once a second.
 *
 *   no listener: nothing is done
 *   tick ─▶ frame ─▶ the same text for all who have the frame before
 *                └─▶ for who has not read in time, what changed since then: nothing waits in a queue
 *
 * Ticks are further apart where a frame is work, so that control is never late for what matters.
 */
import type { Clock, Timer, Timers } from '../../core/clock.ts';
import { changeBetween, type Frame, makeFrame, Slices, type StatusSource, wholeOf } from './frames.ts';
import type { ShownStatus } from './shown.ts';

/** Dashboards that are open at once. */
export const LISTENERS_MAX = 32;
const EVERY_MS = 1000;
/** After something has happened it is shown soon, but not more often than this. */
const SOON_MS = 100;
/** Of control's time at most this part is spent on frames: 5 %. */
const TIME_SHARE = 20;
/** Unless that would make it too old: on a machine that is busy otherwise, everything takes long. */
const PAUSE_MOST_MS = 5000;

export interface EventStreamSetup {
  readonly source: () => StatusSource;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Something went wrong while a frame was made. */
  readonly failed: (error: unknown) => void;
}

export class EventStream {
  readonly #setup: EventStreamSetup;
  #listeners = 0;
  #frame: Frame | null = null;
  #isMaking = false;
  #isWantedSoon = false;
  #madeAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  /** Those who wait for the next frame. */
  #waiting: (() => void)[] = [];

  constructor(setup: EventStreamSetup) {
    this.#setup = setup;
  }

  get hasRoom(): boolean {
    return this.#listeners < LISTENERS_MAX;
  }

  get listeners(): number {
    return this.#listeners;
  }

  /** Text for one listener, until it is gone. `hello`: what it is told first, JSON. */
  async *listen(hello: string, gone: AbortSignal): AsyncGenerator<string> {
    this.#listeners++;
    const wakeAll = (): void => this.#wake();
    gone.addEventListener('abort', wakeAll);
    let has: ShownStatus | null = null;
    try {
      yield `event: hello\ndata: ${hello}\n\n`;
      this.soon();
      for (;;) {
        const frame = await this.#frameAfter(has, gone);
        if (frame === null) return;
        yield* this.#tell(has, frame);
        has = frame.status;
      }
    } finally {
      gone.removeEventListener('abort', wakeAll);
      this.#listeners--;
      if (this.#listeners === 0) this.#rest();
    }
  }

  /** Something has happened that those who look want to see. */
  soon(): void {
    if (this.#listeners === 0) return;
    if (this.#isMaking) this.#isWantedSoon = true;
    else this.#schedule(SOON_MS);
  }

  async #frameAfter(has: ShownStatus | null, gone: AbortSignal): Promise<Frame | null> {
    for (;;) {
      if (gone.aborted) return null;
      const frame = this.#frame;
      if (frame !== null && frame.status !== has) return frame;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async *#tell(has: ShownStatus | null, frame: Frame): AsyncGenerator<string> {
    yield `event: ${has === null ? 'status' : 'change'}\ndata: `;
    if (has !== null && has === frame.before) yield* frame.change;
    else {
      const slices = new Slices(this.#setup.clock);
      yield* has === null ? wholeOf(frame.status, slices) : changeBetween(has, frame.status, slices);
    }
    yield '\n\n';
  }

  #schedule(inMs: number): void {
    this.#timer?.cancel();
    const { clock, timers } = this.#setup;
    const pauseMs = Math.min(PAUSE_MOST_MS, (this.#frame?.spentMs ?? 0) * TIME_SHARE);
    const atMs = this.#madeAtMs + Math.max(inMs, pauseMs);
    this.#timer = timers.after(Math.max(0, atMs - clock.monotonicMs()), () => void this.#make());
  }

  async #make(): Promise<void> {
    this.#timer = null;
    this.#isMaking = true;
    this.#isWantedSoon = false;
    const { source, clock, failed } = this.#setup;
    try {
      this.#frame = await makeFrame(source(), this.#frame?.status ?? null, clock);
    } catch (error) {
      failed(error);
    }
    this.#madeAtMs = clock.monotonicMs();
    this.#isMaking = false;
    if (this.#listeners === 0) return this.#rest();
    this.#schedule(this.#isWantedSoon ? SOON_MS : EVERY_MS);
    this.#wake();
  }

  /** Nobody looks: what comes first is new. */
  #rest(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (!this.#isMaking) this.#frame = null;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
