/**
 * The connection of one attempt over TCP: it ends once, and leaves nothing open. Not here: what is said over it.
 *
 * It is closed as keepalived closes it, in the usual way; but reset when it leaves from a port of its own, which the next
 * attempt could not have for a minute otherwise.
 */
import type { Socket } from 'node:net';
import type { CheckConnection } from '../../config/l4-model.ts';
import type { Timer, Timers } from '../../core/clock.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { failureOf, seconds } from './failures.ts';
import { connectStream } from './outgoing.ts';

/** The beginnings of keepalived's lines. */
export interface ConnectWords {
  readonly failed: string;
  readonly timeout: string;
  /** When it is broken after it was made. */
  readonly broken: string;
}

export interface ConversationSetup {
  readonly connection: CheckConnection;
  readonly timers: Timers;
  readonly connectTimeoutMs: number;
  readonly words: ConnectWords;
  connected(talk: Conversation): void;
  end(outcome: Outcome): void;
}

export class Conversation implements Attempt {
  readonly #setup: ConversationSetup;
  #socket: Socket | null = null;
  #timer: Timer | null = null;
  #over = false;
  #connected = false;

  constructor(setup: ConversationSetup) {
    this.#setup = setup;
    const { connectTimeoutMs, words, timers, connection } = setup;
    this.within(connectTimeoutMs, words.timeout, 'the connection');
    try {
      const socket = connectStream(connection);
      this.#socket = socket;
      socket.once('connect', () => {
        this.#connected = true;
        if (!this.#over) setup.connected(this);
      });
      socket.on('error', (error) => {
        const said = this.#connected ? words.broken : words.failed;
        this.end(failureOf(error, said, this.#connected));
      });
    } catch (error) {
      // Told later, as everything else.
      const outcome = failureOf(error, words.failed);
      this.#timer?.cancel();
      this.#timer = timers.after(0, () => this.end(outcome));
    }
  }

  /** While it is connected; TLS over it ends with it. */
  get socket(): Socket {
    if (this.#socket === null) throw new Error('a conversation without a socket');
    return this.#socket;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** From now on: after this time without another call of `within`, it has failed. */
  within(timeMs: number, said: string, what: string): void {
    this.#timer?.cancel();
    const fail = (): void => this.end({ kind: 'bad', said, why: `${what} took longer than ${seconds(timeMs)}` });
    this.#timer = this.#setup.timers.after(timeMs, fail);
  }

  /** Reads on when others have had their turn: who sends without end may not have all of ours. */
  giveWay(socket: Socket): void {
    socket.pause();
    this.#setup.timers.after(0, () => {
      if (!this.#over) socket.resume();
    });
  }

  end(outcome: Outcome): void {
    if (this.#over) return;
    this.cancel();
    this.#setup.end(outcome);
  }

  cancel(): void {
    this.#over = true;
    this.#timer?.cancel();
    const { from } = this.#setup.connection;
    if (from === null || from.port === 0 || !this.#connected) this.#socket?.destroy();
    else this.#socket?.resetAndDestroy();
  }
}
