/**
 * Opens the stats sockets and keeps them until somebody serves them (src/admin). A unix socket is bound under a temporary
 * name, gets its owner and mode, and only then its name: nobody can come in before.
 */
import type { AdminLevel, Model } from '../config/model.ts';
import { type Address, addressText } from '../core/address.ts';
import type { Problem } from '../core/problem.ts';
import { closeListener, type Listener, listen } from '../sys/listen.ts';
import type { AccountFiles } from './accounts.ts';
import { ownerOf } from './listeners.ts';

const BACKLOG = 16;

export class StatsListener {
  readonly level: AdminLevel;
  /** As `show cli sockets` writes it. */
  readonly name: string;
  readonly maxconn: number | null;
  readonly #listener: Listener;
  #taken = false;
  #closed = false;

  constructor(listener: Listener, level: AdminLevel, name: string, maxconn: number | null) {
    this.#listener = listener;
    this.level = level;
    this.name = name;
    this.maxconn = maxconn;
  }

  /** The descriptor, whose closing is the caller's from now on. */
  take(): number {
    this.#taken = true;
    return this.#listener.fds[0] ?? -1;
  }

  /** Removes the file; closes what nobody has taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeListener(this.#taken ? { ...this.#listener, fds: [] } : this.#listener);
  }
}

export interface StatsListeners {
  readonly listeners: readonly StatsListener[];
  readonly problems: readonly Problem[];
}

export function openStatsSockets(model: Model, accounts: AccountFiles, reusePort: boolean): StatsListeners {
  const listeners: StatsListener[] = [];
  const problems: Problem[] = [];
  for (const { bind, level } of model.global.stats.sockets) {
    const { file, line } = bind.origin;
    const refuse = (code: string, message: string): void => {
      problems.push({ severity: 'error', code, file, line, column: 1, message: `stats socket: ${message}` });
    };
    const owner = ownerOf(bind, accounts);
    if (typeof owner === 'string') {
      refuse('unknown-account', owner);
      continue;
    }
    for (const address of bind.addresses) {
      const result = listen({
        address,
        sockets: 1,
        backlog: bind.backlog ?? BACKLOG,
        reusePort,
        beside: [],
        interface: bind.interface,
        acceptIpv4: bind.v6only ? false : bind.v4v6 ? true : null,
        mss: bind.mss,
        tcpUserTimeoutMs: bind.tcpUserTimeoutMs,
        mode: bind.mode,
        ...owner,
      });
      if (result.ok) listeners.push(new StatsListener(result.listener, level, nameOf(address), bind.maxconn));
      else refuse('cannot-bind', `${result.message} for [${addressText(address)}]`);
    }
  }
  return { listeners, problems };
}

function nameOf(address: Address): string {
  switch (address.family) {
    case 4:
      return `ipv4@${address.ip}:${address.port}`;
    case 6:
      return `ipv6@[${address.ip}]:${address.port}`;
    case 'unix':
      return address.path.startsWith('@') ? `abns@${address.path.slice(1)}` : `unix@${address.path}`;
    case 'fd':
      return `fd@${address.fd}`;
  }
}
