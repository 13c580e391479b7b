/**
 * Opens every listener of a model, and says what could not be opened, all of it at once. The control process keeps them
 * open for its whole life: data processes come and go on the same sockets.
 */
import type { Bind, Model, Proxy as ProxyModel } from '../config/model.ts';
import { type Address, addressText } from '../core/address.ts';
import type { Problem } from '../core/problem.ts';
import { closeListener, type Listener, type ListenOptions, listen } from '../sys/listen.ts';
import { portOwner } from '../sys/port-owner.ts';
import { TakenSockets } from '../sys/taken-sockets.ts';
import { type AccountFiles, findGroup, findUser } from './accounts.ts';
import { isFrontend, runningProxies } from './compile.ts';

const DEFAULT_BACKLOG = 1024;

export interface OpenListener extends Listener {
  /** The proxy's name. */
  readonly frontend: string;
  readonly name: string;
  readonly maxconn: number;
}

export class ListenerSet {
  readonly listeners: readonly OpenListener[];
  readonly problems: readonly Problem[];
  #open = true;

  constructor(listeners: readonly OpenListener[], problems: readonly Problem[]) {
    this.listeners = listeners;
    this.problems = problems;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const listener of this.listeners) closeListener(listener);
  }
}

/** `predecessors`: processes that this one replaces; sockets that they listen on are taken over. */
export function openListeners(
  model: Model,
  accounts: AccountFiles,
  reusePort: boolean,
  predecessors: readonly number[] = [],
): ListenerSet {
  const taken = new TakenSockets(predecessors);
  const listeners: OpenListener[] = [];
  const problems: Problem[] = [];
  for (const proxy of runningProxies(model).filter(isFrontend)) {
    for (const bind of proxy.binds) {
      const owner = ownerOf(bind, accounts);
      if (typeof owner === 'string') {
        problems.push(problemAt(bind, 'unknown-account', `proxy ${proxy.name}: ${owner}`));
        continue;
      }
      for (const address of bind.addresses) {
        const source = inheritedSource(bind, address, taken);
        const result = listen(optionsOf(bind, source, proxy, owner, reusePort));
        if (!result.ok) {
          problems.push(problemAt(bind, 'cannot-bind', cannotBind(address, proxy, result.message, result.inUse)));
          continue;
        }
        const name = bind.name ?? addressText(address);
        listeners.push({ ...result.listener, name, frontend: proxy.name, maxconn: bind.maxconn ?? 0 });
      }
    }
  }
  taken.close();
  return new ListenerSet(listeners, problems);
}

/** A predecessor's socket has its options already, so it serves a bind that asks for none in particular. */
function inheritedSource(bind: Bind, address: Address, taken: TakenSockets): Address {
  if (address.family !== 4 && address.family !== 6) return address;
  const particular = bind.interface !== null || bind.mss !== null || bind.tcpUserTimeoutMs !== null;
  if (particular || bind.v4v6 || bind.v6only) return address;
  const fd = taken.take(address);
  return fd === null ? address : { family: 'fd', fd };
}

/**
 * The line's own, the proxy's, else as many as may be connected; but for a small `maxconn` not as few as HAProxy's, so
 * that a burst waits in the queue instead of for its SYN to be sent again.
 */
export function backlogOf(bind: Bind, proxy: ProxyModel): number {
  return bind.backlog ?? proxy.backlog ?? Math.max(bind.maxconn ?? proxy.maxconn ?? 0, DEFAULT_BACKLOG);
}

interface Owner {
  readonly uid: number | null;
  readonly gid: number | null;
}

/** Of a unix socket's file; a text says why not. */
function ownerOf(bind: Bind, accounts: AccountFiles): Owner | string {
  const uid = bind.uid ?? (bind.user === null ? null : findUser(accounts, bind.user)?.uid);
  if (uid === undefined) return `there is no user '${bind.user}'`;
  const group = bind.group === null ? null : findGroup(accounts, bind.group);
  if (bind.group !== null && group === null) return `there is no group '${bind.group}'`;
  return { uid, gid: bind.gid ?? group };
}

function optionsOf(bind: Bind, address: Address, proxy: ProxyModel, owner: Owner, reusePort: boolean): ListenOptions {
  return {
    address,
    backlog: backlogOf(bind, proxy),
    reusePort,
    interface: bind.interface,
    acceptIpv4: bind.v6only ? false : bind.v4v6 ? true : null,
    mss: bind.mss,
    tcpUserTimeoutMs: bind.tcpUserTimeoutMs,
    mode: bind.mode,
    ...owner,
  };
}

function cannotBind(address: Address, proxy: ProxyModel, message: string, inUse: boolean): string {
  const owner = inUse && (address.family === 4 || address.family === 6) ? portOwner(address.port) : null;
  return `proxy ${proxy.name}: ${message} for [${addressText(address)}]${owner === null ? '' : `, in use by ${owner}`}`;
}

function problemAt(bind: Bind, code: string, message: string): Problem {
  return { severity: 'error', code, file: bind.origin.file, line: bind.origin.line, column: 1, message };
}
