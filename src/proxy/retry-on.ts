/**
 * `retry-on`: whether a request that has failed on a server may go out again. As in HAProxy its user has to ask for it by the
 * condition, and then it is done with requests of any method: whoever lists one says that replaying is safe.
 *
 * Not here: how it goes out (HttpExchange.retry), and where to (dispatcher.ts).
 */
import { RETRY_CONNECT, RETRY_FIRST_STATUS, RETRY_STATUSES } from './plan.ts';
import type { Stream } from './stream.ts';

/** By status, what has to be set for it; 0 where nothing can be. */
const STATUS_BITS = new Uint16Array(1000);
for (const [i, status] of RETRY_STATUSES.entries()) STATUS_BITS[status] = RETRY_FIRST_STATUS << i;

/** The bit of a response's status. */
export function retryBit(status: number): number {
  return STATUS_BITS[status] as number;
}

/** Whether a copy has to be kept because something may be retried after the request was sent. All of it has to be here. */
export function keepsForRetry(stream: Stream): boolean {
  return stream.retryOn > RETRY_CONNECT && stream.retriesLeft > 0 && stream.requestDone;
}

/** Whether it goes out again after `condition`. What has been answered, were it by an interim response, does not. */
export function mayRetry(stream: Stream, condition: number): boolean {
  if ((stream.retryOn & condition) === 0 || stream.retriesLeft === 0) return false;
  return stream.requestDone && stream.requestOwned && !stream.responseStarted && !stream.interim;
}
