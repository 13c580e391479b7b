/**
 * A connection that its session has closed while what it sent last may not have left yet (io_uring only: a send is not
 * known to fit before the next turn). The engine keeps it until that has happened, its peer is gone, or its time is up.
 */
import { Socket, type SocketHandler } from './poller.ts';

/** It may take this long: a peer that takes nothing for so long does not want it. */
const LAST_WORDS_MS = 30_000;

export class LastWords extends Socket {
  readonly #close: (socket: LastWords) => void;

  /** Takes over what the kernel knows of `socket`; the session's own object is closed. */
  constructor(socket: Socket, nowMs: number, close: (socket: LastWords) => void) {
    super(new EndsWhenSaid());
    this.#close = close;
    this.deadlineMs = nowMs + LAST_WORDS_MS;
    this.fd = socket.fd;
    this.generation = socket.generation;
    this.watches = socket.watches;
    this.ended = socket.ended;
    this.queuedTurn = socket.queuedTurn;
    this.queuedAt = socket.queuedAt;
    this.queuedStart = socket.queuedStart;
    this.queuedEnd = socket.queuedEnd;
    this.pending = socket.pending;
    this.pendingStart = socket.pendingStart;
    this.pendingEnd = socket.pendingEnd;
  }

  close(): void {
    this.#close(this);
  }
}

/** What the peer still says is thrown away. */
class EndsWhenSaid implements SocketHandler {
  onConnected(): void {}

  onData(): void {}

  onDry(): void {}

  onTimeout(): void {}

  /** The peer has nothing more to say, but may still listen. */
  onEnd(): void {}

  onError(socket: LastWords): void {
    socket.close();
  }

  onSendFailed(socket: LastWords): void {
    socket.close();
  }

  onDrained(socket: LastWords): void {
    socket.close();
  }
}

/** Ends those whose time is up, and forgets those that have ended. */
export function forgetLateWords(list: LastWords[], nowMs: number): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const last = list[i] as LastWords;
    if (last.deadlineMs <= nowMs) last.close();
    if (last.fd >= 0) continue;
    list[i] = list[list.length - 1] as LastWords;
    list.pop();
  }
}
