/**
 * What must hold after every turn, whatever has happened: a census of one thread's connections, streams and slabs, and what
 * the shared state says of all of them.
 *
 *   every slab that is lent has one owner            every server connection belongs to a stream, a pool, or a client
 *   every gauge is the number of what it counts      no gauge is below zero or above its limit
 *   no deadline of a closed connection is filed      every descriptor belongs to somebody
 */
import type { ClientConnection, ServerConnection } from '../../src/proxy/connection.ts';
import type { Plan } from '../../src/proxy/plan.ts';
import * as State from '../../src/proxy/shared-state.ts';
import { STREAM_QUEUED, type Stream } from '../../src/proxy/stream.ts';
import type { Socket } from '../../src/sys/poller.ts';
import type { Slab } from '../../src/sys/slabs.ts';
import type { Engine } from './engine.ts';
import type { Network } from './network.ts';
import { freshOffersOf, offersOf } from './offers.ts';
import { violated } from './violation.ts';
import type { WatchedSlab, WatchedSlabs } from './watched-slabs.ts';

/** What one thread has, as it was counted after its last turn. */
class Tally {
  clients = 0;
  readonly frontend: Int32Array;
  readonly listener: Int32Array;
  readonly backend: Int32Array;
  readonly backendQueue: Int32Array;
  readonly sessions: Int32Array;
  readonly serverQueue: Int32Array;
  readonly idle: Int32Array;
  /** Of those, the ones that have carried a single exchange. */
  readonly fresh: Int32Array;

  constructor(proxies: number, listeners: number, servers: number) {
    this.frontend = new Int32Array(proxies);
    this.listener = new Int32Array(listeners);
    this.backend = new Int32Array(proxies);
    this.backendQueue = new Int32Array(proxies);
    this.sessions = new Int32Array(servers);
    this.serverQueue = new Int32Array(servers);
    this.idle = new Int32Array(servers);
    this.fresh = new Int32Array(servers);
  }

  reset(): void {
    this.clients = 0;
    this.frontend.fill(0);
    this.listener.fill(0);
    this.backend.fill(0);
    this.backendQueue.fill(0);
    this.sessions.fill(0);
    this.serverQueue.fill(0);
    this.idle.fill(0);
    this.fresh.fill(0);
  }
}

export interface Watched {
  readonly engine: Engine;
  readonly slabs: WatchedSlabs;
}

let census = 0;

export class Invariants {
  readonly #plan: Plan;
  readonly #shared: State.SharedState;
  readonly #network: Network;
  readonly #tallies: Tally[];
  /** Limits, by the index of the server. */
  readonly #servers: readonly { readonly index: number; readonly maxconn: number; readonly poolMaxConn: number }[];
  #slabsFound = 0;

  constructor(plan: Plan, shared: State.SharedState, network: Network) {
    this.#plan = plan;
    this.#shared = shared;
    this.#network = network;
    this.#servers = plan.proxies.flatMap(({ servers }) => servers);
    const { proxies, listeners } = plan;
    const make = () => new Tally(proxies.length, listeners.length, this.#servers.length);
    this.#tallies = Array.from({ length: plan.threads }, make);
  }

  /** The process is gone, and with it all that it had. */
  forget(): void {
    for (const tally of this.#tallies) tally.reset();
  }

  /** A thread has ended in an orderly way: only what was idle went with it. */
  endThread(thread: number): void {
    const tally = this.#tallies[thread] as Tally;
    for (const { index } of this.#servers) {
      const row = this.#shared.server(index);
      this.#shared.add(row + State.SERVER_IDLE, -(tally.idle[index] as number));
      this.#shared.add(row + State.SERVER_IDLE_FRESH, -(tally.fresh[index] as number));
    }
    tally.idle.fill(0);
    tally.fresh.fill(0);
  }

  /** After a turn of one thread. */
  check(thread: number, all: readonly Watched[]): void {
    const { engine, slabs } = all[thread] as Watched;
    census++;
    this.#slabsFound = 0;
    const tally = this.#tallies[thread] as Tally;
    tally.reset();
    for (let i = 0; i < engine.wires.length; i++) {
      const { socket, leaving } = engine.wires[i] as { socket: Socket; leaving: boolean };
      if ('listener' in socket) this.#client(socket as ClientConnection, tally);
      else this.#server(socket as ServerConnection, leaving, tally);
    }
    if (this.#slabsFound + engine.lastWords !== slabs.lent) {
      violated(`${slabs.lent} slabs are lent, and ${this.#slabsFound + engine.lastWords} have an owner`);
    }
    const { closed } = engine;
    for (let i = 0; i < closed.length; i++) {
      const socket = closed[i] as Socket;
      if (socket.timerTick !== -1) violated('a deadline of a closed connection is filed');
      if (socket.pending !== null || socket.held !== null) violated('a closed connection holds a slab');
    }
    closed.length = 0;
    this.#gauges();
    this.#descriptors(all);
  }

  #own(slab: Slab): void {
    const watched = slab as WatchedSlab;
    if (!watched.isLent) violated('a slab is used that was given back');
    if (watched.census === census) violated('a slab has two owners');
    watched.census = census;
    this.#slabsFound++;
  }

  #socket(socket: Socket): void {
    if (socket.fd < 0) violated('an open connection has no descriptor');
    if (socket.pending !== null) this.#own(socket.pending);
    for (let { held } = socket; held !== null; held = held.next) this.#own(held.slab);
  }

