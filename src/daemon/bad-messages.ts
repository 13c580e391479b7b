/**
 * Reads the bad messages that the data threads have kept (src/proxy/captures.ts). What stands there was written by the
 * process that faces strangers: every number is bounded before it is used.
 */
import {
  HEAD_ERR_CODING,
  HEAD_ERR_EXPECT,
  HEAD_ERR_FIELD,
  HEAD_ERR_FOLD,
  HEAD_ERR_FRAMING,
  HEAD_ERR_HOST,
  HEAD_ERR_LENGTH,
  HEAD_ERR_METHOD,
  HEAD_ERR_METHOD_TOO_LONG,
  HEAD_ERR_NOT_IMPLEMENTED,
  HEAD_ERR_RESPONSE,
  HEAD_ERR_START_LINE,
  HEAD_ERR_TARGET,
  HEAD_ERR_TARGET_TOO_LONG,
  HEAD_ERR_TOO_LARGE,
  HEAD_ERR_TOO_MANY_HEADERS,
  HEAD_ERR_VERSION,
} from '../http1/head.ts';
import type { Plan } from '../proxy/plan.ts';
import {
  CAPTURE_ADDRESS,
  CAPTURE_BODY,
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
  CAPTURE_SWITCH,
  CAPTURE_TOTAL,
  DIRECTION_REQUEST,
  DIRECTION_RESPONSE,
  HEADER_CAPTURED,
  type SharedState,
} from '../proxy/shared-state.ts';

/** How often it is tried to get hold of one that is being written: each takes a microsecond or two. */
const TRIES = 10_000;

const REASONS: ReadonlyMap<number, string> = new Map([
  [HEAD_ERR_METHOD, 'the method is no token'],
  [HEAD_ERR_METHOD_TOO_LONG, 'the method is too long'],
  [HEAD_ERR_TARGET, 'the target is none, or not of a form that the method allows'],
  [HEAD_ERR_START_LINE, 'the first line is malformed'],
  [HEAD_ERR_VERSION, 'a version of HTTP that is not spoken here'],
  [HEAD_ERR_FIELD, 'no colon, an empty name, or a byte that may not be there, in a field'],
  [HEAD_ERR_FOLD, 'a line begins with a blank'],
  [HEAD_ERR_HOST, 'Host is missing, repeated, malformed, or disagrees with the target'],
  [HEAD_ERR_LENGTH, 'Content-Length is not one number'],
  [HEAD_ERR_CODING, 'Transfer-Encoding is malformed, not chunked at its end, or in HTTP/1.0'],
  [HEAD_ERR_NOT_IMPLEMENTED, 'a transfer coding other than chunked'],
  [HEAD_ERR_FRAMING, 'both Content-Length and Transfer-Encoding, or content where there may be none'],
  [HEAD_ERR_EXPECT, 'an expectation other than 100-continue'],
  [HEAD_ERR_TOO_MANY_HEADERS, 'too many fields'],
  [HEAD_ERR_TOO_LARGE, 'the head is too large'],
  [HEAD_ERR_TARGET_TOO_LONG, 'the first line is too long'],
  [CAPTURE_BODY, 'the chunks of the body are malformed'],
  [CAPTURE_SWITCH, 'it switches protocols, which nobody asked for, or does not say to which'],
]);

export interface BadMessage {
  readonly direction: 'request' | 'response';
  /** The frontend of a request, the backend of a response; by its name. */
  readonly proxy: string;
  /** The backend of a request, the frontend of a response; null: none yet. */
  readonly otherSide: string | null;
  /** Index in the plan; null: none. */
  readonly server: number | null;
  /** Counted from 0, over all. */
  readonly event: number;
  readonly wallMs: number;
  readonly client: { readonly family: 0 | 4 | 6; readonly bytes: readonly number[]; readonly port: number };
  readonly bytes: Buffer;
  /** Bytes before those. */
  readonly skipped: number;
  readonly total: number;
  readonly position: number;
  readonly reason: string;
}

export class BadMessages {
  readonly #plan: Plan;
  readonly #state: SharedState;
  readonly #memory: Buffer;

  constructor(plan: Plan, state: SharedState) {
    this.#plan = plan;
    this.#state = state;
    const { buffer, byteOffset, byteLength } = state.words;
    this.#memory = Buffer.from(buffer, byteOffset, byteLength);
  }

  /** How many there have been. */
  get count(): number {
    return this.#state.get(HEADER_CAPTURED) >>> 0;
  }

  /** The last request of each frontend and the last response of each backend, as the proxies are written. */
  all(): readonly BadMessage[] {
    const found: BadMessage[] = [];
    for (const { index } of this.#plan.proxies) {
      for (const direction of [DIRECTION_REQUEST, DIRECTION_RESPONSE]) {
        const message = this.#read(index, direction);
        if (message !== null) found.push(message);
      }
    }
    return found;
  }

  #read(proxy: number, direction: number): BadMessage | null {
    const word = this.#state.capture(proxy, direction);
    if (this.#state.get(word + CAPTURE_EVENT) === 0 || !this.#lock(word)) return null;
    try {
      return this.#message(proxy, direction, word);
    } finally {
      this.#state.set(word + CAPTURE_LOCK, 0);
    }
  }

  /** While it is held here, a thread that has another message keeps that one not. */
  #lock(word: number): boolean {
    for (let i = 0; i < TRIES; i++) if (this.#state.exchange(word + CAPTURE_LOCK, 1) === 0) return true;
    return false;
  }

  #message(proxy: number, direction: number, word: number): BadMessage {
    const number = (at: number): number => this.#state.get(word + at) >>> 0;
    const at = this.#state.captureBytesAt(proxy, direction);
    const length = Math.min(CAPTURE_BYTES, number(CAPTURE_LENGTH));
    const family = number(CAPTURE_FAMILY);
    return {
      direction: direction === DIRECTION_REQUEST ? 'request' : 'response',
      proxy: this.#nameOf(proxy) ?? '',
      otherSide: this.#nameOf(number(CAPTURE_OTHER_SIDE) - 1),
      server: number(CAPTURE_SERVER) === 0 ? null : number(CAPTURE_SERVER) - 1,
      event: number(CAPTURE_EVENT) - 1,
      wallMs: number(CAPTURE_SECONDS) * 1000 + Math.min(999, number(CAPTURE_MILLISECONDS)),
      client: {
        family: family === 4 || family === 6 ? family : 0,
        bytes: this.#address(word, family === 6 ? 16 : 4),
        port: number(CAPTURE_PORT) & 0xffff,
      },
      bytes: Buffer.from(this.#memory.subarray(at, at + length)),
      skipped: number(CAPTURE_SKIPPED),
      total: number(CAPTURE_TOTAL),
      position: Math.min(length, number(CAPTURE_POSITION)),
      reason: reasonOf(number(CAPTURE_CODE)),
    };
  }

  #nameOf(proxy: number): string | null {
    return this.#plan.proxies[proxy]?.name ?? null;
  }

  #address(word: number, length: number): readonly number[] {
    return Array.from({ length }, (_, i) => {
      return (this.#state.get(word + CAPTURE_ADDRESS + (i >> 2)) >>> (24 - 8 * (i & 3))) & 0xff;
    });
  }
}

function reasonOf(code: number): string {
  const found = REASONS.get(code) ?? REASONS.get(code - HEAD_ERR_RESPONSE);
  return found ?? 'it cannot be understood';
}
