/**
 * A check of a real server at work, as a seam: pool.ts judges by it, checks/ makes it (when, how, how often again). It has its
 * own timing, retries included: a change of `isUp` counts.
 */
import type { L4Check } from '../config/l4-model.ts';
import type { InetAddress } from '../core/address.ts';

export interface CheckState {
  readonly isUp: boolean;
  /** What it adds to the configured weight (MISC_CHECK with misc_dynamic, FILE_CHECK); 0 of others. */
  readonly weightChange: number;
  /** What the last attempt found, for people: `connection refused`, `status 503, expected 200-299`; '' before the first. */
  readonly why: string;
  /** Of the last attempt that ended; null: none has. */
  readonly checkedWallMs: number | null;
}

export interface CheckHome {
  /** `[192.0.2.1]:tcp:80` and `[10.0.0.71]:tcp:80`, as in keepalived's messages. */
  readonly service: string;
  readonly server: string;
  readonly address: InetAddress;
  /** As configured: misc_dynamic says the whole weight. */
  readonly weight: number;
  /**
   * `isUp` or `weightChange` differs from before, or the first attempt has ended: it says so even if all is as assumed. Never
   * called before `BeginCheck` has returned.
   */
  changed(state: CheckState): void;
}

export interface RunningCheck {
  /** Of a FILE_CHECK right from the start what the file says. */
  readonly state: CheckState;
  /** `ha_suspend`: no attempts while it is on; its state stays. */
  suspend(on: boolean): void;
  stop(): void;
}

/**
 * `before`: what a check that means the same knew before a reload, or (with `checkedWallMs` null) what shall be assumed of it; null:
 * it begins as its configuration says (`alpha`).
 */
export type BeginCheck = (check: L4Check, home: CheckHome, before: CheckState | null) => RunningCheck;
