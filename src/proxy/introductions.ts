/**
 * `bind … accept-proxy`: clients that have to begin with a header of the PROXY protocol, which says whose connection it
 * really is. From then on it is that one's, in everything: logs, ACLs, hashes, X-Forwarded-For. Who sends something else
 * is closed, as are those who take longer than `timeout client` for it.
 *
 *   accepted ─▶ header (partial: in the stash) ─▶ HttpFront or TcpSession, with what came behind it
 *
 * Not here: what a header looks like (proxy-header-scan.ts).
 */
import { copyBytes, type Slab } from '../sys/slabs.ts';
import type { AcceptGate, ClientSession } from './accept-gate.ts';
import type { ClientConnection } from './connection.ts';
import { logEarlyEnd } from './early-end.ts';
import {
  HEADER_ALIEN,
  HEADER_INVALID,
  HEADER_PARTIAL,
  HEADER_TRUNCATED,
  HEADER_UNHANDLED,
  HEADER_WHOLE,
  ProxyHeaderScan,
} from './proxy-header-scan.ts';
import type { ThreadContext } from './runtime.ts';
import type { TrafficLog } from './traffic-log.ts';

/** HAProxy's words. */
const EMPTY = 'Connection closed while waiting for PROXY protocol header';
const ABORTED = 'Connection error while waiting for PROXY protocol header';
const LATE = 'Timeout while waiting for PROXY protocol header';
const NO_MEMORY = 'unknown connection error';
const WORDS: ReadonlyMap<number, string> = new Map([
  [HEADER_TRUNCATED, 'Truncated PROXY protocol header received'],
  [HEADER_ALIEN, 'Received something which does not look like a PROXY protocol header'],
  [HEADER_INVALID, 'Received an invalid PROXY protocol header'],
  [HEADER_UNHANDLED, 'Received an unhandled protocol in the PROXY protocol header'],
]);

export class Introductions implements ClientSession {
  readonly #context: ThreadContext;
  readonly #gate: AcceptGate;
  readonly #log: TrafficLog | null;
  readonly #scan = new ProxyHeaderScan();

  constructor(context: ThreadContext, gate: AcceptGate, log: TrafficLog | null) {
    this.#context = context;
    this.#gate = gate;
    this.#log = log;
  }

  begin(client: ClientConnection): void {
    const { wheel, poller } = this.#context;
    const { clientMs } = client.listener.frontend.plan.timeouts;
    wheel.arm(client, clientMs > 0 ? poller.nowMs + clientMs : 0);
  }

  onData(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const { stash } = client;
    if (stash !== null) {
      this.#continue(client, stash, slab, start, end);
      return;
    }
    const code = this.#scan.scan(slab.bytes, start, end, this.#context.slabs.sizeBytes);
    if (code === HEADER_WHOLE) this.#accept(client, slab, this.#scan.end, end);
    else if (code === HEADER_PARTIAL) this.#keep(client, slab, start, end);
    else this.#refuse(client, WORDS.get(code) ?? '');
  }

  /** A FIN behind a part of a header, or in its place. */
  onEnd(client: ClientConnection): void {
    if (client.stash !== null) this.#refuse(client, WORDS.get(HEADER_TRUNCATED) ?? '');
    else this.#leave(client, EMPTY);
  }

  onError(client: ClientConnection): void {
    this.#leave(client, ABORTED);
  }

  onTimeout(client: ClientConnection): void {
    this.#leave(client, LATE);
  }

  onConnected(): void {}

  onDrained(): void {}

  onDry(): void {}

  onSendFailed(): void {}

  #keep(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const stash = this.#context.slabs.take();
    if (stash === null) {
      this.#refuse(client, NO_MEMORY);
      return;
    }
    copyBytes(slab, start, end, stash, stash.base);
    client.stash = stash;
    client.stashStart = stash.base;
    client.stashEnd = stash.base + end - start;
  }

  /** A header is never longer than the stash, so what does not fit comes behind it. */
  #continue(client: ClientConnection, stash: Slab, slab: Slab, start: number, end: number): void {
    const { slabs } = this.#context;
    const before = client.stashEnd;
    const fits = Math.min(end - start, stash.base + slabs.sizeBytes - before);
    copyBytes(slab, start, start + fits, stash, before);
    client.stashEnd = before + fits;
    const code = this.#scan.scan(stash.bytes, stash.base, client.stashEnd, slabs.sizeBytes);
    if (code === HEADER_PARTIAL) return;
    if (code !== HEADER_WHOLE) {
      this.#refuse(client, WORDS.get(code) ?? '');
      return;
    }
    slabs.give(stash);
    client.stash = null;
    this.#accept(client, slab, start + (this.#scan.end - before), end);
  }

  /** [start, end) has come behind the header. */
  #accept(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const { source, destination } = this.#scan;
    const { nowMs } = this.#context.poller;
    if (source !== null && destination !== null) client.introduce(source, destination);
    client.handshakeMs = nowMs - client.acceptedMs;
    client.idleSinceMs = nowMs;
    const session = this.#gate.sessionOf(client.listener.frontend);
    client.handler = session;
    session.begin(client);
    if (end > start && client.fd >= 0) client.handler.onData(client, slab, start, end);
  }

  /** It may have been a probe, by somebody who only wanted to know that we are here (`option dontlognull`). */
  #leave(client: ClientConnection, reason: string): void {
    this.#refuse(client, reason, false, client.listener.frontend.plan.dontLogNull);
  }

  #refuse(client: ClientConnection, reason: string, reset = true, silently = false): void {
    if (!silently) logEarlyEnd(client, reason, this.#log, this.#context.poller.wallMs);
    this.#gate.close(client, reset);
  }
}
