/**
 * Sockets that this process was started with, as systemd passes them (sd_listen_fds(3)):
 *
 *   LISTEN_PID=123  LISTEN_FDS=2  LISTEN_FDNAMES=web:admin     descriptors 3 and 4 of process 123
 *
 * A line that names one (`fd@3`), or the address that one listens at, listens there; the rest is closed after the start. What
 * was taken once stays ours until the end, whatever is reloaded: it could not be had a second time.
 *
 * Not here: opening what was not passed (bind-sockets.ts, stats-sockets.ts).
 */
import type { Model } from '../config/model.ts';
import { addressText } from '../core/address.ts';
import { F_SETFD, FD_CLOEXEC } from '../sys/constants.ts';
import * as libc from '../sys/libc.ts';
import type { ListenOptions } from '../sys/listen.ts';
import { isOpen, isSamePlace, type ListeningSocket, listeningSocket } from '../sys/listening-socket.ts';
import { runningProxies } from './compile.ts';

/** SD_LISTEN_FDS_START */
const FIRST = 3;
/** systemd itself passes no more than `FileDescriptorStoreMax` and its socket units have. */
const MOST = 4096;

export interface PassedDescriptor {
  readonly fd: number;
  /** Its unit's, or FileDescriptorName=; empty: it has none. */
  readonly name: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `pids`: whose descriptors are ours; the one that we run in the background for has them under the same numbers. */
export function passedDescriptors(environment: Environment, pids: readonly number[]): readonly PassedDescriptor[] {
  const { LISTEN_PID: pid = '', LISTEN_FDS: count = '', LISTEN_FDNAMES: names } = environment;
  if (!pids.includes(Number(pid)) || !/^[1-9]\d{0,3}$/.test(count) || Number(count) > MOST) return [];
  const each = names?.split(':') ?? [];
  const all = Array.from({ length: Number(count) }, (_, i) => ({ fd: FIRST + i, name: each[i] ?? '' }));
  return all.filter(({ fd }) => isOpen(fd));
}

/** What a line asks for of a socket that is there already. */
export type Wanted = Pick<ListenOptions, 'address' | 'interface' | 'acceptIpv4'>;

export class PassedSockets {
  readonly #open: readonly PassedDescriptor[];
  readonly #listening: readonly ListeningSocket[];
  readonly #used = new Set<number>();
  #closed = false;

  constructor(passed: readonly PassedDescriptor[]) {
    this.#open = passed;
    this.#listening = passed.map(({ fd }) => listeningSocket(fd)).filter((socket) => socket !== null);
    for (const { fd } of passed) libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
  }

  /** For the lines of one configuration, each of which may have another one. */
  forModel(model: Model): PassedTurn {
    const binds = runningProxies(model).flatMap((proxy) => proxy.binds);
    const addresses = [...binds, ...model.global.stats.sockets.map(({ bind }) => bind)].flatMap(
      (bind) => bind.addresses,
    );
    const byNumber = new Set(addresses.flatMap((address) => (address.family === 'fd' ? [address.fd] : [])));
    return new PassedTurn(this, byNumber);
  }

  /** -1: there is none. `taken`: those that other lines have. */
  find({ address, interface: device, acceptIpv4 }: Wanted, taken: ReadonlySet<number>): number {
    if (address.family === 'fd') return this.#has(address.fd) ? address.fd : -1;
    const found = this.#listening.find(
      (socket) =>
        this.#has(socket.fd) &&
        !taken.has(socket.fd) &&
        isSamePlace(socket.address, address) &&
        socket.device === (device ?? '') &&
        (acceptIpv4 === null || socket.v6Only === !acceptIpv4),
    );
    return found?.fd ?? -1;
  }

  use(fd: number): void {
    this.#used.add(fd);
  }

  /** What nobody wanted, once; says so, for the journal. What is no listening socket may be somebody's own: it is left. */
  closeUnused(): readonly string[] {
    if (this.#closed) return [];
    this.#closed = true;
    return this.#open
      .filter(({ fd }) => !this.#used.has(fd))
      .map((one) => {
        const listens = this.#listening.some(({ fd }) => fd === one.fd);
        if (listens) libc.close(one.fd);
        const then = listens ? 'closed' : 'left alone';
        return `${this.#describe(one)} was passed to this process, but no 'bind' or 'stats socket' is for it: ${then}`;
      });
  }

  #has(fd: number): boolean {
    return this.#used.has(fd) || (!this.#closed && this.#open.some((one) => one.fd === fd));
  }

  #describe({ fd, name }: PassedDescriptor): string {
    const socket = this.#listening.find((one) => one.fd === fd);
    const what = socket === undefined ? 'no listening stream socket' : listensAt(socket);
    return `descriptor ${fd} (${name === '' ? what : `${name}, ${what}`})`;
  }
}

/** What the lines of one configuration take. */
export class PassedTurn {
  readonly #sockets: PassedSockets;
  readonly #taken: Set<number>;

  /** `byNumber`: those that lines name as `fd@N`, whatever address others want. */
  constructor(sockets: PassedSockets, byNumber: ReadonlySet<number>) {
    this.#sockets = sockets;
    this.#taken = new Set(byNumber);
  }

  /** null: no such one was passed. */
  take(wanted: Wanted): number | null {
    const fd = this.#sockets.find(wanted, this.#taken);
    if (fd < 0) return null;
    this.keep(fd);
    return fd;
  }

  /** A line goes on with what it has. */
  keep(fd: number): void {
    this.#taken.add(fd);
    this.#sockets.use(fd);
  }
}

function listensAt({ address, device, v6Only }: ListeningSocket): string {
  const where = device === '' ? '' : ` on ${device}`;
  return `${addressText(address)}${where}${v6Only ? ', IPv6 only' : ''}`;
}
