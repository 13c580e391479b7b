/**
 * The old box's side when another one takes over: gives the addresses of a virtual router to a Tandem and loses no
 * connection.
 *
 *   begin ─▶ what is new is passed on (nftables) ─▶ what is open is finished ─▶ `done`: the other one announces ─▶ ended
 *              │ `leaving` every REPEAT_MS            │ answers end their connections    clients follow within TAIL_MS
 *              └ impossible: `done` at once           └ at most FINISH_AT_MOST_MS, then what is left is reset
 *
 * All clients send to one box at a time: this one, until the other announces. So no connection is cut by the move itself.
 * To somebody who is no Tandem, and announces at once: the addresses stay for LINGER_MS without being told of, so that at
 * least the answers that are being made can leave.
 * Not here: who is entitled to what (election.ts), the addresses (instance.ts), the other side (silence.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import { forwardEnd, forwardRules } from '../netlink/forward-rules.ts';
import type { Nft } from '../netlink/nft.ts';
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
const SS_TIMEOUT_MS = 1000;
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
  #endMs = 0;

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
      this.#endMs = this.#setup.clock.monotonicMs() + FINISH_AT_MOST_MS;
      if (trouble === null) this.#finish();
      else {
        warn(`connections cannot be passed on: nft: ${trouble}`);
        this.#done(0);
      }
    });
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

  #finish(): void {
    const { say, warn, timers, clock } = this.#setup;
    say('leaving');
    const late = clock.monotonicMs() >= this.#endMs;
    void this.#open(late).then((open) => {
      if (this.#over) return;
      if (open > 0 && late) warn(`${open} connections were not finished in time and are reset`);
      if (open > 0 && !late) this.#timer = timers.after(REPEAT_MS, () => this.#finish());
      else this.#done(TAIL_MS);
    });
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

  /** Connections to the addresses, of whatever program. `reset`: both sides are told that they are over. */
  async #open(reset: boolean): Promise<number> {
    const { addresses, commands } = this.#setup;
    const from = addresses.flatMap(({ family, ip }, i) => {
      return [...(i === 0 ? [] : ['or']), 'src', family === 6 ? `[${ip}]` : ip];
    });
    // Who has got everything and only does not hang up is not waited for.
    const states = ['state', 'connected', 'exclude', 'time-wait', 'exclude', 'fin-wait-2'];
    const argv = ['ss', '-H', '-t', '-n', ...(reset ? ['-K'] : []), ...states, '(', ...from, ')'];
    const { exitCode, stdout } = await commands.run(argv, { timeoutMs: SS_TIMEOUT_MS });
    // Where nobody can tell, they are given the time.
    if (exitCode !== 0) return reset ? 0 : 1;
    return stdout.split('\n').filter((line) => line !== '').length;
  }
}
