/** An engine that is told about readiness, by edges, as epoll.ts is. */
import type { Socket } from '../../src/sys/poller.ts';
import { Engine } from './engine.ts';
import { EVENT_ERR, EVENT_HUP, EVENT_IN, EVENT_OUT, EVENT_RDHUP, type Wire } from './wire.ts';

const HANGUP_EVENTS = EVENT_RDHUP | EVENT_HUP | EVENT_ERR;
const READ_EVENTS = EVENT_IN | HANGUP_EVENTS;

export class ReadinessEngine extends Engine {
  resume(socket: Socket): void {
    this.wireOf(socket);
    socket.paused = false;
    if (socket.readable) this.schedule(socket);
  }

  protected ask(): void {}

  protected admit(): void {}

  protected settleSend(): number {
    return 0;
  }

  protected takesBlindly(): boolean {
    return false;
  }

  protected keepsLastWords(): boolean {
    return false;
  }

  protected release(wire: Wire, socket: Socket): boolean {
    this.released(wire, socket);
    return true;
  }

  protected lookAgain(wire: Wire, socket: Socket): void {
    if (socket.readable) this.read(wire, socket);
  }

  protected deliver(wire: Wire, socket: Socket, events: number): void {
    const { generation } = socket;
    if ((events & HANGUP_EVENTS) !== 0) socket.hangup = true;
    if (socket.connecting) {
      if ((events & (EVENT_OUT | EVENT_ERR | EVENT_HUP)) === 0) return;
      if (!this.finishConnect(wire, socket)) return;
    }
    if ((events & EVENT_OUT) !== 0 && socket.pending !== null) {
      this.flush(wire, socket);
      if (socket.fd < 0 || socket.generation !== generation) return;
    }
    if (socket.ended) {
      if ((events & EVENT_ERR) !== 0) socket.handler.onError(socket, -wire.takeError());
      return;
    }
    if ((events & READ_EVENTS) === 0) return;
    socket.readable = true;
    if (!socket.paused) this.read(wire, socket);
    if (!socket.paused || !socket.dropsOnReset || (events & EVENT_ERR) === 0) return;
    if (socket.fd >= 0 && socket.generation === generation) socket.handler.onError(socket, -wire.takeError());
  }
}
