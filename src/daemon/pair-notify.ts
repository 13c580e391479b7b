/** A change of state, told to everybody who wants to know: notify scripts, FIFOs, mail. None of them holds up VRRP. */
import type { NotifyScripts, PairGlobal } from '../config/pair-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { NotifyState } from '../vrrp/election-types.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';
import { Notifier, type Subject } from '../vrrp/notifier.ts';
import { letterFor, mailer, type SendMail } from './mail.ts';
import { FifoWriter } from './notify-fifo.ts';

export interface Told {
  readonly notify: NotifyScripts;
  readonly smtpAlert: boolean;
}

export class PairNotify {
  readonly #runner: CommandRunner;
  readonly #resolveUser: ResolveUser;
  readonly #journal: VrrpJournal;
  readonly #notifier: Notifier;
  #global: PairGlobal;
  #send: SendMail;
  #fifos: readonly FifoWriter[] = [];

  constructor(global: PairGlobal, runner: CommandRunner, resolveUser: ResolveUser, journal: VrrpJournal) {
    this.#global = global;
    this.#runner = runner;
    this.#resolveUser = resolveUser;
    this.#journal = journal;
    this.#notifier = new Notifier(runner, resolveUser, journal);
    this.#send = mailer(global.mail, journal);
  }

  start(): Promise<void> {
    return this.#openFifos();
  }

  /** FIFOs that mean the same stay open, with whoever reads them. */
  async reconfigure(global: PairGlobal): Promise<void> {
    this.#global = global;
    this.#send = mailer(global.mail, this.#journal);
    await this.#openFifos();
  }

  async #openFifos(): Promise<void> {
    const wanted = this.#global.notifyFifos;
    const kept = this.#fifos.filter((fifo) => wanted.some((one) => sameMeaning(one, fifo.model)));
    for (const fifo of this.#fifos) if (!kept.includes(fifo)) fifo.close();
    const fresh = wanted.filter((one) => !kept.some(({ model }) => sameMeaning(one, model)));
    this.#fifos = kept;
    const opened = await Promise.all(
      fresh.map((fifo) => FifoWriter.open(fifo, this.#runner, this.#resolveUser, this.#journal)),
    );
    this.#fifos = [...kept, ...opened.filter((fifo) => fifo !== null)];
  }

  tell(told: Told, subject: Subject, state: NotifyState): void {
    this.#notifier.tell(told.notify, subject, state);
    for (const fifo of this.#fifos) fifo.write(subject.kind, subject.name, state, subject.priority);
    if (!told.smtpAlert || (state === 'FAULT' && this.#global.mail.noFaults)) return;
    const letter = letterFor(this.#global.routerId, subject.kind, subject.name, state);
    if (letter !== null) void this.#send(letter);
  }

  heardLower({ notify }: Told, subject: Subject): void {
    if (notify.masterHeardLower !== null) this.#notifier.run(notify.masterHeardLower);
    for (const fifo of this.#fifos) fifo.write(subject.kind, subject.name, 'MASTER_RX_LOWER_PRI', subject.priority);
  }

  /** An instance that the file does not name any more. */
  deleted({ notify }: Told, subject: Subject): void {
    if (notify.deleted !== null) this.#notifier.run(notify.deleted);
    for (const fifo of this.#fifos) fifo.write(subject.kind, subject.name, 'DELETED', subject.priority);
  }

  /** Resolves when every script has ended. */
  async stop(): Promise<void> {
    await this.#notifier.idle();
    for (const fifo of this.#fifos) fifo.close();
  }
}
