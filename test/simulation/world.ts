/**
 * One run: a configuration, its data threads on simulated engines, clients, servers, weather, and what the control process
 * does meanwhile, all of it from one seed. Threads take turns, one at a time; time goes on when none has anything to do.
 *
 *   calendar ─▶ things happen ─▶ some thread with work turns ─▶ invariants ─▶ …     nobody has work: on to the next moment
 *
 * Not here: which seeds, how many (campaign.ts).
 */
import { compilePlan, isFrontend, runningProxies } from '../../src/daemon/compile.ts';
import { forgetConnections } from '../../src/daemon/verdicts.ts';
import type { Plan } from '../../src/proxy/plan.ts';
import * as State from '../../src/proxy/shared-state.ts';
import { ThreadLoop } from '../../src/proxy/thread-loop.ts';
import { modelOf } from '../support/model.ts';
import { SeededRandom } from '../support/random.ts';
import type { Actor } from './calendar.ts';
import { Calendar } from './calendar.ts';
import { Client } from './client.ts';
import { CompletionEngine } from './completions.ts';
import { type Configuration, configurationOf } from './configuration.ts';
import { Counts } from './counts.ts';
import type { Engine } from './engine.ts';
import { Invariants } from './invariants.ts';
import { CALM, type Manners, mannersOf, WILD } from './manners.ts';
import { MessageWriter } from './message-writer.ts';
import { AcceptQueue, Network } from './network.ts';
import { closeOffers } from './offers.ts';
import { Operator } from './operator.ts';
import { Origin } from './origin.ts';
import type { OriginConnection } from './origin-connection.ts';
import { entranceOf, portOf, serversOf } from './plan-facts.ts';
import { ReadinessEngine } from './readiness.ts';
import { Requests } from './requests.ts';
import { moodOf, scrambled } from './seeds.ts';
import { SimulatedThread } from './simulated-thread.ts';
import { describeConnections, describeQueues, describeThreads } from './snapshot.ts';
import type { Entrance, Stage } from './stage.ts';
import { violated } from './violation.ts';
import { WatchedSlabs } from './watched-slabs.ts';
import { type Weather, weatherOf } from './weather.ts';

const REQUESTS_MAX = 65_536;
/** A client that nothing happens to for so long waits for ever. */
const STUCK_MS = 240_000;
/** Idle connections are purged by then. */
const QUIET_MS = 60_000;
const RESET_EVERY_MS = 7000;
/** Turns in one moment. */
const TURNS_MAX = 100_000;
const FIRST_LISTENING_FD = 10;

const SPAWNS = 0;
const CHANGES_VERDICT = 1;
const DIES = 2;
const STOPS = 3;
const LAST_ANSWERS = 4;
const MORE_ANSWERS = 5;

/** A process that dies in the middle of a call. */
class Death extends Error {}

/** What is kept from run to run: memory, mostly. */
export class World implements Stage, Actor {
  life = 0;
  random = new SeededRandom(0);
  readonly calendar = new Calendar();
  readonly requests = new Requests(REQUESTS_MAX);
  readonly writer = new MessageWriter();
  counts = new Counts();
  manners: Manners = mannersOf(new SeededRandom(0), CALM, true);
  weather: Weather = weatherOf(new SeededRandom(0), false);
  readonly network: Network;
  dying = false;
  tracing = false;
  /** What is printed where a run is traced. */
  print: (line: string) => void = () => {};
  configuration: Configuration | null = null;

  readonly #clients: Client[] = [];
  readonly #spareOrigins: OriginConnection[] = [];
  /** By thread and size. */
  readonly #slabs = new Map<string, WatchedSlabs>();
  #threads: SimulatedThread[] = [];
  #plan: Plan | null = null;
  #operator: Operator | null = null;
  #shared: State.SharedState | null = null;
  #invariants: Invariants | null = null;
  #entrances: Entrance[] = [];
  #ring = false;
  #planned = 0;
  #target = 0;
  #active = 0;
  #spawning = false;
  #stopping = false;
  #deathAfterCalls = 0;
  #lastSpawnMs = 0;
  #turnsNow = 0;

  constructor() {
    this.network = new Network(this.calendar, this.random, this.weather);
  }

  trace(line: string): void {
    this.print(`${this.calendar.nowMs} ${line}`);
  }

