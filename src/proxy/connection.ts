/**
 * The two ends of an exchange: a socket and what the session knows about it. Idle, it holds no buffer and no stream.
 *
 *   client ── ClientConnection ── Stream (one request and its response) ── ServerConnection ── server
 *
 * Not here: what happens on them (src/proxy/http-front.ts, http-back.ts, tunnel.ts).
 */
import type { Endpoint } from '../core/address.ts';
import { Socket, type SocketHandler } from '../sys/poller.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ListenerRuntime, ServerRuntime } from './runtime.ts';
import type { Stream } from './stream.ts';

export class ClientConnection extends Socket {
  readonly listener: ListenerRuntime;
  /** Its number among all that the thread has let in, from 1: how operators name its sessions. */
  serial = 0;
  /** 4, 6, or 0 for a unix socket. The peer's own, unless a PROXY header has said who it is. */
  peerFamily: number;
  /** An IPv4 peer as one unsigned number in network order. */
  peerIp4: number;
  /** An IPv6 peer's sixteen bytes. */
  peerIp6: Uint8Array | null;
  peerPort: number;
  /** What it has connected to, from a PROXY header; null: nobody has said, or asked, yet (destination.ts). */
  destination: Endpoint | null = null;
  /** How long its PROXY header took. */
  handshakeMs = 0;
  /** When it was accepted, monotonic and since 1970. */
  readonly acceptedMs: number;
  readonly acceptedWallMs: number;

  /** The exchange under way; null while the connection waits for a request. */
  stream: Stream | null = null;
  /** Bytes that have to wait: a head that is not complete, or the next requests of a pipeline. */
  stash: Slab | null = null;
  stashStart = 0;
  stashEnd = 0;
  /** When the first byte of the request that is being read arrived; 0: none yet. */
  headStartedMs = 0;
  /** When the connection became idle (or was accepted): the log's TR counts from the first byte, Ti from here. */
  idleSinceMs: number;
  requests = 0;
  /** The answer has been sent and the rest of what the client sends is thrown away. */
  lingering = false;
  /** It is on the list of connections whose stash holds a request to begin in this turn. */
  awaitsTurn = false;
  /** `http-reuse never`: the server connection that only this client uses. */
  ownServer: ServerConnection | null = null;
  /** Links of the list of all clients, for soft stop. */
  next: ClientConnection | null = null;
  previous: ClientConnection | null = null;

  constructor(
    handler: SocketHandler,
    listener: ListenerRuntime,
    peerFamily: number,
    peerBytes: Uint8Array,
    peerPort: number,
    nowMs: number,
    wallMs: number,
  ) {
    super(handler);
    this.dropsOnReset = true;
    this.listener = listener;
    this.peerFamily = peerFamily;
    this.peerIp4 = peerFamily === 4 ? numberOf(peerBytes) : 0;
    this.peerIp6 = peerFamily === 6 ? peerBytes.slice(0, 16) : null;
    this.peerPort = peerPort;
    this.acceptedMs = nowMs;
    this.idleSinceMs = nowMs;
    this.acceptedWallMs = wallMs;
  }

  /** The port that it has connected to; 0: a unix socket. */
  get destinationPort(): number {
    return this.destination === null ? this.listener.plan.port : this.destination.port;
  }

  /** A PROXY header says where it comes from and where it wanted to go. */
  introduce(source: Endpoint, destination: Endpoint): void {
    const { family, address, port } = source;
    this.peerFamily = family;
    this.peerIp4 = family === 4 ? numberOf(address) : 0;
    this.peerIp6 = family === 6 ? address : null;
    this.peerPort = port;
    this.destination = destination;
  }
}

/** Four bytes in network order. */
function numberOf(bytes: Uint8Array): number {
  const high = ((bytes[0] as number) << 24) | ((bytes[1] as number) << 16);
  return (high | ((bytes[2] as number) << 8) | (bytes[3] as number)) >>> 0;
}

export class ServerConnection extends Socket {
  readonly server: ServerRuntime;
  /** How often its server had moved when it was opened. */
  readonly moves: number;
  /** The port it was opened to: with a mapped port, only clients of the same port may reuse it. */
  readonly port: number;
  /** null while it is idle. */
  stream: Stream | null = null;
  /** Exchanges it has carried. */
  exchanges = 0;
  /** The part of a response head that has arrived. */
  stash: Slab | null = null;
  stashStart = 0;
  stashEnd = 0;
  /** Where it comes from, once a log line has asked. */
  source: Endpoint | null = null;
  /** Its place in the server's idle list; -1: not idle. */
  idleIndex = -1;
  /** The word by which it was offered to other threads; 0: it was not (connection-offers.ts). */
  offer = 0;
  /** The address from a request's field that it leaves from; null: it does not depend on one. */
  from: Endpoint | null = null;
  /** `http-reuse never`: the client that keeps it. */
  owner: ClientConnection | null = null;

  constructor(handler: SocketHandler, server: ServerRuntime, port: number) {
    super(handler);
    this.server = server;
    this.moves = server.moves;
    this.port = port;
  }
}
