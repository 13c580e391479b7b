/**
 * Opens an address for the web server (src/web) and keeps it until somebody serves it. As listeners of proxies it may be
 * bound before its address is there.
 */
import { addressText, type InetAddress } from '../core/address.ts';
import { closeListener, type Listener, listen, PLAIN_LISTEN } from '../sys/listen.ts';

const BACKLOG = 64;

/** Where it listens, and what may be done there. */
export interface WebAddress {
  readonly address: InetAddress;
  readonly admin: boolean;
}

export class WebListener {
  readonly name: string;
  readonly url: string;
  /** Things may be changed there; a reload may say otherwise. */
  admin = false;
  readonly #listener: Listener;
  #taken = false;

  constructor(listener: Listener, name: string) {
    this.#listener = listener;
    this.name = name;
    this.url = `http://${name}/`;
  }

  /** The descriptor, whose closing is the caller's from now on. */
  take(): number {
    this.#taken = true;
    return this.#listener.fds[0] ?? -1;
  }

  /** Closes what nobody has taken. */
  close(): void {
    if (!this.#taken) closeListener(this.#listener);
    this.#taken = true;
  }
}

/** A text says why not. */
export function openWebListener(address: InetAddress): WebListener | string {
  const result = listen({ ...PLAIN_LISTEN, address, backlog: BACKLOG });
  if (!result.ok) return `http: ${result.message} for [${addressText(address)}]`;
  return new WebListener(result.listener, addressText({ ...address, port: result.listener.port }));
}