  /** Runs a seed to its end; throws a Violation. Returns the number of requests. */
  run(seed: number, target: number): number {
    this.#begin(seed, target);
    while (this.#planned < this.#target || this.#active > 0) {
      this.#spawn();
      this.#step();
      if (this.calendar.nowMs - this.#lastSpawnMs > STUCK_MS) violated(`${this.#active} clients wait for ever`);
    }
    // Where nothing is bounded, servers that say nothing have to go before the proxy lets go of them.
    const quietMs = this.calendar.nowMs + QUIET_MS;
    for (let resetMs = 0; this.network.openCount > 0 && this.calendar.nowMs < quietMs; this.#step()) {
      if (this.calendar.nowMs < resetMs) continue;
      this.network.forEachOpen((wire) => wire.far.goAway());
      resetMs = this.calendar.nowMs + RESET_EVERY_MS;
    }
    const invariants = this.#invariants as Invariants;
    invariants.checkEnd(this.#threads);
    this.#sumUp();
    return this.requests.count;
  }

  /** A client has come to its end. */
  left(client: Client): void {
    this.#active--;
    this.#clients.push(client);
  }

  happen(what: number): void {
    const { random, calendar } = this;
    switch (what) {
      case SPAWNS:
        this.#spawning = false;
        break;
      case CHANGES_VERDICT:
        this.#changeVerdict();
        calendar.enter(calendar.nowMs + 1 + random.below(400), this, CHANGES_VERDICT, 0);
        break;
      case DIES:
        this.#deathAfterCalls = 1 + random.below(40);
        break;
      case STOPS:
        this.#stop();
        break;
      case LAST_ANSWERS:
        this.#tell((loop) => loop.lastAnswers(true));
        calendar.enter(calendar.nowMs + 1 + random.below(500), this, MORE_ANSWERS, 0);
        break;
      case MORE_ANSWERS:
        this.#tell((loop) => loop.lastAnswers(false));
        break;
    }
  }

  // The beginning.

  #begin(seed: number, target: number): void {
    this.life++;
    const random = new SeededRandom(scrambled(seed));
    const { calendar, network } = this;
    this.random = random;
    calendar.reset();
    this.requests.reset();
    this.counts = new Counts();
    const mood = moodOf(random);
    const configuration = configurationOf(random, mood);
    this.configuration = configuration;
    this.weather = weatherOf(random, mood === WILD);
    this.manners = mannersOf(random, mood, configuration.bounded);
    network.reset(random, this.weather);
    this.dying = false;
    this.#ring = random.below(2) === 0;
    this.#planned = 0;
    this.#target = target;
    this.#active = 0;
    this.#spawning = false;
    this.#stopping = false;
    this.#deathAfterCalls = 0;
    this.#lastSpawnMs = calendar.nowMs;
    this.#turnsNow = 0;
    if (this.tracing) this.trace(`${this.#ring ? 'completions' : 'readiness'}, mood ${mood}\n${configuration.text}`);
    this.#compile(configuration);
    this.#startThreads();
    if (mood !== WILD) return;
    if (random.below(3) === 0) calendar.enter(calendar.nowMs + random.below(300), this, CHANGES_VERDICT, 0);
    if (random.below(4) === 0) calendar.enter(calendar.nowMs + random.below(1500), this, DIES, 0);
    if (random.below(8) === 0) calendar.enter(calendar.nowMs + random.below(1500), this, LAST_ANSWERS, 0);
    if (random.below(6) === 0) calendar.enter(calendar.nowMs + random.below(3000), this, STOPS, 0);
  }

  #compile({ text, threads, maxconn, sharesSockets }: Configuration): void {
    const model = modelOf(text);
    let fd = FIRST_LISTENING_FD;
    const all = Array.from({ length: threads }, (_, i) => i);
    const listeners = runningProxies(model)
      .filter(isFrontend)
      .map(({ name, binds }, index) => {
        const sockets = sharesSockets
          ? [{ fd: fd++, threads: all }]
          : all.map((thread) => ({ fd: fd++, threads: [thread] }));
        for (const socket of sockets) this.network.queues.set(socket.fd, new AcceptQueue());
        const port = 80 + index;
        return {
          index,
          sockets,
          frontend: name,
          maxconn: binds[0]?.maxconn ?? 0,
          name: `192.0.2.1:${port}`,
          ip: '192.0.2.1',
          label: '1',
          acceptsProxyHeader: false,
          port,
          unix: false,
        };
      });
    const plan = compilePlan(model, {
      generation: 1,
      threads,
      maxconn,
      defaultProxyMaxconn: 0,
      logPid: 1,
      privileges: { uid: null, gid: null, chroot: null },
      sharedStateFd: -1,
      listeners,
      addresses: new Map(),
      hostname: '',
      descriptors: new Map(),
    });
    const layout = State.layoutOf(plan);
    const shared = new State.SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    this.#plan = plan;
    this.#operator = new Operator(plan, shared);
    this.#shared = shared;
    this.#invariants = new Invariants(plan, shared, this.network);
    const changes = this.manners.mood === WILD;
    for (const server of [...serversOf(plan)].sort((one, other) => portOf(one) - portOf(other))) {
      const backend = plan.proxies[server.backend] ?? violated('a server without a backend');
      const { http } = backend;
      // Through a TCP proxy the last words of an engine may outlast the place.
      const limit = http || !this.#ring ? server.maxconn : 0;
      this.network.listen(new Origin(this, this.#spareOrigins, server.index, http, limit, !changes, backend));
      shared.set(shared.server(server.index) + State.SERVER_STATE, State.STATE_UP);
      shared.set(shared.server(server.index) + State.SERVER_WEIGHT, server.weight);
    }
    this.#entrances = plan.listeners.map(({ frontend }) => entranceOf(plan, frontend));
  }

  #startThreads(): void {
    const plan = this.#plan as Plan;
    this.#threads = [];
    for (let index = 0; index < plan.threads; index++) this.#threads.push(this.#thread(plan, index));
    for (const { loop } of this.#threads) {
      loop.changeServers((this.#operator as Operator).sinceThen);
      loop.open();
    }
  }

  #thread(plan: Plan, index: number): SimulatedThread {
    const slabs = this.#slabsOf(index, plan.bufferSizeBytes);
    slabs.reset(this.weather.slabRefusals > 0 ? 6 + this.random.below(30) : 10_000);
    slabs.refusals = this.weather.slabRefusals;
    slabs.chance = () => this.random.below(1000);
    let engine: Engine | null = null;
    const loop = new ThreadLoop({
      plan,
      index,
      shared: this.#shared as State.SharedState,
      clock: this.calendar,
      wakeupFd: -1,
      slabs,
      wakeThread: (other) => {
        (this.#threads[other] as SimulatedThread).engine.woken = true;
      },
      createPoller: (_clock, _slabs, headroomBytes, accepts) => {
        const Kind = this.#ring ? CompletionEngine : ReadinessEngine;
        engine = new Kind(this.network, slabs, headroomBytes, accepts);
        return engine;
      },
    });
    if (engine === null) throw new Error('no engine');
    (engine as Engine).onCall = () => this.#called();
    return new SimulatedThread(loop, engine, slabs);
  }

  #slabsOf(thread: number, sizeBytes: number): WatchedSlabs {
    const key = `${thread} ${sizeBytes}`;
    let slabs = this.#slabs.get(key);
    if (slabs === undefined) {
      slabs = new WatchedSlabs(sizeBytes);
      this.#slabs.set(key, slabs);
    }
    return slabs;
  }

  // Time.

  #step(): void {
    const { calendar, random } = this;
    calendar.run();
    const ready: SimulatedThread[] = this.#ready;
    ready.length = 0;
    for (const thread of this.#threads) if (this.#hasWork(thread)) ready.push(thread);
    if (ready.length > 0) {
      this.#turnsNow++;
      if (this.#turnsNow > TURNS_MAX) violated('time does not go on');
      this.#turn(ready[ready.length === 1 ? 0 : random.below(ready.length)] as SimulatedThread);
      return;
    }
    let nextMs = calendar.nextMs;
    let rests = true;
    for (const thread of this.#threads) {
      if (thread.over) continue;
      if (thread.stalledUntilMs > calendar.nowMs) rests = false;
      nextMs = Math.min(nextMs, Math.max(thread.stalledUntilMs, thread.mustTurn ? 0 : thread.wakesAtMs));
      if (thread.stalledUntilMs > calendar.nowMs) nextMs = Math.min(nextMs, thread.stalledUntilMs);
    }
    if (rests && this.weather.descriptors === Number.POSITIVE_INFINITY) (this.#invariants as Invariants).checkRest();
    calendar.nowMs = Number.isFinite(nextMs) ? Math.max(nextMs, calendar.nowMs + 1) : calendar.nowMs + 1000;
    this.#turnsNow = 0;
  }

  readonly #ready: SimulatedThread[] = [];

  #hasWork(thread: SimulatedThread): boolean {
    const { nowMs } = this.calendar;
    if (thread.over || thread.stalledUntilMs > nowMs) return false;
    return thread.mustTurn || thread.wakesAtMs <= nowMs || thread.engine.hasWork;
  }

  #turn(thread: SimulatedThread): void {
    const { calendar, random, weather, counts } = this;
    const { engine } = thread;
    counts.turns++;
    const expected = thread.wakesAtMs > calendar.nowMs && !engine.woken;
    try {
      thread.loop.turn(() => {
        const { mail } = thread;
        thread.mail = [];
        for (const letter of mail) letter(thread.loop);
      });
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      this.#die();
      return;
    }
    (this.#invariants as Invariants).check(this.#threads.indexOf(thread), this.#threads);
    // How long it may sleep was asked before these things happened.
    thread.mustTurn = engine.delivered || engine.sleepMs === 0 || !expected;
    thread.wakesAtMs = calendar.nowMs + engine.sleepMs;
    if (weather.stalls > 0 && random.below(1000) < weather.stalls) {
      thread.stalledUntilMs = calendar.nowMs + 1 + random.below(30);
    }
    if (this.#stopping && thread.loop.over) this.#endThread(thread);
  }

  // Clients.

  #spawn(): void {
    const { random, manners, calendar } = this;
    while (!this.#spawning && this.#active < manners.clientsAtOnce && this.#planned < this.#target) {
      const requests = Math.min(1 + random.below(manners.requestsPerClient), this.#target - this.#planned);
      this.#planned += requests;
      this.#connect(requests);
      if (random.below(3) > 0) continue;
      this.#spawning = true;
      calendar.enter(calendar.nowMs + random.below(10), this, SPAWNS, 0);
    }
  }

  #connect(requests: number): void {
    const plan = this.#plan as Plan;
    const listener = plan.listeners[this.random.below(plan.listeners.length)] ?? violated('no listeners');
    const socket = listener.sockets[this.random.below(listener.sockets.length)] ?? violated('nobody listens');
    const queue = this.network.queues.get(socket.fd) ?? violated('nobody listens');
    this.#lastSpawnMs = this.calendar.nowMs;
    if (queue.closed) return;
    const client = this.#clients.pop() ?? new Client(this);
    const wire = this.network.wire(client);
    this.#active++;
    queue.waiting.push(wire);
    client.begin(wire, this.#entrances[listener.index] ?? violated('no entrance'), requests);
  }

  // The control process.

  #changeVerdict(): void {
    const servers = serversOf(this.#plan as Plan);
    const server = servers[this.random.below(servers.length)] ?? violated('no servers');
    const ended = (thread: number) => this.#threads[thread]?.over === true;
    const changes = (this.#operator as Operator).act(server, this.random, ended);
    if (changes !== null) {
      this.counts.exchanges++;
      this.#tell((loop) => loop.changeServers(changes));
    }
    for (const { engine } of this.#threads) engine.woken = true;
    if (this.tracing) this.trace(`server ${server.index} is changed`);
  }

  #tell(letter: (loop: ThreadLoop) => void): void {
    for (const thread of this.#threads) {
      if (thread.over) continue;
      thread.mail.push(letter);
      thread.engine.woken = true;
    }
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#planned = this.#target;
    this.counts.stops++;
    let stopped = 0;
    const threads = this.#threads.length;
    this.#tell((loop) => {
      stopped++;
      loop.stop(stopped === threads);
    });
    if (this.tracing) this.trace('soft stop');
  }

  /** It has no client any more: what idles on it is closed by the kernel. */
  #endThread(thread: SimulatedThread): void {
    thread.over = true;
    thread.engine.end();
    (this.#invariants as Invariants).endThread(this.#threads.indexOf(thread));
    if (this.#threads.every(({ over }) => over))
      closeOffers(this.#plan as Plan, this.#shared as State.SharedState, this.network);
    if (this.tracing) this.trace('a thread has ended');
  }

  #called(): void {
    if (this.#deathAfterCalls === 0) return;
    this.#deathAfterCalls--;
    if (this.#deathAfterCalls === 0) throw new Death();
  }

  /** The data process dies, in the middle of whatever it was doing; the supervisor starts another on the same sockets. */
  #die(): void {
    const plan = this.#plan as Plan;
    this.counts.crashes++;
    if (this.tracing) this.trace('the process dies');
    this.dying = true;
    this.network.forEachOpen((wire) => {
      this.network.giveFd(wire.fd);
      wire.close(false);
    });
    this.dying = false;
    (this.#invariants as Invariants).forget();
    forgetConnections(this.#shared as State.SharedState, plan);
    if (this.#stopping) {
      // Nobody follows one that was to end.
      for (const thread of this.#threads) {
        thread.over = true;
        thread.slabs.reset(0);
      }
      for (const queue of this.network.queues.values()) {
        queue.closed = true;
        for (const wire of queue.waiting) wire.close(true);
        queue.waiting.length = 0;
      }
      return;
    }
    this.#startThreads();
  }

  /** What is open, for whoever looks for a reason. */
  traceOpen(): void {
    const say = (line: string) => this.trace(line);
    describeThreads(this.#threads, say);
    describeQueues(this.#plan as Plan, this.#shared as State.SharedState, say);
    describeConnections(this.network, say);
  }

  #sumUp(): void {
    const { counts } = this;
    const shared = this.#shared as State.SharedState;
    for (const { index } of serversOf(this.#plan as Plan)) {
      const row = shared.server(index);
      counts.reused += shared.get(row + State.SERVER_REUSED);
      counts.retries += shared.get(row + State.SERVER_RETRIES);
      counts.redispatches += shared.get(row + State.SERVER_REDISPATCHES);
    }
  }
}
