/** A change of state, told to everybody who wants to know: notify scripts, FIFOs, mail. None of them holds up VRRP. */
import type { NotifyFifo, NotifyScripts, PairGlobal, PairModel } from '../config/pair-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { Timers } from '../core/clock.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { L4Notify } from '../l4/pool-services.ts';
import type { NotifyState } from '../vrrp/election-types.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';
import { Notifier, type Subject } from '../vrrp/notifier.ts';
import { type Letter, letterFor, mailer, type SendMail } from './mail.ts';
import { FifoWriter } from './notify-fifo.ts';

/** Mails that are under way when everything has ended; a mail server that does not answer holds up the end no longer. */
const LAST_MAILS_MS = 3000;

export interface Told {
  readonly notify: NotifyScripts;
  readonly smtpAlert: boolean;
}

export class PairNotify {
  readonly #runner: CommandRunner;
  readonly #resolveUser: ResolveUser;
  readonly #journal: VrrpJournal;
  readonly #timers: Timers;
  readonly #notifier: Notifier;
  /** Of virtual servers, each with a queue of its own: scripts of the one do not wait for those of the other. */
  readonly #notifiers = new Map<string, Notifier>();
  #model: PairModel;
  #send: SendMail;
  readonly #mails = new Set<Promise<void>>();
  #fifos: readonly FifoWriter[] = [];

  constructor(model: PairModel, runner: CommandRunner, resolveUser: ResolveUser, journal: VrrpJournal, timers: Timers) {
    this.#model = model;
    this.#timers = timers;
    this.#runner = runner;
    this.#resolveUser = resolveUser;
    this.#journal = journal;
    this.#notifier = new Notifier(runner, resolveUser, journal);
    this.#send = mailer(model.global.mail, journal);
  }

  get #global(): PairGlobal {
    return this.#model.global;
  }

  start(): Promise<void> {
    return this.#openFifos();
  }

  /** FIFOs that mean the same stay open, with whoever reads them. */
  async reconfigure(model: PairModel): Promise<void> {
    this.#model = model;
    this.#send = mailer(model.global.mail, this.#journal);
    await this.#openFifos();
  }

  async #openFifos(): Promise<void> {
    const own = this.#global.notifyFifos;
    const more = this.#model.virtualServers.length === 0 ? [] : this.#global.lvsNotifyFifos;
    const wanted = [...own, ...more.filter(({ path }) => !hasPath(own, path))];
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
    this.#write(subject, state);
    if (!told.smtpAlert || (state === 'FAULT' && this.#global.mail.noFaults)) return;
    const letter = letterFor(this.#global.routerId, subject.kind, subject.name, state);
    if (letter !== null) this.#mail(letter);
  }

  heardLower({ notify }: Told, subject: Subject): void {
    if (notify.masterHeardLower !== null) this.#notifier.run(notify.masterHeardLower);
    this.#write(subject, 'MASTER_RX_LOWER_PRI');
  }

  /** An instance that the file does not name any more. */
  deleted({ notify }: Told, subject: Subject): void {
    if (notify.deleted !== null) this.#notifier.run(notify.deleted);
    this.#write(subject, 'DELETED');
  }

  /** For the virtual server of that key. */
  virtualServer(key: string): L4Notify {
    return {
      run: (command) => {
        const notifier = this.#notifiers.get(key) ?? new Notifier(this.#runner, this.#resolveUser, this.#journal);
        this.#notifiers.set(key, notifier);
        notifier.run(command);
      },
      line: (text) => {
        for (const fifo of this.#fifos) if (hasPath(this.#global.lvsNotifyFifos, fifo.model.path)) fifo.line(text);
      },
      mail: (subject, text) => this.#mail({ subject, text }),
    };
  }

  /** Resolves when every script has ended, and mails are on their way. */
  async stop(): Promise<void> {
    await Promise.all([this.#notifier, ...this.#notifiers.values()].map((notifier) => notifier.idle()));
    if (this.#mails.size > 0) await this.#lastMails();
    for (const fifo of this.#fifos) fifo.close();
  }

  #mail(letter: Letter): void {
    const sent = this.#send(letter).finally(() => this.#mails.delete(sent));
    this.#mails.add(sent);
  }

  async #lastMails(): Promise<void> {
    let tired = (): void => {};
    const patience = new Promise<void>((resolve) => {
      tired = resolve;
    });
    const timer = this.#timers.after(LAST_MAILS_MS, () => tired());
    await Promise.race([Promise.all(this.#mails), patience]);
    timer.cancel();
  }

  #write({ kind, name, priority }: Subject, state: string): void {
    const { notifyFifos } = this.#global;
    for (const fifo of this.#fifos) if (hasPath(notifyFifos, fifo.model.path)) fifo.write(kind, name, state, priority);
  }
}

function hasPath(fifos: readonly NotifyFifo[], path: string): boolean {
  return fifos.some((fifo) => fifo.path === path);
}
