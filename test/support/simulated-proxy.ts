/**
 * A data thread over a simulated network: the configuration as one writes it, clients and servers by hand, time by hand.
 * Or several: they take turns, and clients come to them one after the other unless the test says to whom.
 */
import { expect } from 'vitest';
import { compilePlan, isFrontend, runningProxies } from '../../src/daemon/compile.ts';
import type { Plan, ServerChange } from '../../src/proxy/plan.ts';
import {
  HEADER_CONNECTIONS,
  HEADER_VERDICTS,
  layoutOf,
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_QUEUED,
  SERVER_IDLE,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_WEIGHT,
  SharedState,
  STATE_UP,
} from '../../src/proxy/shared-state.ts';
import { ThreadLoop } from '../../src/proxy/thread-loop.ts';
import type { SlabPool } from '../../src/sys/slabs.ts';
import { modelOf } from './model.ts';
import { type Faults, type Peer, SimulatedClock, SimulatedNetwork, type SimulatedServer } from './simulated-network.ts';
import { SimulatedPoller } from './simulated-poller.ts';

const TURNS_MAX = 200_000;

export interface SimulatedOptions {
  readonly faults?: Faults;
  readonly maxconn?: number;
  readonly threads?: number;
}

export class SimulatedProxy {
  readonly clock = new SimulatedClock();
  readonly network: SimulatedNetwork;
  readonly plan: Plan;
  readonly shared: SharedState;
  readonly #loops: ThreadLoop[] = [];
  readonly #pollers: SimulatedPoller[] = [];
  readonly #slabs: SlabPool[] = [];
  readonly #clients: Peer[] = [];
  #changes = 0;

