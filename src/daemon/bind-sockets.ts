/**
 * The sockets behind one address of a `bind` line, and which threads accept from them.
 *
 *   TCP                      a socket for each thread; clients are distributed by the kernel
 *   unix, inherited (fd@), passed by systemd    one socket, which all threads accept from
 *
 * Not here: all lines and what is wrong with them (listeners.ts).
 */
import type { Bind } from '../config/model.ts';
import { addressText } from '../core/address.ts';
import type { ListenerSocketPlan } from '../proxy/plan.ts';
import { borrow, keepListening, type ListenOptions, type ListenResult, listen, takeOver } from '../sys/listen.ts';
import { TakenSockets } from '../sys/taken-sockets.ts';
import { type Keepable, KeptSockets } from './kept-sockets.ts';
import type { PassedTurn } from './passed-sockets.ts';

export interface ListenTerms {
  readonly threads: number;
  readonly reusePort: boolean;
  /** Processes that this one replaces; sockets that they listen on are taken over. */
  readonly predecessors: readonly number[];
  /** What this process listens on already: where it is meant, too, it stays. */
  readonly kept?: readonly Keepable[];
  /** What this process was started with. */
  readonly passed?: PassedTurn;
}

export type BindOptions = Omit<ListenOptions, 'sockets' | 'reusePort' | 'beside'>;

export class BindSockets {
  readonly #terms: ListenTerms;
  readonly #taken: TakenSockets;
  readonly #kept: KeptSockets;
  /** Address → lines that have yet to be opened there. */
  readonly #linesLeft = new Map<string, number>();
  /** Port → what is open there. */
  readonly #own = new Map<number, number[]>();

  constructor(binds: readonly Bind[], terms: ListenTerms) {
    this.#terms = terms;
    this.#taken = new TakenSockets(terms.predecessors);
    this.#kept = new KeptSockets(terms.kept ?? []);
    for (const address of binds.flatMap(({ addresses }) => addresses)) {
      const text = addressText(address);
      this.#linesLeft.set(text, (this.#linesLeft.get(text) ?? 0) + 1);
    }
  }

  /** Indices of the threads that accept there. */
  threadsOf(bind: Bind): readonly number[] {
    const all = Array.from({ length: this.#terms.threads }, (_, thread) => thread);
    return all.filter((thread) => bind.threads?.includes(thread + 1) ?? true);
  }

  open(bind: Bind, options: BindOptions): ListenResult {
    const { address } = options;
    const sockets = this.threadsOf(bind).length;
    const wanted = address.family === 4 || address.family === 6 ? address.port : -1;
    const own = this.#own.get(wanted) ?? [];
    const beside = [...own, ...this.#kept.onPort(wanted)];
    const all = { ...options, sockets, reusePort: this.#terms.reusePort, beside };
    const kept = this.#kept.take(options);
    const result = kept === undefined ? this.#open(bind, all) : this.#keep(kept, all);
    if (result.ok && !result.listener.unix) {
      const { port, fds } = result.listener;
      // The same port twice in one configuration is meant so, as in `bind :80 thread 1` and `bind :80 thread 2`.
      this.#own.set(port, [...own, ...fds]);
    }
    return result;
  }

  /** Lets go of what nobody took. */
  close(): void {
    this.#taken.close();
  }

  #keep(kept: Keepable, options: ListenOptions): ListenResult {
    if (kept.lent) for (const fd of kept.fds) this.#terms.passed?.keep(fd);
    return keepListening(kept, options);
  }

  #open(bind: Bind, options: ListenOptions): ListenResult {
    const { address } = options;
    const passed = this.#terms.passed?.take(options) ?? null;
    if (passed !== null) return borrow(passed, options);
    if (address.family !== 4 && address.family !== 6) return listen(options);
    const text = addressText(address);
    const left = (this.#linesLeft.get(text) ?? 1) - 1;
    this.#linesLeft.set(text, left);
    // A predecessor's sockets have their options already, so they serve a bind that asks for none in particular.
    const particular = bind.interface !== null || bind.mss !== null || bind.tcpUserTimeoutMs !== null;
    if (particular || bind.v4v6 || bind.v6only) return listen(options);
    const fds = this.#taken.take(address, left > 0 ? options.sockets : Number.POSITIVE_INFINITY);
    return fds.length > 0 ? takeOver(fds, address, options) : listen(options);
  }
}

/**
 * Each thread its own. What is more than that (of a predecessor with more threads) or less belongs to all of them: no
 * socket of an address may be left alone, as the kernel sends clients to each.
 */
export function distribute(fds: readonly number[], threads: readonly number[]): readonly ListenerSocketPlan[] {
  return fds.map((fd, i) => {
    const own = fds.length >= threads.length ? threads[i] : undefined;
    return { fd, threads: own === undefined ? threads : [own] };
  });
}
