/**
 * A sync group: its members are master together, or none of them is.
 *
 *   a member has a fault of its own  ─▶ all are in FAULT; none has ─▶ none is
 *   nothing is heard by a member     ─▶ it waits until that is so for all; then it becomes master, and the others follow
 *   a member loses to a better one   ─▶ the others follow
 */
import type { VrrpSyncGroup } from '../config/pair-model.ts';
import type { NotifyState, Phase } from './election-types.ts';
import type { VrrpJournal } from './journal.ts';

/** What a group needs of its members. */
export interface Member {
  readonly phase: Phase;
  readonly faults: readonly string[];
  /** Nothing speaks against its being master, of all that it knows. */
  readonly wantsMaster: boolean;
  setGroupFault(fault: boolean): void;
  follow(phase: 'master' | 'backup'): void;
}

export class SyncGroup {
  readonly model: VrrpSyncGroup;
  readonly #members: readonly Member[];
  readonly #journal: VrrpJournal;
  readonly #notify: (state: NotifyState) => void;
  #said: NotifyState | null;
  #busy = false;

  constructor(
    model: VrrpSyncGroup,
    members: readonly Member[],
    journal: VrrpJournal,
    notify: (state: NotifyState) => void,
    said: NotifyState | null = null,
  ) {
    this.model = model;
    this.#members = members;
    this.#journal = journal;
    this.#notify = notify;
    this.#said = said;
  }

  /** What was told last. */
  get said(): NotifyState | null {
    return this.#said;
  }

  /**
   * A link on which nothing is heard while the same master is heard on another is no reason to take over: whoever did would
   * lose to that master, and begin again.
   */
  mayTakeOver(member: Member): boolean {
    return this.#said === 'MASTER' || this.#members.every((other) => other === member || other.wantsMaster);
  }

  faultsChanged(): void {
    // Telling a member changes its standing, which comes back here.
    if (this.#busy) return;
    this.#busy = true;
    for (const member of this.#members) {
      const others = this.#members.some((other) => other !== member && other.faults.length > 0);
      member.setGroupFault(others);
    }
    this.#busy = false;
    this.#say();
  }

  phaseChanged(member: Member, before: Phase): void {
    if (!this.#busy) {
      this.#busy = true;
      if (member.phase === 'master') this.#others(member, 'master');
      // What follows a fault is a start: the others have their own timers.
      if (member.phase === 'backup' && before === 'master') this.#others(member, 'backup');
      this.#busy = false;
    }
    this.#say();
  }

  #others(member: Member, phase: 'master' | 'backup'): void {
    const state = phase === 'master' ? 'MASTER' : 'BACKUP';
    this.#journal.info(`VRRP_Group(${this.model.name}) Syncing instances to ${state} state`);
    for (const other of this.#members) if (other !== member) other.follow(phase);
  }

  /** When all of them are there. */
  #say(): void {
    const states = new Set(this.#members.map(({ phase }) => stateOf(phase)));
    const [state] = states;
    if (states.size !== 1 || state === undefined || state === null || state === this.#said) return;
    this.#said = state;
    this.#notify(state);
  }
}

function stateOf(phase: Phase): NotifyState | null {
  switch (phase) {
    case 'master':
      return 'MASTER';
    case 'backup':
      return 'BACKUP';
    case 'fault':
      return 'FAULT';
    case 'stopped':
      return 'STOP';
    case 'init':
    case 'leaving':
      return null;
  }
}
