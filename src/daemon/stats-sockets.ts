/**
 * Opens the stats sockets and keeps them until somebody serves them (src/admin). A unix socket is bound under a temporary
 * name, gets its owner and mode, and only then its name: nobody can come in before.
 */
import type { AdminLevel, Model, StatsSocket } from '../config/model.ts';
import { type Address, addressText } from '../core/address.ts';
import type { Problem } from '../core/problem.ts';
import { F_DUPFD_CLOEXEC } from '../sys/constants.ts';
import * as libc from '../sys/libc.ts';
import { borrow, closeListener, type Listener, listen } from '../sys/listen.ts';
import type { AccountFiles } from './accounts.ts';
import { ownerOf } from './listeners.ts';
import type { PassedTurn } from './passed-sockets.ts';

const BACKLOG = 16;

export class StatsListener {
  readonly level: AdminLevel;
  /** As `show cli sockets` writes it. */
  readonly name: string;
  readonly maxconn: number | null;
  /** It is for HAProxy's master commands (`-S`). */
  readonly isMaster: boolean;
  /** What makes it what it is: a reload that wants the same keeps it. */
  readonly key: string;
  readonly #listener: Listener;
  #taken = false;
  #closed = false;

  constructor(
    listener: Listener,
    level: AdminLevel,
    name: string,
    maxconn: number | null,
    key: string,
    isMaster: boolean,
  ) {
    this.#listener = listener;
    this.level = level;
    this.name = name;
    this.maxconn = maxconn;
    this.key = key;
    this.isMaster = isMaster;
  }

  /** Those of a TCP socket: that the port is in use by them, is no reason not to listen there in another way. */
  get ownPorts(): readonly number[] {
    return this.#listener.unix ? [] : this.#listener.fds;
  }

  /** The descriptor, whose closing is the caller's from now on. */
  take(): number {
    const [fd = -1] = this.#listener.fds;
    if (this.#listener.lent) return libc.fcntl(fd, F_DUPFD_CLOEXEC, 0);
    this.#taken = true;
    return fd;
  }

  /** What somebody else has lent; null: it is our own. */
  get lent(): number | null {
    return this.#listener.lent ? (this.#listener.fds[0] ?? null) : null;
  }

  /** Removes the file; closes what nobody has taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeListener(this.#taken ? { ...this.#listener, fds: [] } : this.#listener);
  }
}

export class StatsSockets {
  readonly listeners: readonly StatsListener[];
  readonly problems: readonly Problem[];

  /** `kept`: those that are open already. `passed`: what this process was started with. `masters`: of its command line. */
  constructor(
    model: Model,
    accounts: AccountFiles,
    reusePort: boolean,
    kept: readonly StatsListener[],
    passed: PassedTurn | null = null,
    masters: readonly StatsSocket[] = [],
  ) {
    const listeners: StatsListener[] = [];
    const problems: Problem[] = [];
    const wanted = [...model.global.stats.sockets, ...masters];
    for (const [index, { bind, level }] of wanted.entries()) {
      const isMaster = index >= model.global.stats.sockets.length;
      const { file, line } = bind.origin;
      const refuse = (code: string, message: string): void => {
        problems.push({
          severity: 'error',
          code,
          file,
          line,
          column: 1,
          message: `${isMaster ? 'master' : 'stats'} socket: ${message}`,
        });
      };
      const owner = ownerOf(bind, accounts);
      if (typeof owner === 'string') {
        refuse('unknown-account', owner);
        continue;
      }
      for (const address of bind.addresses) {
        const options = {
          address,
          backlog: bind.backlog ?? BACKLOG,
          interface: bind.interface,
          acceptIpv4: bind.v6only ? false : bind.v4v6 ? true : null,
          mss: bind.mss,
          tcpUserTimeoutMs: bind.tcpUserTimeoutMs,
          mode: bind.mode,
          ...owner,
        };
        const key = JSON.stringify([options, level, bind.maxconn, isMaster]);
        const known = kept.find((one) => one.key === key && !listeners.includes(one));
        if (known !== undefined) {
          if (known.lent !== null) passed?.keep(known.lent);
          listeners.push(known);
          continue;
        }
        const inet = address.family === 4 || address.family === 6;
        const beside = inet ? kept.flatMap(({ ownPorts }) => ownPorts) : [];
        const all = { ...options, sockets: 1, reusePort, beside };
        const lent = passed?.take(all) ?? null;
        const result = lent === null ? listen(all) : borrow(lent, all);
        if (result.ok) {
          listeners.push(new StatsListener(result.listener, level, nameOf(address), bind.maxconn, key, isMaster));
        } else refuse('cannot-bind', `${result.message} for [${addressText(address)}]`);
      }
    }
    this.listeners = listeners;
    this.problems = problems;
  }

  /** All but those that somebody else has as well. */
  close(others: readonly StatsListener[]): void {
    for (const listener of this.listeners) if (!others.includes(listener)) listener.close();
  }
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
