/**
 * Listening sockets: TCP, unix, and inherited ones; non-blocking, closed on exec.
 *
 * TCP addresses may have several sockets side by side, one for each thread, among which the kernel distributes clients
 * (SO_REUSEPORT). The option lets in everybody of the same user who sets it, too, and would hide that the port is in use:
 * so the first socket is bound, and listens, without it, and gets it afterwards, which the others then find.
 *
 * Every TCP listener may be bound before its address is there (IP_FREEBIND): the box that waits for a failover is already
 * listening. What accepted sockets need (no delay, a user timeout) is set on the listener, they inherit it (tcp(7)).
 *
 * A unix socket is bound under a temporary name and renamed over the old one, so that there is no moment at which a
 * client finds nobody: `path` is listening before it appears.
 */
import { chmodSync, chownSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import type { Address, InetAddress, UnixAddress } from '../core/address.ts';
import { errorText } from '../core/error-text.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  EADDRINUSE,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  IP_FREEBIND,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_FREEBIND,
  IPV6_V6ONLY,
  O_NONBLOCK,
  SHUT_RDWR,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from './sockaddr.ts';

export interface ListenOptions {
  readonly address: Address;
  /** How many sockets, side by side. Unix and inherited ones are always one. */
  readonly sockets: number;
  readonly backlog: number;
  /** Lets another process of the same user bind the same address: a replacement starts while the old one finishes. */
  readonly reusePort: boolean;
  /** Our own sockets on this port, which do not mean that it is in use. */
  readonly beside: readonly number[];
  readonly interface: string | null;
  /** Of IPv6: IPv4 clients too (true), not them (false), as the system has it (null). */
  readonly acceptIpv4: boolean | null;
  readonly mss: number | null;
  readonly tcpUserTimeoutMs: number | null;
  /** Of unix sockets: permission bits and owner; null: as created. */
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
}

/** One socket, with nothing special about it. */
export const PLAIN_LISTEN = {
  sockets: 1,
  reusePort: false,
  beside: [],
  interface: null,
  acceptIpv4: null,
  mss: null,
  tcpUserTimeoutMs: null,
  mode: null,
  uid: null,
  gid: null,
} as const satisfies Omit<ListenOptions, 'address' | 'backlog'>;

/** A file in the file system, to know later whether a path still means what we made. */
export interface FileIdentity {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

export interface Listener {
  /** At least one. */
  readonly fds: readonly number[];
  readonly unix: boolean;
  /** The port that it is bound to; 0: a unix socket. */
  readonly port: number;
  /** The unix socket's own file, to remove at the end; null: none, or an inherited one. */
  readonly file: FileIdentity | null;
  /** Somebody else's, who lends it for as long as this process lives: it is neither closed nor given neighbours. */
  readonly lent?: true;
}

export type ListenResult =
  | { readonly ok: true; readonly listener: Listener }
  /** `inUse`: somebody else is listening there. */
  | { readonly ok: false; readonly message: string; readonly inUse: boolean };

/** In the scratch region: behind the longest socket address. */
const SOCKADDR_LENGTH_AT = 128;

class ListenError extends Error {
  readonly errno: number;

  constructor(what: string, errno: number) {
    super(`${what} (${errorText(errno)})`);
    this.errno = errno;
  }
}

export function listen(options: ListenOptions): ListenResult {
  const { address } = options;
  return resultOf(() => {
    switch (address.family) {
      case 'fd':
        return adopt([address.fd], options.backlog);
      case 'unix':
        return listenUnix(address, options);
      default:
        return listenInet(address, options);
    }
  });
}

/**
 * Listens on sockets of `address` that another process had: all of them, as each may have clients who wait. Where that is
 * less than were asked for, others are bound beside them, if the kernel lets us: it does for who is the same user.
 */
export function takeOver(taken: readonly number[], address: InetAddress, options: ListenOptions): ListenResult {
  return resultOf(() => withWhatNeighboursThereCanBe(adopt(taken, options.backlog), address, options));
}

/** Listens on a socket that belongs to whoever started this process. How many may wait there was said by them. */
export function borrow(fd: number, options: ListenOptions): ListenResult {
  return resultOf(() => {
    const listener = adopt([fd], options.backlog);
    setSegments(fd, options);
    return { ...listener, lent: true };
  });
}

/** Goes on listening where this process does already: more may wait than before, or less, and on more sockets. */
export function keepListening(kept: Listener, options: ListenOptions): ListenResult {
  const { address, backlog } = options;
  if (kept.lent) return { ok: true, listener: kept };
  return resultOf(() => {
    for (const fd of kept.fds) startListening(fd, backlog);
    if (address.family !== 4 && address.family !== 6) return kept;
    return withWhatNeighboursThereCanBe(kept, { ...address, port: kept.port }, options);
  });
}

function withWhatNeighboursThereCanBe(listener: Listener, address: InetAddress, options: ListenOptions): Listener {
  try {
    return { ...listener, fds: withNeighbours(listener.fds, address, options) };
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    return listener;
  }
}

function resultOf(make: () => Listener): ListenResult {
  try {
    return { ok: true, listener: make() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      ok: false,
      message: error.message,
      inUse: error instanceof ListenError && error.errno === EADDRINUSE,
    };
  }
}

/**
 * Ends it here, and removes a unix socket's file; but for what somebody else of this process has, too. Other processes
 * that have the socket keep listening.
 */
export function closeListener(listener: Listener, others: readonly Listener[] = []): void {
  const { file } = listener;
  const names = others.map((other) => other.file);
  if (file !== null && !names.some((other) => other?.inode === file.inode)) removeSocketFile(file);
  if (listener.lent) return;
  const kept = new Set(others.flatMap(({ fds }) => fds));
  for (const fd of listener.fds) if (!kept.has(fd)) libc.close(fd);
}

/**
 * Refuses who comes from now on, in all processes that have the socket; who was waiting is reset. A TCP socket gives its port
 * free for others meanwhile, and may listen again. A unix socket cannot: for those only with `forGood`.
 */
export function stopListening(listener: Listener, forGood: boolean): void {
  if (!listener.unix || forGood) for (const fd of listener.fds) libc.shutdown(fd, SHUT_RDWR);
}

/** The message says why it cannot be; null: it listens. */
export function listenAgain(listener: Listener, backlog: number): string | null {
  try {
    if (!listener.unix) for (const fd of listener.fds) startListening(fd, backlog);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Unless somebody else has put theirs there since: a replacement renames its own over it. */
function removeSocketFile(file: FileIdentity): void {
  try {
    const now = lstatSync(file.path);
    if (now.ino === file.inode && now.dev === file.device) unlinkSync(file.path);
  } catch {
    // It is gone already, or the folder is out of reach after a change of user: nothing to tidy up.
  }
}

function listenInet(address: InetAddress, options: ListenOptions): Listener {
  for (const own of options.beside) setOption(own, SOL_SOCKET, SO_REUSEPORT, 1, 'cannot do so_reuseport');
  const fd = openInet(address, options, options.reusePort || options.beside.length > 0);
  try {
    const port = localPort(fd);
    return { fds: withNeighbours([fd], { ...address, port }, options), unix: false, port, file: null };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** As many sockets as were asked for, if `first` are less. */
function withNeighbours(first: readonly number[], address: InetAddress, options: ListenOptions): readonly number[] {
  if (first.length >= options.sockets) return first;
  for (const fd of first) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1, 'cannot do so_reuseport');
  const fds = [...first];
  try {
    while (fds.length < options.sockets) fds.push(openInet(address, options, true));
  } catch (error) {
    for (const fd of fds.slice(first.length)) libc.close(fd);
    throw error;
  }
  return fds;
}

function openInet(address: InetAddress, options: ListenOptions, reusePort: boolean): number {
  const fd = newSocket(address.family === 4 ? AF_INET : AF_INET6);
  try {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1, 'cannot do so_reuseaddr');
    if (reusePort) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1, 'cannot do so_reuseport');
    if (address.family === 4) setOption(fd, IPPROTO_IP, IP_FREEBIND, 1, 'cannot make the address free to bind');
    else setOption(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1, 'cannot make the address free to bind');
    if (address.family === 6 && options.acceptIpv4 !== null) {
      setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.acceptIpv4 ? 0 : 1, 'cannot choose between IPv4 and IPv6');
    }
    if (options.interface !== null) bindToDevice(fd, options.interface);
    setSegments(fd, options);
    setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1, 'cannot set TCP_NODELAY');
    bindTo(fd, address, 'cannot bind socket');
    startListening(fd, options.backlog);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function setSegments(fd: number, { mss, tcpUserTimeoutMs }: ListenOptions): void {
  if (mss !== null) setOption(fd, IPPROTO_TCP, TCP_MAXSEG, mss, 'cannot set MSS');
  if (tcpUserTimeoutMs === null) return;
  setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, tcpUserTimeoutMs, 'cannot set TCP User Timeout');
}

function listenUnix(address: UnixAddress, options: ListenOptions): Listener {
  const abstract = address.path.startsWith('@');
  const temporary = abstract ? address.path : `${address.path}.${process.pid}.tmp`;
  if (!abstract) refuseOtherFiles(address.path);
  const fd = newSocket(AF_UNIX);
  let made = false;
  try {
    if (!abstract) removeIfThere(temporary);
    bindTo(fd, { family: 'unix', path: temporary }, 'cannot bind UNIX socket');
    made = !abstract;
    if (!abstract) setOwner(temporary, options);
    startListening(fd, options.backlog);
    if (!abstract) renameSync(temporary, address.path);
    return { fds: [fd], unix: true, port: 0, file: abstract ? null : identityOf(address.path) };
  } catch (error) {
    libc.close(fd);
    if (made) removeIfThere(temporary);
    throw error;
  }
}

/** A typing error in a `bind` must not destroy a file. */
function refuseOtherFiles(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isSocket()) throw new Error('a file that is not a socket has this name');
}

function setOwner(path: string, { mode, uid, gid }: ListenOptions): void {
  // In this order: who has given a file away may not change its mode any more without a capability for that.
  if (mode !== null) chmodSync(path, mode);
  // -1: as it is (chown(2)).
  if (uid !== null || gid !== null) chownSync(path, uid ?? -1, gid ?? -1);
}

function adopt(fds: readonly number[], backlog: number): Listener {
  let port = 0;
  for (const fd of fds) {
    const listening = getOption(fd, SOL_SOCKET, SO_ACCEPTCONN, 'not a socket');
    port = localPort(fd);
    if (listening === 0) startListening(fd, backlog);
    const flags = libc.fcntl(fd, F_GETFL, 0);
    if (libc.fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) fail('cannot make it non-blocking');
    libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  return { fds, unix: port === 0, port, file: null };
}

/** 0: not TCP. */
function localPort(fd: number): number {
  scratchBytes.writeUInt32LE(SOCKADDR_MAX_BYTES, SOCKADDR_LENGTH_AT);
  if (libc.getsockname(fd, scratchAddress, scratchAddress + SOCKADDR_LENGTH_AT) < 0) fail('cannot read its address');
  return scratchBytes.readUInt16LE(0) === AF_UNIX ? 0 : scratchBytes.readUInt16BE(2);
}

function newSocket(family: number): number {
  const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail('cannot create listening socket');
  return fd;
}

function bindTo(fd: number, address: InetAddress | UnixAddress, what: string): void {
  const length = writeSockaddr(scratchBytes, 0, address);
  if (libc.bind(fd, scratchAddress, length) < 0) fail(what);
}

function startListening(fd: number, backlog: number): void {
  if (libc.listen(fd, backlog) < 0) fail('cannot listen to socket');
}

function bindToDevice(fd: number, name: string): void {
  const length = scratchBytes.write(`${name}\0`, 0, 'latin1');
  if (libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, scratchAddress, length) < 0) {
    fail(`cannot bind listener to device '${name}'`);
  }
}

function setOption(fd: number, level: number, option: number, value: number, what: string): void {
  scratchBytes.writeInt32LE(value, 0);
  if (libc.setsockopt(fd, level, option, scratchAddress, 4) < 0) fail(what);
}

function getOption(fd: number, level: number, option: number, what: string): number {
  scratchBytes.writeUInt32LE(4, 8);
  if (libc.getsockopt(fd, level, option, scratchAddress, scratchAddress + 8) < 0) fail(what);
  return scratchBytes.readInt32LE(0);
}

function identityOf(path: string): FileIdentity {
  const stat = lstatSync(path);
  return { path, device: stat.dev, inode: stat.ino };
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there: the usual case.
  }
}

function fail(what: string): never {
  throw new ListenError(what, libc.errno());
}
