/** What goes into the election and what comes out of it: values only. */
import type { Alarm } from './acceptance.ts';
import type { VrrpVersion, Word } from './packet.ts';

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
  /** What is in progress when somebody else takes over may be answered: the addresses go a little later, in silence. */
  readonly lingers: boolean;
  /** It can go on serving what is in progress while a successor, another Tandem, takes what is new (hand-over.ts). */
  readonly gentle: boolean;
  /** Canonical; the address that adverts leave from. */
  readonly sourceIp: string;
  /** Not there: true. false: others of its sync group hear a master, and it waits for them. */
  readonly groupReady?: boolean;
  /** An operator wants it so: it becomes master in no case. Not there: false. */
  readonly heldBack?: boolean;
}

/** Somebody who wants to become master and would wait with announcing. */
export interface Follower {
  readonly source: string;
  readonly saidMs: number;
}

/** A master that finishes what it began before its addresses are announced here. */
export interface Leaver {
  readonly source: string;
  /** Nothing would be said of the addresses if they were here. */
  readonly prepared: boolean;
  /** For being prepared, or for the end; counted from then. */
  readonly waitsSinceMs: number | null;
}

/**
 *                   owner, or master-down timer
 *   init ──▶ backup ───────────────────────────▶ master ──stop──▶ leaving ──successor heard, or time──▶ stopped, or backup
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
  /** As backup: nothing was heard for as long as it takes, and its group was not ready. */
  readonly wanting: boolean;
  readonly leaver: Leaver | null;
  readonly follower: Follower | null;
  /** A backup hears a worse master, which serves: it is asked first whether it has something to finish. */
  readonly worse: 'none' | 'heard' | 'asked';
  /** Leaving: the successor is there, and what is in progress is being finished. */
  readonly handing: boolean;
  /** Leaving: it is a backup after that. */
  readonly returns: boolean;
}

export type ElectionEvent =
  | { readonly kind: 'start' }
  /** The deadline has come. `drained`: everything that had arrived by now has been handed over. */
  | { readonly kind: 'timer'; readonly drained: boolean }
  | { readonly kind: 'advert'; readonly source: string; readonly priority: number; readonly intervalCs: number }
  /** From another Tandem on this link. */
  | { readonly kind: 'word'; readonly source: string; readonly word: Word }
  | { readonly kind: 'prepared'; readonly possible: boolean }
  /** What was in progress is finished, or its time is over. */
  | { readonly kind: 'handed-over' }
  | { readonly kind: 'priority'; readonly priority: number }
  | { readonly kind: 'fault' }
  | { readonly kind: 'recover' }
  /** What the sync group wants. */
  | { readonly kind: 'follow'; readonly phase: 'master' | 'backup' }
  /** A master gives up as gently as if it were told to stop, and goes on as a backup. */
  | { readonly kind: 'step-aside' }
  /** `handOver`: serve on until a successor is heard. */
  | { readonly kind: 'stop'; readonly handOver: boolean };

export type NotifyState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP';

export type AnnounceReason = 'became-master' | 'foreign-master' | 'gap';

export type Effect =
  | { readonly kind: 'send-advert'; readonly priority: number }
  | { readonly kind: 'send-word'; readonly word: Word }
  | { readonly kind: 'add-addresses' }
  | { readonly kind: 'announce'; readonly reason: AnnounceReason }
  /** So that the addresses can be here without anybody's learning of it; then say `prepared`. */
  | { readonly kind: 'prepare-silence' }
  /** Nothing is announced for so long. */
  | { readonly kind: 'hold-announcement'; readonly forMs: number }
  /** `announce`: what was held back is said. */
  | { readonly kind: 'end-silence'; readonly announce: boolean }
  /** In place of releasing: what is new goes to that box, what is in progress is finished here. null: it is no Tandem. */
  | { readonly kind: 'hand-over'; readonly to: string | null }
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
