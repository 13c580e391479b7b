/**
 * The last bad request and the last bad response of each proxy, kept in the shared memory for who asks (`show errors`):
 * the bytes, where the offending one is, when, and whose. Nothing is sent to anybody and nothing is allocated, so a flood
 * of bad messages costs one copy each.
 *
 *   [ words CAPTURE_*  |  up to CAPTURE_BYTES bytes, the offending one among them ]
 *
 * Whoever finds the place locked goes on without: another thread is keeping a message of the same moment, or it is being
 * read. Not here: reading it (src/daemon/bad-messages.ts).
 */
import type { ClientConnection } from './connection.ts';
import {
  CAPTURE_ADDRESS,
  CAPTURE_BYTES,
  CAPTURE_CODE,
  CAPTURE_EVENT,
  CAPTURE_FAMILY,
  CAPTURE_LENGTH,
  CAPTURE_LOCK,
  CAPTURE_MILLISECONDS,
  CAPTURE_OTHER_SIDE,
  CAPTURE_PORT,
  CAPTURE_POSITION,
  CAPTURE_SECONDS,
  CAPTURE_SERVER,
  CAPTURE_SKIPPED,
  CAPTURE_TOTAL,
  DIRECTION_REQUEST,
  DIRECTION_RESPONSE,
  HEADER_CAPTURED,
  type SharedState,
} from './shared-state.ts';
import type { Stream } from './stream.ts';

/** Of a message that is longer than what is kept: how much is kept from before the offending byte. */
const CONTEXT_BYTES = 8192;

export class Captures {
  readonly #shared: SharedState;
  readonly #memory: Buffer;
  // The message to be kept, see `found`.
  #code = 0;
  #bytes: Buffer;
  #start = 0;
  #goneFrom = 0;
  #goneTo = 0;
  #end = 0;
  #at = 0;

  constructor(shared: SharedState) {
    this.#shared = shared;
    const { buffer, byteOffset, byteLength } = shared.words;
    this.#memory = Buffer.from(buffer, byteOffset, byteLength);
    this.#bytes = this.#memory;
  }

  /** The message is [start, end) of `bytes`, the offending byte is at `at`. To be followed by who sent it. */
  found(code: number, bytes: Buffer, start: number, end: number, at: number): this {
    this.#code = code;
    this.#bytes = bytes;
    this.#start = start;
    this.#goneFrom = end;
    this.#goneTo = end;
    this.#end = end;
    this.#at = at;
    return this;
  }

  /** [from, to) is no part of it: there was framing that is not passed on, and what followed it has been moved down. */
  without(from: number, to: number): this {
    this.#goneFrom = from;
    this.#goneTo = to;
    return this;
  }

  /** It was a request. `stream`: the exchange, if one had begun. */
  request(client: ClientConnection, stream: Stream | null, wallMs: number): void {
    const frontend = client.listener.frontend.plan.index;
    const backend = stream?.backend.plan.isBackend === true ? stream.backend.plan.index : -1;
    this.#keep(frontend, DIRECTION_REQUEST, backend, stream?.target?.plan.index ?? -1, client, wallMs);
  }

  /** It was a response. */
  response(stream: Stream, wallMs: number): void {
    const { client, backend, target } = stream;
    const frontend = client.listener.frontend.plan.index;
    this.#keep(backend.plan.index, DIRECTION_RESPONSE, frontend, target?.plan.index ?? -1, client, wallMs);
  }

  #keep(
    proxy: number,
    direction: number,
    otherSide: number,
    server: number,
    client: ClientConnection,
    wallMs: number,
  ): void {
    const shared = this.#shared;
    const word = shared.capture(proxy, direction);
    if (shared.exchange(word + CAPTURE_LOCK, 1) !== 0) return;
    shared.set(word + CAPTURE_EVENT, shared.add(HEADER_CAPTURED, 1) + 1);
    shared.set(word + CAPTURE_SECONDS, Math.floor(wallMs / 1000));
    shared.set(word + CAPTURE_MILLISECONDS, Math.floor(wallMs % 1000));
    shared.set(word + CAPTURE_OTHER_SIDE, otherSide + 1);
    shared.set(word + CAPTURE_SERVER, server + 1);
    shared.set(word + CAPTURE_CODE, this.#code);
    this.#keepAddress(word, client);
    this.#keepBytes(word, shared.captureBytesAt(proxy, direction));
    shared.set(word + CAPTURE_LOCK, 0);
  }

  #keepAddress(word: number, client: ClientConnection): void {
    const shared = this.#shared;
    const ip6 = client.peerIp6;
    shared.set(word + CAPTURE_FAMILY, client.peerFamily);
    shared.set(word + CAPTURE_PORT, client.peerPort);
    shared.set(word + CAPTURE_ADDRESS, ip6 === null ? client.peerIp4 | 0 : wordOf(ip6, 0));
    for (let i = 1; i < 4; i++) shared.set(word + CAPTURE_ADDRESS + i, ip6 === null ? 0 : wordOf(ip6, 4 * i));
  }

  #keepBytes(word: number, to: number): void {
    const before = this.#goneFrom - this.#start;
    const total = before + this.#end - this.#goneTo;
    const at = this.#at < this.#goneFrom ? this.#at - this.#start : Math.max(0, this.#at - this.#goneTo) + before;
    const position = Math.max(0, Math.min(total, at));
    const skipped = position < CAPTURE_BYTES ? 0 : Math.min(position - CONTEXT_BYTES, total - CAPTURE_BYTES);
    const length = Math.min(CAPTURE_BYTES, total - skipped);
    const first = Math.max(0, Math.min(before - skipped, length));
    const from = this.#start + skipped;
    if (first > 0) this.#bytes.copy(this.#memory, to, from, from + first);
    const then = this.#goneTo + Math.max(0, skipped - before);
    if (length > first) this.#bytes.copy(this.#memory, to + first, then, then + length - first);
    const shared = this.#shared;
    shared.set(word + CAPTURE_LENGTH, length);
    shared.set(word + CAPTURE_SKIPPED, skipped);
    shared.set(word + CAPTURE_POSITION, position - skipped);
    shared.set(word + CAPTURE_TOTAL, total);
  }
}

function wordOf(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
