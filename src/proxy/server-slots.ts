/**
 * What servers have room for: how many streams each has under way, and which servers any stream may have.
 *
 * Not here: who waits for room (waiting-line.ts), how much there is (server-limit.ts).
 */
import type { ProxyRuntime, ServerRuntime, ThreadContext } from './runtime.ts';
import {
  SERVER_SESSIONS,
  SERVER_SESSIONS_MAX,
  SERVER_STATE,
  SERVER_WEIGHT,
  type SharedState,
  STATE_UP,
} from './shared-state.ts';
import type { Stream } from './stream.ts';

export class ServerSlots {
  readonly #shared: SharedState;
  /** No other thread takes slots. */
  readonly #alone: boolean;

  constructor(context: ThreadContext) {
    this.#shared = context.shared;
    this.#alone = context.plan.threads === 1;
  }

  take(server: ServerRuntime): boolean {
    const shared = this.#shared;
    const word = server.row + SERVER_SESSIONS;
    const limit = server.limit.now();
    if (limit > 0 && !this.#alone) {
      if (!shared.addBelow(word, limit)) return false;
      shared.raise(server.row + SERVER_SESSIONS_MAX, shared.get(word));
      return true;
    }
    const taken = shared.add(word, 1);
    if (limit === 0 || taken < limit) {
      shared.raise(server.row + SERVER_SESSIONS_MAX, taken + 1);
      return true;
    }
    shared.add(word, -1);
    return false;
  }

  /** The stream has what was taken for it. */
  give(stream: Stream, server: ServerRuntime): void {
    stream.target = server;
    stream.holdsSlot = true;
    server.backend.balance.taken(server.position);
  }

  release(stream: Stream): void {
    const server = stream.target as ServerRuntime;
    if (!stream.holdsSlot) return;
    stream.holdsSlot = false;
    this.#shared.add(server.row + SERVER_SESSIONS, -1);
    server.backend.balance.released(server.position);
  }

  hasFree(server: ServerRuntime): boolean {
    const limit = server.limit.now();
    return limit === 0 || this.#shared.get(server.row + SERVER_SESSIONS) < limit;
  }

  isUsable(server: ServerRuntime): boolean {
    const shared = this.#shared;
    return shared.get(server.row + SERVER_STATE) === STATE_UP && shared.get(server.row + SERVER_WEIGHT) > 0;
  }

  hasUsable(backend: ProxyRuntime): boolean {
    for (const server of backend.servers) if (this.isUsable(server)) return true;
    return false;
  }

  activeServers({ servers }: ProxyRuntime): number {
    let count = 0;
    for (const server of servers) if (!server.plan.backup && this.isUsable(server)) count++;
    return count;
  }

  /** Whether who waits for any server may have this one: a backup's turn comes when no active server is usable. */
  servesAny(server: ServerRuntime): boolean {
    if (!this.isUsable(server)) return false;
    if (!server.plan.backup) return true;
    const { servers, plan } = server.backend;
    for (const other of servers) {
      if (other === server || !this.isUsable(other)) continue;
      if (!other.plan.backup || (!plan.allBackups && other.position < server.position)) return false;
    }
    return true;
  }
}
