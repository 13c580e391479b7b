/** One attempt with datagrams: something is sent, and what comes back is looked at until the time is over. */
import type { Socket } from 'node:dgram';
import type { CheckConnection } from '../../config/l4-model.ts';
import type { Timer, Timers } from '../../core/clock.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { failureOf, seconds } from './failures.ts';
import { connectDatagrams } from './outgoing.ts';

export interface DatagramQuestion {
  readonly connection: CheckConnection;
  readonly kind: 'datagram' | 'echo';
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly timers: Timers;
  /** Beginning of the line of a failure. */
  readonly said: string;
  /** null: go on waiting, it is somebody else's. */
  answered(bytes: Buffer): Outcome | null;
  /** Nothing came. */
  silence(afterText: string): Outcome;
  end(outcome: Outcome): void;
}

export class DatagramAttempt implements Attempt {
  readonly #question: DatagramQuestion;
  #socket: Socket | null = null;
  #timer: Timer;
  #over = false;

  constructor(question: DatagramQuestion) {
    this.#question = question;
    const { connection, kind, payload, timers, timeoutMs, said } = question;
    this.#timer = timers.after(timeoutMs, () => this.#end(question.silence(`no answer within ${seconds(timeoutMs)}`)));
    try {
      const socket = connectDatagrams(connection, kind);
      this.#socket = socket;
      socket.on('error', (error) => this.#end(failureOf(error, said)));
      socket.on('message', (bytes) => this.#heard(bytes));
      socket.once('connect', () => {
        // What cannot be sent is told to the callback, and nobody else.
        if (!this.#over) socket.send(payload, (error) => this.#sent(error));
      });
    } catch (error) {
      const outcome = failureOf(error, said);
      this.#timer.cancel();
      this.#timer = timers.after(0, () => this.#end(outcome));
    }
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    this.#socket?.close();
  }

  #sent(error: Error | null): void {
    if (error !== null) this.#end(failureOf(error, this.#question.said));
  }

  #heard(bytes: Buffer): void {
    if (this.#over) return;
    const outcome = this.#question.answered(bytes);
    if (outcome !== null) this.#end(outcome);
  }

  #end(outcome: Outcome): void {
    if (this.#over) return;
    this.cancel();
    this.#question.end(outcome);
  }
}
