/**
 * The events from the program → the status, whole, after each. Connects again by itself, as long as it takes, and says when
 * what is shown is old.
 *
 *   hello (who I am) ─▶ status (all of it) ─▶ change ─▶ change …
 */
import { type Patch, patched } from '../patch.ts';
import type { ShownStatus } from '../shown.ts';
import { later, nowMs } from './browser.ts';

/** Nothing heard for so long: the connection is dead, whatever it says. */
const SILENT_MS = 15_000;
/** Then what is shown is called old. With thousands of servers there may be five seconds between two events. */
const STALE_MS = 6000;
/** The same, where the connection is known to be gone. */
const LOST_MS = 2000;
const RETRY_MS = 500;
const RETRY_MOST_MS = 5000;
/** A page that nobody looks at listens no longer than this. */
const HIDDEN_MS = 60_000;
const LOOK_MS = 500;

export interface Hello {
  /** Which page it has. */
  readonly page: string;
  /** null: it is not told. */
  readonly version: string | null;
  readonly admin: boolean;
  /** Virtual routers and servers of virtual servers, too. */
  readonly changesPair: boolean;
  readonly token: string | null;
}

export interface StreamListener {
  hello(hello: Hello): void;
  status(status: ShownStatus): void;
  /** `quietMs`: nothing was heard for so long. */
  link(state: 'connecting' | 'live' | 'stale' | 'asleep', quietMs: number): void;
}

export class StatusStream {
  readonly #url: string;
  readonly #listener: StreamListener;
  #source: EventSource | null = null;
  #status: ShownStatus | null = null;
  #heardMs = nowMs();
  #openedMs = 0;
  #retryMs = RETRY_MS;
  #hiddenSinceMs: number | null = null;
  /** The longest time between two events of late: with thousands of servers they are rarer. */
  #usualMs = 1000;

  constructor(url: string, listener: StreamListener) {
    this.#url = url;
    this.#listener = listener;
    document.addEventListener('visibilitychange', () => this.#look());
    this.#open();
    this.#keepLooking();
  }

  #open(): void {
    this.#source?.close();
    this.#status = null;
    this.#openedMs = nowMs();
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener('hello', (event) => this.#hear(source, () => this.#listener.hello(JSON.parse(event.data))));
    source.addEventListener('status', (event) => this.#hear(source, () => this.#take(JSON.parse(event.data))));
    source.addEventListener('change', (event) => this.#hear(source, () => this.#change(JSON.parse(event.data))));
    source.addEventListener('error', () => this.#lost(source));
  }

  #hear(source: EventSource, action: () => void): void {
    // Of one that was given up.
    if (source !== this.#source) return;
    const now = nowMs();
    if (this.#status !== null) this.#usualMs = Math.max(1000, this.#usualMs * 0.9, now - this.#heardMs);
    this.#heardMs = now;
    action();
  }

  #take(status: ShownStatus): void {
    this.#status = status;
    this.#retryMs = RETRY_MS;
    this.#usualMs = 1000;
    this.#listener.link('live', 0);
    this.#listener.status(status);
  }

  #change(patch: Patch): void {
    if (this.#status === null) return;
    this.#status = patched(this.#status, patch) as ShownStatus;
    this.#listener.link('live', 0);
    this.#listener.status(this.#status);
  }

  /** Browsers try again by themselves in some cases and not in others: we always do, at our own pace. */
  #lost(source: EventSource): void {
    if (source !== this.#source) return;
    source.close();
    this.#source = null;
    this.#tell();
    later(this.#retryMs, () => {
      if (this.#source === null && this.#hiddenSinceMs === null) this.#open();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS);
  }

  #keepLooking(): void {
    later(LOOK_MS, () => {
      this.#look();
      this.#keepLooking();
    });
  }

  #look(): void {
    const now = nowMs();
    if (document.hidden) {
      this.#hiddenSinceMs ??= now;
      if (now - this.#hiddenSinceMs > HIDDEN_MS && this.#source !== null) {
        this.#source.close();
        this.#source = null;
        this.#listener.link('asleep', 0);
      }
      return;
    }
    const wasHidden = this.#hiddenSinceMs !== null;
    this.#hiddenSinceMs = null;
    if (wasHidden && this.#source === null) this.#open();
    else if (this.#source !== null && now - Math.max(this.#heardMs, this.#openedMs) > this.#patienceMs(SILENT_MS)) {
      this.#lost(this.#source);
    }
    this.#tell();
  }

  #tell(): void {
    const quietMs = nowMs() - this.#heardMs;
    const isLost = this.#source === null || this.#status === null;
    if (quietMs > (isLost ? LOST_MS : this.#patienceMs(STALE_MS))) this.#listener.link('stale', quietMs);
    else if (isLost) this.#listener.link('connecting', quietMs);
  }

  #patienceMs(leastMs: number): number {
    return Math.max(leastMs, 3 * this.#usualMs);
  }
}
