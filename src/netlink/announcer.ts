/**
 * Announcing: says by ARP and neighbour advertisements where our addresses are, more than once, because the first may fall
 * on a switch that is still busy with the failover, and a client that missed all of them stays on the wrong box for minutes.
 *
 *   volleys at 0, 0.1, 0.5, 1, 2, 5 s        (keepalived's scheme when garp_* keywords ask for it: N at 0, N at the delay)
 *   and again: every `refreshMs` while we hold them; at once whenever a foreign master is heard
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import { gratuitousArp, macBytes, unsolicitedNeighbourAdvertisement } from './frames.ts';

export interface AnnounceTarget {
  readonly family: 4 | 6;
  readonly ip: string;
  readonly device: string;
  readonly mac: string;
}

/** When, counted from the first; and how many per address each time. */
export interface Volleys {
  readonly atMs: readonly number[];
  readonly repeat: number;
}

export const SPREAD: Volleys = { atMs: [0, 100, 500, 1000, 2000, 5000], repeat: 1 };

export interface AnnounceRules {
  readonly master: Volleys;
  readonly lowerPriority: Volleys;
  /** 0: never. */
  readonly refreshMs: number;
  readonly refreshRepeat: number;
  /** Least distance of two frames, by family. */
  readonly garpIntervalMs: number;
  readonly gnaIntervalMs: number;
}

export type SendFrame = (device: string, frame: Uint8Array) => string | null;

export interface AnnouncerSetup {
  readonly rules: AnnounceRules;
  readonly send: SendFrame;
  /** Whether the box forwards IPv6 that comes in there. Asked each time: hosts that hear no forget their default router. */
  forwards(device: string): boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  say(text: string): void;
}

/** A foreign master that goes on talking starts a new series at most this often. */
const SERIES_EVERY_MS = 1000;

export class Announcer {
  readonly #setup: AnnouncerSetup;
  #targets: readonly AnnounceTarget[] = [];
  #timers: Timer[] = [];
  #seriesMs = Number.NEGATIVE_INFINITY;
  #refresh: Timer | null = null;
  #complained = false;

  constructor(setup: AnnouncerSetup) {
    this.#setup = setup;
  }

  /** A series begins now, instead of one that may be under way. */
  announce(targets: readonly AnnounceTarget[], why: 'master' | 'lowerPriority'): void {
    const { rules, clock } = this.#setup;
    const nowMs = clock.monotonicMs();
    this.#targets = targets;
    if (why === 'lowerPriority' && nowMs - this.#seriesMs < SERIES_EVERY_MS) {
      this.#volley(1);
      return;
    }
    this.#cancel();
    this.#seriesMs = nowMs;
    const { atMs, repeat } = rules[why];
    for (const delayMs of atMs) {
      if (delayMs === 0) this.#volley(repeat);
      else this.#later(delayMs, () => this.#volley(repeat));
    }
    this.#refreshLater();
  }

  /** They are no longer ours. */
  stop(): void {
    this.#cancel();
    this.#targets = [];
    this.#seriesMs = Number.NEGATIVE_INFINITY;
  }

  #cancel(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#refresh?.cancel();
    this.#refresh = null;
  }

  #refreshLater(): void {
    const { rules, timers } = this.#setup;
    if (rules.refreshMs === 0) return;
    this.#refresh = timers.after(rules.refreshMs, () => {
      this.#volley(rules.refreshRepeat);
      this.#refreshLater();
    });
  }

  #later(delayMs: number, action: () => void): void {
    this.#timers.push(this.#setup.timers.after(delayMs, action));
  }

  #volley(repeat: number): void {
    const { rules } = this.#setup;
    let garps = 0;
    let gnas = 0;
    for (let round = 0; round < repeat; round++) {
      for (const target of this.#targets) {
        const delayMs = target.family === 4 ? rules.garpIntervalMs * garps++ : rules.gnaIntervalMs * gnas++;
        if (delayMs === 0) this.#send(target);
        else this.#later(delayMs, () => this.#send(target));
      }
    }
  }

  #send(target: AnnounceTarget): void {
    const { send, forwards } = this.#setup;
    for (const frame of framesFor(target, target.family === 6 && forwards(target.device))) {
      const trouble = send(target.device, frame);
      // Once: it will be tried often.
      if (trouble !== null && !this.#complained) this.#setup.say(`cannot announce ${target.ip}: ${trouble}`);
      this.#complained = trouble !== null;
    }
  }
}

function framesFor({ family, ip, mac }: AnnounceTarget, router: boolean): Uint8Array[] {
  const from = macBytes(mac);
  if (family === 6) return [unsolicitedNeighbourAdvertisement(from, ip, router)];
  return [gratuitousArp(from, ip, 'request'), gratuitousArp(from, ip, 'reply')];
}
