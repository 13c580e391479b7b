/**
 * What streams took, for the averages and maxima of `show stat`: sums and maxima here, averages where they are shown
 * (src/daemon/sliding-average.ts). Only streams count that have got as far as to an answer (TCP: a connection), as in
 * HAProxy: who gave up in a queue is in no average.
 *
 *   head done ─ queue ─ connect ─ response ─▶ first byte            total: from the accept, or the end of the exchange before
 */
import {
  SERVER_CONNECT_MS,
  SERVER_CONNECT_MS_MAX,
  SERVER_QUEUE_MS,
  SERVER_QUEUE_MS_MAX,
  SERVER_RESPONSE_MS,
  SERVER_RESPONSE_MS_MAX,
  SERVER_TIMED,
  SERVER_TOTAL_MS_LOW,
  SERVER_TOTAL_MS_MAX,
  type SharedState,
} from './shared-state.ts';
import type { Stream } from './stream.ts';

export class StreamTimes {
  readonly #shared: SharedState;

  constructor(shared: SharedState) {
    this.#shared = shared;
  }

  /** `row`: of its server. */
  count(stream: Stream, row: number, nowMs: number): void {
    const { queuedMs, connectedMs, responseMs, headDoneMs, client } = stream;
    if (connectedMs === 0 || queuedMs === 0) return;
    const { http } = stream.backend.plan;
    if (http && responseMs === 0) return;
    const shared = this.#shared;
    const begunMs = http && client.requests > 1 ? client.idleSinceMs : client.acceptedMs;
    shared.add(row + SERVER_TIMED, 1);
    this.#add(row + SERVER_QUEUE_MS, row + SERVER_QUEUE_MS_MAX, queuedMs - (http ? headDoneMs : begunMs));
    this.#add(row + SERVER_CONNECT_MS, row + SERVER_CONNECT_MS_MAX, connectedMs - queuedMs);
    if (http) this.#add(row + SERVER_RESPONSE_MS, row + SERVER_RESPONSE_MS_MAX, responseMs - connectedMs);
    const totalMs = nowMs - begunMs;
    if (totalMs <= 0) return;
    shared.addBytes(row + SERVER_TOTAL_MS_LOW, totalMs);
    shared.raise(row + SERVER_TOTAL_MS_MAX, totalMs);
  }

  #add(sum: number, most: number, tookMs: number): void {
    if (tookMs <= 0) return;
    this.#shared.add(sum, tookMs);
    this.#shared.raise(most, tookMs);
  }
}
