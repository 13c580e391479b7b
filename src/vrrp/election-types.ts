/** What goes into the election and what comes out of it: values only. */
import type { Alarm } from './acceptance.ts';
import type { VrrpVersion } from './packet.ts';

export interface ElectionConfig {
  /** For log lines: keepalived's `(VI_1) …`. */
  readonly name: string;
  readonly version: VrrpVersion;
  /** As configured; 255 is the owner. */
  readonly priority: number;
  readonly intervalCs: number;
  readonly preempt: boolean;
  readonly preemptDelayMs: number;
  /** How many intervals without a word mean that the master is gone; RFC: 3. */
  readonly downTimerAdverts: number;
  /** A master that hears a better one says one last word before it leaves, so that the better one announces. */
  readonly higherPrioSendAdvert: boolean;
  readonly lowerPrioNoAdvert: boolean;
  /** Canonical; the address that adverts leave from. */
  readonly sourceIp: string;
}

/**
 *                   owner, or master-down timer
 *   init ──▶ backup ───────────────────────────▶ master ──stop──▶ leaving ──successor heard, or time──▶ stopped
 *     ▲        ▲  ▲                               │    │
 *     │        │  └──────── better one heard ─────┘    │
 *     │        └─recover─ fault ◀───────fault──────────┘
 */
export type Phase = 'init' | 'backup' | 'master' | 'fault' | 'leaving' | 'stopped';

export interface HeardMaster {
  readonly source: string;
  readonly priority: number;
}

export interface ElectionState {
  readonly phase: Phase;
  /** Effective: as configured, and what tracking adds or takes. */
  readonly priority: number;
  /** What the master says its interval is; our own in version 2. */
  readonly masterIntervalCs: number;
  /** The master-down timer, the advert timer, or the end of leaving. */
  readonly deadlineMs: number | null;
  /** From when on lower priorities are not obeyed any more (preempt_delay); null: not waiting. */
  readonly preemptAtMs: number | null;
  readonly master: HeardMaster | null;
  /** It woke late once, heard nothing and listened again: the next time counts. */
  readonly listenedAgain: boolean;
}

export type ElectionEvent =
  | { readonly kind: 'start' }
  /** The deadline has come. `drained`: everything that had arrived by now has been handed over. */
  | { readonly kind: 'timer'; readonly drained: boolean }
  | { readonly kind: 'advert'; readonly source: string; readonly priority: number; readonly intervalCs: number }
  | { readonly kind: 'priority'; readonly priority: number }
  | { readonly kind: 'fault' }
  | { readonly kind: 'recover' }
  /** What the sync group wants. */
  | { readonly kind: 'follow'; readonly phase: 'master' | 'backup' }
  /** `handOver`: serve on until a successor is heard. */
  | { readonly kind: 'stop'; readonly handOver: boolean };

export type NotifyState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP';

export type AnnounceReason = 'became-master' | 'foreign-master' | 'gap';

export type Effect =
  | { readonly kind: 'send-advert'; readonly priority: number }
  | { readonly kind: 'add-addresses' }
  | { readonly kind: 'announce'; readonly reason: AnnounceReason }
  | { readonly kind: 'release-addresses' }
  | { readonly kind: 'notify'; readonly state: NotifyState }
  | { readonly kind: 'notify-heard-lower' }
  | { readonly kind: 'timer'; readonly atMs: number | null }
  /** Hand over what has arrived, then say `timer` with `drained`. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'alarm'; readonly alarm: Alarm; readonly source: string }
  | { readonly kind: 'log'; readonly text: string };

export interface Step {
  readonly state: ElectionState;
  /** To be carried out in this order. */
  readonly effects: readonly Effect[];
}