  #client(client: ClientConnection, tally: Tally): void {
    this.#socket(client);
    const { listener, stream } = client;
    tally.clients++;
    bump(tally.frontend, listener.frontend.plan.index);
    if (listener.plan.maxconn > 0) bump(tally.listener, listener.plan.index);
    if (client.stash !== null) this.#own(client.stash);
    if (stream !== null) {
      this.#stream(stream, client, tally);
      return;
    }
    const waitsForNothing = client.paused && !client.lingering && client.pending === null && !client.awaitsTurn;
    if (waitsForNothing) violated('a client is not read, and nothing will change that');
  }

  #stream(stream: Stream, client: ClientConnection, tally: Tally): void {
    if (stream.client !== client) violated("a client has somebody else's stream");
    const { server, target, backend } = stream;
    bump(tally.backend, backend.plan.index);
    if (stream.requestOwned && stream.request !== null) this.#own(stream.request);
    if (server !== null && (server.stream !== stream || server.fd < 0))
      violated('a stream has a server connection that is not its own');
    if (stream.holdsSlot) {
      if (target === null) violated('a stream holds a slot of no server');
      else bump(tally.sessions, target.plan.index);
    }
    const queued = stream.queue !== null;
    if (queued !== (stream.state === STREAM_QUEUED)) violated('a stream that waits is in no queue, or the reverse');
    if (!queued) return;
    if (stream.holdsSlot) violated('a stream that waits holds a slot');
    if (stream.queue === backend.queue) bump(tally.backendQueue, backend.plan.index);
    else if (target !== null && stream.queue === target.queue) bump(tally.serverQueue, target.plan.index);
    else violated('a stream waits in a queue of somebody else');
  }

  #server(connection: ServerConnection, leaving: boolean, tally: Tally): void {
    this.#socket(connection);
    if (connection.stash !== null) this.#own(connection.stash);
    const { stream, idleIndex, server, owner } = connection;
    if (stream !== null) {
      if (stream.server !== connection) violated("a server connection has somebody else's stream");
      if (idleIndex >= 0 || owner !== null) violated('a server connection is in use and idle');
      return;
    }
    // io_uring: the end of a request may turn out to wait when its answer is there already; it leaves before the next.
    const waits = connection.pending !== null && !connection.unsaid;
    if (connection.stash !== null || waits) violated('an idle connection holds a slab');
    if (idleIndex >= 0) {
      if (server.idleProven[idleIndex] !== connection && server.idleFresh[idleIndex] !== connection) {
        violated('an idle connection is not where it says');
      }
      bump(tally.idle, server.plan.index);
      if (server.idleProven[idleIndex] !== connection) bump(tally.fresh, server.plan.index);
      return;
    }
    if (owner !== null) {
      if (owner.ownServer !== connection || owner.fd < 0) violated('a connection is kept for a client that is gone');
      return;
    }
    if (!leaving) violated('a server connection belongs to nobody');
  }

  #gauges(): void {
    const shared = this.#shared;
    const { proxies, listeners, maxconn } = this.#plan;
    let clients = 0;
    for (const tally of this.#tallies) clients += tally.clients;
    expectGauge(shared.get(State.HEADER_CONNECTIONS), clients, maxconn, 'connections of the process');
    for (let i = 0; i < proxies.length; i++) {
      const row = shared.proxy(i);
      const limit = proxies[i]?.maxconn ?? 0;
      expectGauge(
        shared.get(row + State.PROXY_FRONTEND_SESSIONS),
        this.#sum('frontend', i),
        limit,
        'frontend sessions',
      );
      expectGauge(shared.get(row + State.PROXY_BACKEND_SESSIONS), this.#sum('backend', i), 0, 'backend sessions');
      expectGauge(shared.get(row + State.PROXY_QUEUED), this.#sum('backendQueue', i), 0, 'streams in a backend queue');
    }
    for (let i = 0; i < listeners.length; i++) {
      const limit = listeners[i]?.maxconn ?? 0;
      const word = shared.listener(i) + State.LISTENER_CONNECTIONS;
      if (limit > 0) expectGauge(shared.get(word), this.#sum('listener', i), limit, 'connections of a listener');
    }
    for (const { index, maxconn: limit, poolMaxConn } of this.#servers) {
      const row = shared.server(index);
      expectGauge(shared.get(row + State.SERVER_SESSIONS), this.#sum('sessions', index), limit, 'sessions of a server');
      expectGauge(
        shared.get(row + State.SERVER_QUEUED),
        this.#sum('serverQueue', index),
        0,
        'streams in a server queue',
      );
      const idle = this.#sum('idle', index) + offersOf(shared, row);
      const most = poolMaxConn < 0 ? 0 : poolMaxConn;
      expectGauge(shared.get(row + State.SERVER_IDLE), idle, most, 'idle connections');
      const fresh = this.#sum('fresh', index) + freshOffersOf(shared, row);
      expectGauge(shared.get(row + State.SERVER_IDLE_FRESH), fresh, 0, 'idle connections that were used once');
      if (poolMaxConn === 0 && idle > 0) violated('idle connections where none may be');
    }
  }

  #sum(what: Exclude<keyof Tally, 'clients' | 'reset'>, index: number): number {
    let sum = 0;
    for (let i = 0; i < this.#tallies.length; i++) sum += (this.#tallies[i] as Tally)[what][index] as number;
    return sum;
  }

  #descriptors(all: readonly Watched[]): void {
    let owned = 0;
    for (let i = 0; i < all.length; i++) {
      const { engine } = all[i] as Watched;
      owned += engine.wires.length + engine.lastWords + engine.unadopted + engine.early;
    }
    for (const { index } of this.#servers) owned += offersOf(this.#shared, this.#shared.server(index));
    if (owned !== this.#network.openCount) {
      violated(`${this.#network.openCount} descriptors are open, and ${owned} belong to somebody`);
    }
  }

  /** Nothing moves until time goes on: then nobody waits for what is free. */
  checkRest(): void {
    const shared = this.#shared;
    for (const { index, servers } of this.#plan.proxies) {
      const queued = shared.get(shared.proxy(index) + State.PROXY_QUEUED);
      for (const { index: server, maxconn, backup } of servers) {
        const row = shared.server(server);
        const state = shared.get(row + State.SERVER_STATE);
        const free = maxconn === 0 || shared.get(row + State.SERVER_SESSIONS) < maxconn;
        if (!free) continue;
        const usable = state === State.STATE_UP && shared.get(row + State.SERVER_WEIGHT) > 0 && !backup;
        if (queued > 0 && usable) violated(`server ${server} is free, and ${queued} streams wait for any`);
        const waiting = shared.get(row + State.SERVER_QUEUED);
        if (waiting > 0 && (state === State.STATE_UP || state === State.STATE_DRAIN)) {
          violated(`server ${server} is free, and ${waiting} streams wait for it`);
        }
      }
    }
  }

  /** At the end nothing is left; totals are what they should be. */
  checkEnd(all: readonly Watched[]): void {
    const shared = this.#shared;
    if (this.#network.openCount > 0) violated(`${this.#network.openCount} descriptors are left open`);
    for (const { slabs } of all) if (slabs.lent > 0) violated(`${slabs.lent} slabs are left`);
    if (shared.get(State.HEADER_CONNECTIONS) !== 0) violated('clients are left');
    for (const { index, servers, isFrontend, http } of this.#plan.proxies) {
      const row = shared.proxy(index);
      for (const word of [State.PROXY_FRONTEND_SESSIONS, State.PROXY_BACKEND_SESSIONS, State.PROXY_QUEUED]) {
        if (shared.get(row + word) !== 0)
          violated(`gauge ${word} of proxy ${index} is left at ${shared.get(row + word)}`);
      }
      if (isFrontend && http) this.#responses(row);
      for (const { index: server } of servers) {
        const at = shared.server(server);
        for (const word of [State.SERVER_SESSIONS, State.SERVER_QUEUED, State.SERVER_IDLE, State.SERVER_IDLE_FRESH]) {
          if (shared.get(at + word) !== 0)
            violated(`gauge ${word} of server ${server} is left at ${shared.get(at + word)}`);
        }
        const sessions = shared.get(at + State.SERVER_TOTAL_SESSIONS);
        const opened = shared.get(at + State.SERVER_CONNECTS) + shared.get(at + State.SERVER_REUSED);
        if (sessions !== opened) violated(`server ${server} counts ${sessions} sessions on ${opened} connections`);
      }
    }
  }

  #responses(row: number): void {
    const shared = this.#shared;
    let answers = shared.get(row + State.PROXY_RESPONSES_OTHER);
    for (let i = 0; i < 5; i++) answers += shared.get(row + State.PROXY_RESPONSES_1XX + i);
    const requests = shared.get(row + State.PROXY_REQUESTS);
    if (answers !== requests) violated(`${requests} requests and ${answers} answers are counted`);
  }
}

function bump(counts: Int32Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}

function expectGauge(value: number, counted: number, limit: number, what: string): void {
  if (value !== counted) violated(`${what}: ${value} are said, ${counted} are there`);
  if (value < 0) violated(`${what}: ${value}`);
  if (limit > 0 && value > limit) violated(`${what}: ${value} where ${limit} are allowed`);
}
