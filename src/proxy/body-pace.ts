/**
 * How slowly a client may send its body. Every byte moves `timeout client`: whoever sends one now and then would keep a
 * server's slot for ever ("R.U.D.Y."). So a client also has an allowance:
 *
 *   ALLOWANCE_MS at first, and never more; waiting for the client takes from it, data gives back at the rate of
 *   `tune.tandem.min-body-rate` (1000 / rate milliseconds a byte)
 *
 * Only waiting for the client counts: not the queue, not a server that is slow to take what it is sent or to say 100. Nor
 * does anything count while the response is under way, for then the two may be in a conversation.
 *
 * With `option http-buffer-request` a body must also be complete, or its buffer full, at a certain moment
 * (request-buffer.ts).
 */
import type { ThreadContext } from './runtime.ts';
import type { Stream } from './stream.ts';

/** The longest that a client may be waited for that sends too little: shorter than that, it may be the network. */
const ALLOWANCE_MS = 60_000;

export class BodyPace {
  readonly #context: ThreadContext;
  /** Bytes a second; 0: as slowly as they like. */
  readonly #rate: number;

  constructor(context: ThreadContext) {
    this.#context = context;
    this.#rate = context.plan.minBodyRate;
  }

  /** The body of this stream has only begun to arrive. `untilMs`: all that is awaited must be there by then; 0: no limit. */
  begin(stream: Stream, untilMs: number): void {
    stream.bodyAllowanceMs = ALLOWANCE_MS;
    stream.bodyUntilMs = untilMs;
    stream.bodyAwaitedMs = this.#context.poller.nowMs;
  }

  /** From now on it is the client that is waited for. */
  resume(stream: Stream): void {
    stream.bodyAwaitedMs = this.#context.poller.nowMs;
  }

  /** So much of the body's data has come. */
  came(stream: Stream, dataBytes: number): void {
    const { nowMs } = this.#context.poller;
    if (this.#rate > 0 && this.#counts(stream)) {
      const left = stream.bodyAllowanceMs - (nowMs - stream.bodyAwaitedMs);
      stream.bodyAllowanceMs = Math.min(ALLOWANCE_MS, left + Math.floor((dataBytes * 1000) / this.#rate));
    }
    stream.bodyAwaitedMs = nowMs;
  }

  /** Sets the client's deadline: the first of those that there are. */
  arm(stream: Stream): void {
    const { client } = stream;
    const { clientMs } = client.listener.frontend.plan.timeouts;
    let waitMs = clientMs > 0 ? clientMs : Number.MAX_SAFE_INTEGER;
    if (this.#rate > 0 && this.#counts(stream)) waitMs = Math.min(waitMs, Math.max(stream.bodyAllowanceMs, 1));
    let deadlineMs = waitMs === Number.MAX_SAFE_INTEGER ? 0 : stream.bodyAwaitedMs + waitMs;
    const { bodyUntilMs } = stream;
    if (bodyUntilMs > 0 && (deadlineMs === 0 || bodyUntilMs < deadlineMs)) deadlineMs = bodyUntilMs;
    this.#context.wheel.arm(client, deadlineMs);
  }

  /** The client's deadline has passed; true: it was set for other circumstances, and there is another one now. */
  forgives(stream: Stream): boolean {
    if (this.#counts(stream)) return false;
    this.arm(stream);
    const { deadlineMs } = stream.client;
    return deadlineMs === 0 || deadlineMs > this.#context.poller.nowMs;
  }

  #counts(stream: Stream): boolean {
    return (!stream.responseStarted || stream.responseDone) && !stream.awaitsContinue;
  }
}
