/**
 * The successor's side of a hand-over: the addresses are here already, and what the old box passes on is served, but
 * nobody on the link learns of it before the old box has finished.
 *
 *   prepare ─▶ rules are in place ─▶ ready ─▶ hold … hold ─▶ over: announce
 *
 * Not here: the other side (hand-over.ts), who is waited for and for how long (election.ts).
 */
import type { Timer, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { Nft } from '../netlink/nft.ts';
import { arrivedList, silenceEnd, silenceRules } from '../netlink/silence-rules.ts';

/** Longer than the longest skew and the longest hold; for whoever is killed in between. */
const RULES_END_S = 60;
const LIST_TIMEOUT_MS = 1000;

export interface SilenceSetup {
  readonly name: string;
  readonly family: 4 | 6;
  readonly addresses: readonly { readonly family: 4 | 6; readonly ip: string }[];
  readonly nft: Nft;
  readonly commands: CommandRunner;
  readonly timers: Timers;
  ready(possible: boolean): void;
  /** A connection has come by way of the old box. */
  arrived(): void;
  over(): void;
}

export class Silence {
  readonly #setup: SilenceSetup;
  #prepared: symbol | null = null;
  #timer: Timer | null = null;
  #arrived = false;

  constructor(setup: SilenceSetup) {
    this.#setup = setup;
  }

  /** Nothing may be announced. */
  get holds(): boolean {
    return this.#timer !== null;
  }

  /** `own`: what this box sends from. */
  prepare(own: string): void {
    const { name, addresses, nft, ready } = this.#setup;
    const prepared = Symbol();
    this.#prepared = prepared;
    this.#arrived = false;
    void nft.run(silenceRules({ name, addresses, own, endS: RULES_END_S })).then((trouble) => {
      // It may have been ended meanwhile.
      if (this.#prepared === prepared) ready(trouble === null);
    });
  }

  hold(forMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#setup.timers.after(forMs, () => this.finish());
    if (!this.#arrived) void this.#look();
  }

  async #look(): Promise<void> {
    const { name, family, commands, arrived } = this.#setup;
    const { exitCode, stdout } = await commands.run(arrivedList(name, family), { timeoutMs: LIST_TIMEOUT_MS });
    if (this.#arrived || !this.holds || exitCode !== 0 || !/packets [1-9]/.test(stdout)) return;
    this.#arrived = true;
    arrived();
  }

  /** What was held back is said now. */
  finish(): void {
    const held = this.holds;
    this.end();
    if (held) this.#setup.over();
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#prepared === null) return;
    this.#prepared = null;
    this.forget();
  }

  /** Also what an earlier life has left. */
  forget(): void {
    const { name, family, nft } = this.#setup;
    void nft.run(silenceEnd(name, family));
  }
}
