/**
 * What changed, for who asks later: transitions of virtual routers, servers and backends, reloads, deaths of the data process.
 * One for the whole program, whatever is reloaded; in memory only.
 */
import type { Clock } from '../core/clock.ts';

/** Changes that are kept. */
export const EVENTS_MAX = 200;
/** What is kept of a reason. */
const WHY_CHARACTERS = 300;

export type EventKind = 'vrrp' | 'server' | 'backend' | 'virtual-server' | 'real-server' | 'reload' | 'data-process';

export interface ChronicleEvent {
  readonly wallMs: number;
  readonly kind: EventKind;
  /** Instance, `backend/server`, … */
  readonly subject: string;
  readonly to: string;
  readonly why: string;
}

export interface LastReload {
  readonly wallMs: number;
  readonly ok: boolean;
  readonly why: string;
}

export class Chronicle {
  readonly #clock: Clock;
  readonly #watchers = new Set<() => void>();
  /** The last one last. */
  readonly #events: ChronicleEvent[] = [];
  /** null: there was none. */
  lastReload: LastReload | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last one first. */
  get events(): readonly ChronicleEvent[] {
    return this.#events.toReversed();
  }

  note(kind: EventKind, subject: string, to: string, why: string): void {
    const wallMs = this.#clock.wallMs();
    this.#events.push({ wallMs, kind, subject, to, why: why.slice(0, WHY_CHARACTERS) });
    if (this.#events.length > EVENTS_MAX) this.#forgetOne();
    for (const watcher of this.#watchers) watcher();
  }

  /** Is told whenever something is noted, for good. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** Unless it is what was noted of it last. */
  noteChange(kind: EventKind, subject: string, to: string, why: string): void {
    const last = this.#events.findLast((event) => event.kind === kind && event.subject === subject);
    if (last?.to !== to) this.note(kind, subject, to, why);
  }

  noteReload(ok: boolean, why: string): void {
    const wallMs = this.#clock.wallMs();
    this.lastReload = { wallMs, ok, why: why.slice(0, WHY_CHARACTERS) };
    this.note('reload', 'configuration', ok ? 'done' : 'refused', why);
  }

  /** The oldest of the kind that there is most of: a server that flaps does not push out the failover of last night. */
  #forgetOne(): void {
    const counts = new Map<EventKind, number>();
    for (const { kind } of this.#events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const at = this.#events.findIndex(({ kind }) => counts.get(kind) === most);
    this.#events.splice(at, 1);
  }
}
