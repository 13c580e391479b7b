/**
 * The socket on which data processes ask the control process, for requests that proxies answer by themselves: opened for the
 * first configuration that needs it, there to the end, served by the web server (src/web). Its name is abstract, so that a
 * data process behind a chroot, without files and of another user finds it. Whoever else on this machine finds it has no
 * secret: who asks is known by that, and each generation has its own.
 */
import type { Model } from '../config/model.ts';
import { randomUuid } from '../core/random.ts';
import { INSIDE_FIELD } from '../proxy/inside-plan.ts';
import type { Plan } from '../proxy/plan.ts';
import { closeListener, type Listener, listen, PLAIN_LISTEN } from '../sys/listen.ts';
import type { InsideWay } from './compile-inside.ts';

export { INSIDE_FIELD };

const BACKLOG = 128;

/** A configuration that asks, and what it is in the numbers of its plan. */
export interface InsideSource {
  readonly model: Model;
  readonly plan: Plan;
}

export class InsideDoor {
  #listener: Listener | null = null;
  #path = '';
  #serve: ((fd: number) => void) | null = null;
  #taken = false;

  /** A way in for another generation; a text says why there is none. */
  open(): InsideWay | string {
    if (this.#listener === null) {
      const path = `@tandem-${process.pid}-${randomUuid()}`;
      const result = listen({ ...PLAIN_LISTEN, address: { family: 'unix', path }, backlog: BACKLOG });
      if (!result.ok) return `cannot listen for requests to this program itself: ${result.message}`;
      this.#path = path;
      this.#listener = result.listener;
      this.#give();
    }
    return { path: this.#path, secret: randomUuid() };
  }

  /** Who serves it gets the descriptor as soon as there is one; closing that is theirs. */
  serveBy(serve: (fd: number) => void): void {
    this.#serve = serve;
    this.#give();
  }

  close(): void {
    if (this.#listener !== null && !this.#taken) closeListener(this.#listener);
    this.#listener = null;
  }

  #give(): void {
    const [fd] = this.#listener?.fds ?? [];
    if (fd === undefined || this.#serve === null || this.#taken) return;
    this.#taken = true;
    this.#serve(fd);
  }
}
