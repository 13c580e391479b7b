/**
 * The seam between sessions and the kernel. Sessions never see readiness, only what happened:
 *
 *   onAccepted   a client is there                    onData   bytes are in `slab`, valid during the call only
 *   onConnected  a server connection stands           onEnd    the peer finished sending (FIN)
 *   onDrained    everything that was sent has left    onError  the connection is broken, or never came to be
 *
 * `send` takes all it is given: what the kernel does not take at once waits in one slab of the socket, and the session
 * stops reading the other side until `onDrained` (backpressure). So an engine may be told about readiness (epoll) or
 * about completions (io_uring), or be simulated by a test.
 */
import type { Endpoint } from '../core/address.ts';
import type { KeepAliveTimers } from '../core/keep-alive.ts';
import { Timed } from '../core/timer-wheel.ts';
import type { ConnectSource } from './connect-source.ts';
import type { Slab } from './slabs.ts';

/** Everything was handed to the kernel. */
export const SEND_DONE = 0;
/** Part of it waits; `onDrained` will come. */
export const SEND_PENDING = 1;
/** The connection is broken (or there is no slab left); `onError` will not come for it, the caller ends it. */
export const SEND_FAILED = 2;
/** The connection does not stand yet and nothing was taken: send it again in `onConnected`. */
export const SEND_TOO_EARLY = 3;

export interface SocketHandler {
  onConnected(socket: Socket): void;
  onData(socket: Socket, slab: Slab, start: number, end: number): void;
  onEnd(socket: Socket): void;
  onError(socket: Socket, errno: number): void;
  onDrained(socket: Socket): void;
  /**
   * What was pending will not leave. What the peer had sent before can still be read, then `onError` comes, unless the
   * session ends it now.
   */
  onSendFailed(socket: Socket, errno: number): void;
  /** After a full read the kernel turned out to have no more: what was sent with `more` need not wait for company. */
  onDry(socket: Socket): void;
  /** Its deadline has passed (the timer wheel's owner says so, not the poller). */
  onTimeout(socket: Socket): void;
}

export interface AcceptHandler {
  /** A client socket is there, not yet adopted; its peer address is in the poller's `peer*` fields. */
  onAccepted(listener: Listener, fd: number): void;
  /** accept failed; EMFILE and ENFILE pause the listener until `resumeAccept`. */
  onAcceptFailed(listener: Listener, errno: number): void;
}

/** Who gets descriptors that the engine has let go of, to give them to another thread. */
export interface LetGoHandler {
  /** The socket is closed here (its `fd` is -1); the connection lives on as `fd`, which nobody watches. */
  onLetGo(socket: Socket, fd: number): void;
}

/** Bytes that came too early, [start, end) of a slab of their own, and what came after them. */
export interface Held {
  readonly slab: Slab;
  start: number;
  readonly end: number;
  next: Held | null;
}

/** A listening socket of this thread's poller. */
export class Listener {
  readonly fd: number;
  /** Which listener of the plan this is. */
  readonly index: number;
  accepting = false;
  /** io_uring: the kernel has been told to accept, and whom it let in meanwhile, in order. */
  asked = false;
  readonly waiting: number[] = [];

  constructor(fd: number, index: number) {
    this.fd = fd;
    this.index = index;
  }
}

/** The transport half of a connection; only pollers change its fields. It has one deadline (src/core/timer-wheel.ts). */
export class Socket extends Timed {
  fd = -1;
  /** Tells events of this socket from late ones of an earlier socket with the same descriptor. */
  generation = 0;
  handler: SocketHandler;
  connecting = false;
  /** The session does not want data now. */
  paused = false;
  /** The kernel may have something to read that we have not asked for. */
  readable = false;
  /** The kernel said that the peer has shut down or reset; reading will tell. */
  hangup = false;
  /** The session can take reads longer than a slab: it passes all of them on. */
  bulk = false;
  /** The session has room for so many bytes and no more are read at once; 0: for as many as a slab takes. */
  roomBytes = 0;
  /** After a reset nothing of it matters, not even what it sent before: `onError` comes at once, paused or not. */
  dropsOnReset = false;
  /** FIN was delivered to the session. */
  ended = false;
  /** A send has failed with this errno, and may have taken the error with it: the end of what can be read is no FIN. */
  sendErrno = 0;
  /** Bytes that wait for the kernel: `pending` holds [pendingStart, pendingEnd). */
  pending: Slab | null = null;
  pendingStart = 0;
  pendingEnd = 0;
  /** A half-close waits for `pending` to drain. */
  shutWhenDrained = false;
  /** Our side has been shut down. */
  shut = false;
  watchesWritable = false;
  /** Events of it that this turn has got and not delivered yet: who seems quiet is not. */
  news = 0;
  /** It is on the list of sockets to look at in this turn. */
  scheduled = false;
  /** io_uring: what the kernel has been asked to tell about it (WATCH_* of io-uring.ts), and that this is to be looked at. */
  watches = 0;
  unsettled = false;
  /** io_uring: the peer has spoken since something was last sent, so a short answer will most likely fit. */
  spoke = false;
  /** io_uring: a send that was queued in this turn, as operation number `queuedAt`, and where its bytes are (send-queue.ts). */
  queuedTurn = -1;
  queuedAt = 0;
  queuedStart = 0;
  queuedEnd = 0;
  /** io_uring: what is pending was said to have left, so the session may send as if nothing were. */
  unsaid = false;
  /** io_uring: what was received while it was paused. */
  held: Held | null = null;

