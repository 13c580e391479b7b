/** What a virtual router has heard of others lately, for who asks how it is: nothing is decided by it. */
import type { Refusal } from './acceptance.ts';
import type { ElectionState, HeardMaster, Phase } from './election-types.ts';
import type { InstanceView } from './instance-view.ts';

/** A master that has lost says one more word at most: who says more is a rival. */
const RIVAL_ADVERTS = 3;
/** Who was not heard for so many intervals is gone. */
const GONE_INTERVALS = 3;

export class Hearing {
  #master: { readonly source: string; readonly atMs: number } | null = null;
  #rival: (HeardMaster & { readonly adverts: number; readonly atMs: number }) | null = null;
  #refused: { readonly refusal: Refusal; readonly source: string; readonly atMs: number } | null = null;

  /** An advert that was taken; `phase`: what it made of this router. */
  heard(phase: Phase, { source, priority }: HeardMaster, nowMs: number): void {
    if (phase !== 'master' || priority === 0) {
      this.#rival = null;
      this.#master = { source, atMs: nowMs };
      return;
    }
    const adverts = this.#rival?.source === source ? this.#rival.adverts + 1 : 1;
    this.#rival = { source, priority, adverts, atMs: nowMs };
  }

  refused(refusal: Refusal, source: string, nowMs: number): void {
    if (refusal === 'own-source' || refusal === 'other-vrid') return;
    this.#refused = { refusal, source, atMs: nowMs };
  }

  view(state: ElectionState, nowMs: number): Pick<InstanceView, 'masterHeardMsAgo' | 'rival' | 'refused'> {
    const { master, phase, masterIntervalCs } = state;
    const heard = master !== null && this.#master?.source === master.source ? nowMs - this.#master.atMs : null;
    return {
      masterHeardMsAgo: heard,
      rival: this.#rivalNow(phase, masterIntervalCs, nowMs),
      refused: this.#last(nowMs),
    };
  }

  #rivalNow(phase: Phase, intervalCs: number, nowMs: number): InstanceView['rival'] {
    if (this.#rival === null || phase !== 'master') return null;
    const { source, priority, adverts, atMs } = this.#rival;
    const heardMsAgo = nowMs - atMs;
    if (adverts < RIVAL_ADVERTS || heardMsAgo > GONE_INTERVALS * intervalCs * 10) return null;
    return { source, priority, heardMsAgo };
  }

  #last(nowMs: number): InstanceView['refused'] {
    if (this.#refused === null) return null;
    const { refusal, source, atMs } = this.#refused;
    return { refusal, source, msAgo: nowMs - atMs };
  }
}
