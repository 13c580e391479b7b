/**
 * Opens every listener of a model, and says what could not be opened, all of it at once. The control process keeps them
 * open for its whole life: data processes come and go on the same sockets.
 *
 * Not here: which sockets an address has (bind-sockets.ts).
 */
import type { Bind, Model, Proxy as ProxyModel } from '../config/model.ts';
import { type Address, addressText } from '../core/address.ts';
import type { Problem } from '../core/problem.ts';
import type { ListenerSocketPlan } from '../proxy/plan.ts';
import { closeListener } from '../sys/listen.ts';
import { portOwner } from '../sys/port-owner.ts';
import { type AccountFiles, findGroup, findUser } from './accounts.ts';
import { type BindOptions, BindSockets, distribute, type ListenTerms } from './bind-sockets.ts';
import { isFrontend, runningProxies } from './compile.ts';
import { type Keepable, keyOf } from './kept-sockets.ts';

const DEFAULT_BACKLOG = 1024;

export interface OpenListener extends Keepable {
  /** The proxy's name. */
  readonly frontend: string;
  readonly name: string;
  readonly maxconn: number;
  readonly ip: string;
  readonly label: string;
  readonly acceptsProxyHeader: boolean;
  readonly backlog: number;
  /** Which threads accept from which descriptor, by their numbers in this process. */
  readonly sockets: readonly ListenerSocketPlan[];
}

export class ListenerSet {
  readonly listeners: readonly OpenListener[];
  readonly problems: readonly Problem[];
  #open = true;

  constructor(listeners: readonly OpenListener[], problems: readonly Problem[]) {
    this.listeners = listeners;
    this.problems = problems;
  }

  /** All but those that another set has as well. */
  close(others: readonly OpenListener[] = []): void {
    if (!this.#open) return;
    this.#open = false;
    for (const listener of this.listeners) closeListener(listener, others);
  }
}

export function openListeners(model: Model, accounts: AccountFiles, terms: ListenTerms): ListenerSet {
  const frontends = runningProxies(model).filter(isFrontend);
  const binds = frontends.flatMap((proxy) => proxy.binds);
  const sockets = new BindSockets(binds, terms);
  const listeners: OpenListener[] = [];
  const problems: Problem[] = [];
  for (const proxy of frontends) {
    let number = 0;
    for (const bind of proxy.binds) {
      const owner = ownerOf(bind, accounts);
      if (typeof owner === 'string') {
        problems.push(problemAt(bind, 'unknown-account', `proxy ${proxy.name}: ${owner}`));
        continue;
      }
      for (const address of bind.addresses) {
        number++;
        const options = { ...optionsOf(bind, address, proxy), ...owner };
        const result = sockets.open(bind, options);
        if (!result.ok) {
          problems.push(problemAt(bind, 'cannot-bind', cannotBind(address, proxy, result.message, result.inUse)));
          continue;
        }
        listeners.push({
          ...result.listener,
          key: keyOf(options),
          name: bind.name ?? addressText(address),
          frontend: proxy.name,
          maxconn: bind.maxconn ?? 0,
          ip: address.family === 4 || address.family === 6 ? address.ip : '',
          label: bind.name ?? String(bind.id ?? number),
          acceptsProxyHeader: bind.acceptProxy,
          backlog: options.backlog,
          sockets: distribute(result.listener.fds, sockets.threadsOf(bind)),
        });
      }
    }
  }
  sockets.close();
  return new ListenerSet(listeners, problems);
}

/**
 * The line's own, the proxy's, else as many as may be connected; but for a small `maxconn` not as few as HAProxy's, so
 * that a burst waits in the queue instead of for its SYN to be sent again.
 */
export function backlogOf(bind: Bind, proxy: ProxyModel): number {
  return bind.backlog ?? proxy.backlog ?? Math.max(bind.maxconn ?? proxy.maxconn ?? 0, DEFAULT_BACKLOG);
}

export interface Owner {
  readonly uid: number | null;
  readonly gid: number | null;
}

/** Of a unix socket's file; a text says why not. */
export function ownerOf(bind: Bind, accounts: AccountFiles): Owner | string {
  const uid = bind.uid ?? (bind.user === null ? null : findUser(accounts, bind.user)?.uid);
  if (uid === undefined) return `there is no user '${bind.user}'`;
  const group = bind.group === null ? null : findGroup(accounts, bind.group);
  if (bind.group !== null && group === null) return `there is no group '${bind.group}'`;
  return { uid, gid: bind.gid ?? group };
}

function optionsOf(bind: Bind, address: Address, proxy: ProxyModel): Omit<BindOptions, keyof Owner> {
  return {
    address,
    backlog: backlogOf(bind, proxy),
    interface: bind.interface,
    acceptIpv4: bind.v6only ? false : bind.v4v6 ? true : null,
    mss: bind.mss,
    tcpUserTimeoutMs: bind.tcpUserTimeoutMs,
    mode: bind.mode,
  };
}

function cannotBind(address: Address, proxy: ProxyModel, message: string, inUse: boolean): string {
  const owner = inUse && (address.family === 4 || address.family === 6) ? portOwner(address.port) : null;
  return `proxy ${proxy.name}: ${message} for [${addressText(address)}]${owner === null ? '' : `, in use by ${owner}`}`;
}

function problemAt(bind: Bind, code: string, message: string): Problem {
  return { severity: 'error', code, file: bind.origin.file, line: bind.origin.line, column: 1, message };
}