  constructor(handler: SocketHandler) {
    super();
    this.handler = handler;
  }
}

/** Socket options of a connection that we open. */
export interface ConnectOptions {
  /** SO_KEEPALIVE: the kernel probes a peer that is silent; null: it does not. */
  readonly keepAlive: KeepAliveTimers | null;
  /** Where it leaves from; null: the kernel chooses. */
  readonly source: ConnectSource | null;
  /** TCP_USER_TIMEOUT in milliseconds; 0: the kernel's own. */
  readonly userTimeoutMs: number;
  /** Bytes follow at once: they take the handshake's last acknowledgement with them, which saves a packet. */
  readonly sendsAtOnce: boolean;
}

/** Socket options of the connections that a listener lets in. */
export interface AcceptOptions {
  /** SO_KEEPALIVE; null: none. */
  readonly keepAlive: KeepAliveTimers | null;
  /** Their close throws away what has not left, and answers with RST. */
  readonly resets: boolean;
  /** What they send is answered at once: the answer takes the acknowledgement with it, which saves a packet. */
  readonly answersAtOnce: boolean;
}

export interface Poller {
  readonly name: string;
  /** Family (4, 6, or 0 for unix), address bytes at `peerBytes[0..]` and port of the socket last accepted. */
  peerFamily: number;
  peerPort: number;
  readonly peerBytes: Uint8Array;

  listen(fd: number, index: number, options: AcceptOptions): Listener;
  resumeAccept(listener: Listener): void;
  pauseAccept(listener: Listener): void;
  /** Lets nobody in any more but those whom only this engine can let in; the descriptor stays open, for others. */
  leaveAccept(listener: Listener): void;
  /**
   * Lets in all that wait and closes the descriptor at once: who arrives from then on is refused, or finds another
   * process that listens there; only what comes in between is lost.
   */
  finishAccept(listener: Listener): void;

  /** The end of a connection that is here. */
  localEnd(socket: Socket): Endpoint;
  /** Takes over an accepted descriptor. */
  adopt(socket: Socket, fd: number): void;
  /** Starts to connect; returns 0, or the errno that stopped it. `address` points to a sockaddr. */
  connect(socket: Socket, family: number, address: number, lengthBytes: number, options: ConnectOptions): number;
  /**
   * Stops watching a socket from which nothing is expected: `letGoHandler` gets its descriptor, at once or in a later turn,
   * unless the socket ends or speaks before, which its own handler is told. False: it cannot be let go of now.
   */
  letGo(socket: Socket): boolean;
  letGoHandler: LetGoHandler | null;
  /** Takes over what another thread's engine has let go of. False: its peer has ended or spoken meanwhile; it is closed. */
  takeOver(socket: Socket, fd: number): boolean;
  /** Closes a descriptor that was let go of. */
  drop(fd: number): void;
  /** The errno behind the last SEND_FAILED. */
  sendErrno: number;
  /** SEND_*; [start, end) are positions in `slab.bytes`. `more` says that the next bytes follow at once. */
  send(socket: Socket, slab: Slab, start: number, end: number, more: boolean): number;
  /** Sends what the kernel still holds back because of `more`. */
  push(socket: Socket): void;
  pause(socket: Socket): void;
  resume(socket: Socket): void;
  /** FIN after what is pending. */
  shutdown(socket: Socket): void;
  /** Ends the socket at once; nothing of it is delivered any more. `reset` answers with RST. */
  close(socket: Socket, reset: boolean): void;
  /** The last words of closed sockets leave, as far as their peers take them within a second. Called once, at the end. */
  finish(): void;
  /** Waits for at most `timeoutMs` (-1: for ever) and delivers what happened. */
  turn(timeoutMs: number): void;
  /** Makes the write of another thread to this eventfd end a wait; `woken` says that it happened. */
  watchWakeup(fd: number): void;
  woken: boolean;
  /** Monotonic milliseconds, and milliseconds since 1970: both taken once per turn. */
  nowMs: number;
  wallMs: number;
}
