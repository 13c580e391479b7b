/**
 * Who is told what of a virtual server and its real servers: scripts, lines in pipes, mails, the chronicle. keepalived's order: the
 * script, the line, the mail.
 */
import type { VirtualServer } from '../config/l4-model.ts';
import { type L4Letter, serverLetter, serviceLetter } from './pool-letters.ts';
import type { PoolServer } from './pool-server.ts';
import type { PoolServices } from './pool-services.ts';

export class PoolTold {
  readonly #model: VirtualServer;
  readonly #services: PoolServices;

  constructor(model: VirtualServer, services: PoolServices) {
    this.#model = model;
    this.#services = services;
  }

  log(text: string): void {
    this.#services.journal.info(text);
  }

  /** `server.isUp` is the news. */
  server(server: PoolServer, why: string): void {
    const { notify, note } = this.#services;
    const { isUp, model, name } = server;
    server.wasTold = true;
    const script = isUp ? model.notifyUp : model.notifyDown;
    if (script !== null) notify.run(script);
    notify.line(`RS ${name} ${this.#model.name} ${wordOf(isUp)}`);
    note('real-server', `${this.#model.name}/${name}`, wordOf(isUp), why);
  }

  service(hasQuorum: boolean, why: string, text: string): void {
    const { notify, note, settings } = this.#services;
    const { name, quorumUp, quorumDown, smtpAlert } = this.#model;
    const script = hasQuorum ? quorumUp : quorumDown;
    if (script !== null) notify.run(script);
    notify.line(`VS ${name} ${wordOf(hasQuorum)}`);
    if (smtpAlert) this.#mail(serviceLetter(settings.routerId, name, wordOf(hasQuorum), `=> ${text} <=\n`));
    note('virtual-server', name, wordOf(hasQuorum), why);
  }

  /** Of the server as it is now. */
  serverMail(server: PoolServer, text: string): void {
    if (!server.model.smtpAlert) return;
    const { routerId } = this.#services.settings;
    this.#mail(serverLetter(routerId, server.name, this.#model.name, wordOf(server.isUp), text));
  }

  #mail({ subject, text }: L4Letter): void {
    this.#services.notify.mail(subject, text);
  }
}

function wordOf(isUp: boolean): 'UP' | 'DOWN' {
  return isUp ? 'UP' : 'DOWN';
}
