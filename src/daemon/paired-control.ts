/**
 * Proxies and pair as one program. How it ends so that nothing is lost:
 *
 *   TERM ─▶ clients are asked to come anew ─▶ priority 0 ─▶ successor heard ─▶ addresses go ─▶ listeners close ─▶ end
 *            (Connection: close; idle ones             │      (a Tandem waits until what is in progress is finished:
 *             end, LAST_ANSWERS_MS)                    │       src/vrrp/hand-over.ts)
 *
 * The proxies serve until the addresses are gone. A second TERM does not wait. Not here: the signals (src/cli).
 */

import type { Model } from '../config/model.ts';
import type { PairModel } from '../config/pair-model.ts';
import type { Timers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import type { Chronicle } from './chronicle.ts';
import type { Control } from './control.ts';
import type { Journal } from './journal.ts';
import { clientsGone } from './last-answers.ts';
import type { Pair } from './pair.ts';
import { reloadProxies } from './reload-proxies.ts';
import { Reloads, type ReloadVoice } from './reloads.ts';
import type { Systemd } from './systemd.ts';

/** Clients of an address that has left cannot be answered any more: theirs is not worth waiting for. */
const DRAIN_AT_MOST_MS = 5000;

/** The files as they are now; a model that is missing has errors. */
export interface ConfigurationAgain {
  /** null without proxies, too. */
  readonly model: Model | null;
  readonly pair: PairModel | null;
  readonly problems: readonly Problem[];
}

export interface PairedParts {
  readonly pair: Pair;
  /** null: no proxies. */
  readonly control: Control | null;
  readonly journal: Journal;
  readonly timers: Timers;
  readonly systemd: Systemd;
  readonly chronicle: Chronicle;
  readonly readAgain: () => ConfigurationAgain;
  /** How problems of files that are read again are told. */
  readonly tell: (problems: readonly Problem[], journal: Journal) => void;
  /** Another keepalived.conf is in force. */
  readonly reloaded: (model: PairModel, journal: Journal) => void;
  /** keepalived's -V: the addresses stay. */
  readonly releaseAddresses: boolean;
}

export class PairedControl {
  readonly #parts: PairedParts;
  readonly #reloads: Reloads;
  #leaving: 'no' | 'stopping' | 'draining' = 'no';
  #left = false;
  #resolveLeft: () => void = () => {};
  /** The pair has left and the proxies have ended. */
  readonly ended: Promise<void>;

  constructor(parts: PairedParts) {
    this.#parts = parts;
    const { journal, systemd, chronicle, tell, control } = parts;
    this.#reloads = new Reloads({ journal, systemd, chronicle, tell, reload: (voice) => this.#reload(voice) });
    control?.reloadBy(() => this.#reloads.ask(), this.#reloads.counts);
    const left = new Promise<void>((resolve) => {
      this.#resolveLeft = resolve;
    });
    // Proxies that end by themselves take the addresses with them.
    const served = parts.control?.ended.then(() => {
      if (!this.#left) this.stop();
    });
    this.ended = Promise.all([left, served]).then(() => {});
  }

  stop(): void {
    if (this.#leaving === 'stopping') {
      this.#parts.journal.warning('told to stop again: not waiting for a successor');
      void this.#parts.pair.stop(false);
      this.#parts.control?.stop();
      return;
    }
    this.#leave('stopping');
  }

  drain(): void {
    if (this.#leaving === 'no') this.#leave('draining');
  }

  dumpStates(): void {
    this.#parts.control?.dumpStates();
  }

  /** For who asks for reloads in another way than by a signal, and how often they were done. */
  get reloads(): Pick<Reloads, 'ask' | 'counts'> {
    return this.#reloads;
  }

  /** Both files, or nothing: one with errors changes neither half. */
  reload(): void {
    void this.#reloads.ask();
  }

  async #reload(voice: ReloadVoice): Promise<boolean> {
    const { pair, control, readAgain } = this.#parts;
    const { journal, tell } = voice;
    if (this.#leaving !== 'no') {
      journal.warning('no reload: it is about to end');
      return false;
    }
    journal.notice(control === null ? 'Reloading keepalived.conf' : 'Reloading haproxy.cfg and keepalived.conf');
    const again = readAgain();
    tell(again.problems);
    if (again.pair === null || (control !== null && again.model === null)) {
      journal.alert('the new configuration has errors: nothing was changed');
      return false;
    }
    if (control !== null && again.model !== null && !(await reloadProxies(control, again.model, voice))) return false;
    for (const message of await pair.reload(again.pair)) journal.alert(message);
    this.#parts.reloaded(again.pair, journal);
    return true;
  }

  #leave(how: 'stopping' | 'draining'): void {
    const before = this.#leaving;
    this.#leaving = how;
    this.#parts.systemd.stopping();
    const { pair, control, timers, releaseAddresses } = this.#parts;
    if (before === 'no' && releaseAddresses) control?.lastAnswers(true);
    const left = releaseAddresses ? clientsGone(control, timers).then(() => pair.stop(true)) : pair.abandon();
    void left.then(() => {
      this.#left = true;
      this.#resolveLeft();
      if (control === null) return;
      control.drain();
      if (how === 'draining') return;
      const timer = timers.after(DRAIN_AT_MOST_MS, () => control.stop());
      void control.ended.then(() => timer.cancel());
    });
    // Somebody who drains, and then wants the end.
    if (before === 'draining') control?.stop();
  }
}
