/**
 * The old box's side when another one takes over: gives the addresses of a virtual router to a Tandem and loses no
 * connection.
 *
 *   begin ─▶ what is new is passed on (nftables) ─▶ what is open is finished ─▶ `done`: the other one announces ─▶ ended
 *              │ `leaving` every REPEAT_MS            │ answers end their connections    clients follow within TAIL_MS
 *              └ impossible: `done` at once           └ at most FINISH_AT_MOST_MS, then what is left is reset;
 *                                                       not at all when the other one does not say that anything arrives
 *
 * All clients send to one box at a time: this one, until the other announces. So no connection is cut by the move itself.
 * To somebody who is no Tandem, and announces at once: the addresses stay for LINGER_MS without being told of, so that at
 * least the answers that are being made can leave.
 * Not here: who is entitled to what (election.ts), the addresses (instance.ts), the other side (silence.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import { forwardEnd, forwardedList, forwardRules } from '../netlink/forward-rules.ts';
import type { Nft } from '../netlink/nft.ts';
import { countConnections } from '../netlink/open-connections.ts';
import { silenceEnd, silenceRules } from '../netlink/silence-rules.ts';
import type { Word } from './packet.ts';

/** The other one waits for fifteen of these in vain. */
const REPEAT_MS = 100;
/** How long what is in progress may take. */
const FINISH_AT_MOST_MS = 5000;
/** After the announcement: for what clients had sent before they heard it, or one of its first repetitions. */
const TAIL_MS = 600;
/** For answers that are being made when somebody who does not wait takes over. */
const LINGER_MS = 300;
/** Switches and hypervisors that know what addresses a port may send from drop what is passed on; so the other one says. */
const ARRIVES_WITHIN_MS = 400;
const LIST_TIMEOUT_MS = 1000;
/** Longer than all that; for whoever is killed in between. */
const RULES_END_S = 15;

export interface HandOverSetup {
  readonly name: string;
  readonly family: 4 | 6;
  readonly device: string;
  /** Those that leave. */
  readonly addresses: readonly { readonly family: 4 | 6; readonly ip: string }[];
  /** What this box sends from. */
  readonly own: string;
  /** null: no Tandem. */
  readonly to: string | null;
  readonly nft: Nft;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly timers: Timers;
  say(word: Word): void;
  /** Clients are asked to come anew. */
  lastAnswers(on: boolean): void;
  warn(text: string): void;
  /** Nothing is in progress here any more, and nobody comes: the addresses can go. */
  ended(): void;
}

export class HandOver {
  readonly #setup: HandOverSetup;
  #timer: Timer | null = null;
  #over = false;
  #beganMs = 0;
  #arrives = false;
  /** When something was found to have been passed on. */
  #passedMs: number | null = null;

  constructor(setup: HandOverSetup) {
    this.#setup = setup;
  }

  begin(): void {
    const { say, lastAnswers, warn, nft, addresses, to } = this.#setup;
    lastAnswers(true);
    if (to === null) {
      this.#endLater(LINGER_MS);
      return;
    }
    if (addresses.length === 0) {
      this.#done(0);
      return;
    }
    say('leaving');
    void nft.run(forwardRules({ ...this.#setup, to, endS: RULES_END_S })).then((trouble) => {
      if (this.#over) return;
      this.#beganMs = this.#setup.clock.monotonicMs();
      if (trouble === null) void this.#finish();
      else {
        warn(`connections cannot be passed on: nft: ${trouble}`);
        this.#done(0);
      }
    });
  }

  /** The other one has got something. */
  arrives(): void {
    this.#arrives = true;
  }

  /** It ends here: the addresses have gone, or are wanted back. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#setup.lastAnswers(false);
    const { name, family, nft } = this.#setup;
    void nft.run(forwardEnd(name) + silenceEnd(name, family));
  }

  async #finish(): Promise<void> {
    const { say, warn, timers, clock, commands, addresses, name, nft } = this.#setup;
    say('leaving');
    const sinceMs = clock.monotonicMs() - this.#beganMs;
    const late = sinceMs >= FINISH_AT_MOST_MS;
    // Where nobody can tell, they are given the time.
    const open = (await countConnections(commands, addresses, late)) ?? (late ? 0 : 1);
    const lost = open > 0 && !late && (await this.#isLost());
    if (this.#over) return;
    if (lost) {
      warn('what is passed on does not arrive: open connections cannot be waited for');
      void nft.run(forwardEnd(name));
      this.#done(LINGER_MS);
      return;
    }
    if (open > 0 && late) warn(`${open} connections were not finished in time and are reset`);
    if (open > 0 && !late) this.#timer = timers.after(REPEAT_MS, () => void this.#finish());
    else this.#done(TAIL_MS);
  }

  /** Something was passed on, and the other one has said nothing of it since. */
  async #isLost(): Promise<boolean> {
    const { clock, commands, name } = this.#setup;
    if (this.#arrives) return false;
    if (this.#passedMs !== null) return clock.monotonicMs() - this.#passedMs >= ARRIVES_WITHIN_MS;
    const { stdout } = await commands.run(forwardedList(name), { timeoutMs: LIST_TIMEOUT_MS });
    if (stdout.includes('elements')) this.#passedMs = clock.monotonicMs();
    return false;
  }

  #done(tailMs: number): void {
    this.#setup.say('done');
    this.#endLater(tailMs);
  }

  /** Whoever asks for the addresses now must hear of the other box only. */
  #endLater(waitMs: number): void {
    const { nft, timers, ended } = this.#setup;
    this.#timer = timers.after(waitMs, ended);
    void nft.run(silenceRules({ ...this.#setup, endS: RULES_END_S })).then((trouble) => {
      if (trouble === null || this.#over) return;
      this.#timer?.cancel();
      ended();
    });
  }
}