  /** `text` is a haproxy.cfg; each frontend listens once, in order. `maxconn` also bounds the slabs that can be lent. */
  constructor(text: string, options: SimulatedOptions = {}) {
    const threads = options.threads ?? 1;
    this.network = new SimulatedNetwork(this.clock, options.faults ?? null);
    const model = modelOf(text);
    const listeners = runningProxies(model)
      .filter(isFrontend)
      .map(({ name, binds }, index) => {
        const sockets = Array.from({ length: threads }, (_, i) => ({ fd: 10 + index * threads + i, threads: [i] }));
        const maxconn = binds[0]?.maxconn ?? 0;
        const place = { name: '192.0.2.1:80', ip: '192.0.2.1', port: 80, unix: false, label: '1' };
        const acceptsProxyHeader = binds[0]?.acceptProxy ?? false;
        return { index, sockets, frontend: name, maxconn, ...place, acceptsProxyHeader };
      });
    this.plan = compilePlan(model, {
      generation: 1,
      threads,
      maxconn: options.maxconn ?? 1000,
      defaultProxyMaxconn: 0,
      logPid: 1,
      privileges: { uid: null, gid: null, chroot: null },
      sharedStateFd: -1,
      listeners,
      addresses: new Map(),
      hostname: '',
      descriptors: new Map(),
    });
    const layout = layoutOf(this.plan);
    this.shared = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    for (const server of this.#servers) {
      this.shared.set(this.shared.server(server.index) + SERVER_STATE, STATE_UP);
      this.shared.set(this.shared.server(server.index) + SERVER_WEIGHT, server.weight);
    }
    for (let index = 0; index < threads; index++) this.#loops.push(this.#thread(index));
    for (const loop of this.#loops) loop.open();
  }

  #thread(index: number): ThreadLoop {
    return new ThreadLoop({
      plan: this.plan,
      index,
      shared: this.shared,
      clock: this.clock,
      wakeupFd: -1,
      wakeThread: (other) => {
        (this.#pollers[other] as SimulatedPoller).woken = true;
      },
      createPoller: (_clock, slabs, headroomBytes, accepts) => {
        this.#slabs.push(slabs);
        const poller = new SimulatedPoller(this.network, slabs, headroomBytes, accepts, index);
        this.#pollers.push(poller);
        return poller;
      },
    });
  }

  /** Of the first thread. */
  get poller(): SimulatedPoller {
    const [poller] = this.#pollers;
    if (poller === undefined) throw new Error('no poller');
    return poller;
  }

  get slabs(): SlabPool {
    const [slabs] = this.#slabs;
    if (slabs === undefined) throw new Error('no slabs');
    return slabs;
  }

  get loop(): ThreadLoop {
    const [loop] = this.#loops;
    if (loop === undefined) throw new Error('no thread');
    return loop;
  }

  /** An operator has changed a server; `threads`: who has heard of it, all of them. */
  changeServers(change: ServerChange, threads: readonly number[] = this.#loops.map((_, i) => i)): void {
    this.#changes++;
    for (const thread of threads) this.#loops[thread]?.changeServers({ number: this.#changes, changes: [change] });
    this.settle();
  }

  client(listener = 0, thread = this.#clients.length % this.#loops.length): Peer {
    const peer = this.network.client(listener, thread);
    this.#clients.push(peer);
    return peer;
  }

  /** A client that has said something, and what came of it at once. */
  ask(text: string, listener = 0, thread?: number): Peer {
    const client = this.client(listener, thread);
    client.send(text);
    this.settle();
    return client;
  }

  server(port: number): SimulatedServer {
    return this.network.server(port);
  }

  /** The connection that the proxy opened last to this port. */
  accepted(port: number): Peer {
    const peer = this.server(port).peers.at(-1);
    if (peer === undefined) throw new Error(`nobody has connected to ${port}`);
    return peer;
  }

  /** Everything that happens without time passing. */
  settle(): void {
    for (const poller of this.#pollers) poller.untilMs = 0;
    // What a turn does after its events (timers, verdicts) makes events for the next one: two quiet rounds are rest.
    for (let i = 0, quiet = 0; quiet < 2; i++) {
      if (i > TURNS_MAX) throw new Error('never comes to rest');
      for (const loop of this.#loops) loop.turn(noMail);
      quiet = this.#pollers.some(({ busy, woken }) => busy || woken) ? 0 : quiet + 1;
    }
  }

  /** One turn of one thread. */
  turn(thread: number): void {
    this.#loops[thread]?.turn(noMail);
  }

  /** Lets time pass, and what happens in it. */
  advance(ms: number): void {
    const until = this.clock.nowMs + ms;
    this.settle();
    // A thread knows when something happens next, but only to itself.
    for (; this.#loops.length > 1 && this.clock.nowMs < until; this.settle()) this.clock.nowMs++;
    this.poller.untilMs = until;
    for (let i = 0; this.clock.nowMs < until; i++) {
      if (i > TURNS_MAX) throw new Error('never comes to rest');
      this.loop.turn(noMail);
    }
    this.settle();
  }

  state(server: number, state: number): void {
    this.shared.set(this.shared.server(server) + SERVER_STATE, state);
    this.shared.add(HEADER_VERDICTS, 1);
    this.settle();
  }

  serverGauge(server: number, word: number): number {
    return this.shared.get(this.shared.server(server) + word);
  }

  proxyGauge(proxy: number, word: number): number {
    return this.shared.get(this.shared.proxy(proxy) + word);
  }

  get #servers() {
    return this.plan.proxies.flatMap(({ servers }) => servers);
  }

  /** Nothing may be left of streams: no slot, no place in a queue, no slab, no deadline. */
  expectNoStreams(): void {
    const gauges: Record<string, number> = {};
    for (const { index, name } of this.#servers) {
      gauges[`${name} sessions`] = this.serverGauge(index, SERVER_SESSIONS);
      gauges[`${name} queued`] = this.serverGauge(index, SERVER_QUEUED);
    }
    for (const { index, name } of this.plan.proxies) {
      gauges[`${name} backend sessions`] = this.proxyGauge(index, PROXY_BACKEND_SESSIONS);
      gauges[`${name} queued`] = this.proxyGauge(index, PROXY_QUEUED);
    }
    expect(Object.entries(gauges).filter(([, value]) => value !== 0)).toEqual([]);
    const lent = this.#slabs.reduce((sum, slabs) => sum + slabs.lent, 0);
    expect(lent, 'slabs that are lent').toBe(0);
  }

  get #openCount(): number {
    return this.#pollers.reduce((sum, { openCount }) => sum + openCount, this.network.loose.size);
  }

  /** Ends all clients, lets idle connections go, and checks that nothing is left at all. */
  expectClean(): void {
    for (const client of this.#clients) client.reset();
    this.network.waiting.length = 0;
    this.settle();
    for (let waited = 0; this.#openCount > 0 && waited < 200; waited++) this.advance(1000);
    this.expectNoStreams();
    expect(this.#openCount, 'sockets that are open').toBe(0);
    expect(
      this.#pollers.flatMap(({ sockets }) => sockets).filter((socket) => socket.timerTick !== -1).length,
      'deadlines of closed sockets that are still filed',
    ).toBe(0);
    const left = this.plan.proxies.map(({ index }) => this.proxyGauge(index, PROXY_FRONTEND_SESSIONS));
    expect(left.every((value) => value === 0)).toBe(true);
    expect(this.shared.get(HEADER_CONNECTIONS)).toBe(0);
    expect(this.#servers.map(({ index }) => this.serverGauge(index, SERVER_IDLE)).every((idle) => idle === 0)).toBe(
      true,
    );
  }
}

function noMail(): void {}
