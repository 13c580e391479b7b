/**
 * One data thread, composed: everything that serves clients, and the loop that turns it. The loop blocks in the poller and
 * never returns to Node's own; what other threads want is left in the shared state or the mailbox, and an eventfd wakes it.
 *
 *   sleep ─▶ poller.turn (events) ─▶ pipelined requests ─▶ timers ─▶ verdicts and mail ─▶ sleep …
 */
import type { Clock } from '../core/clock.ts';
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import { type Timed, TimerWheel } from '../core/timer-wheel.ts';
import { createPoller } from '../sys/create-poller.ts';
import type { AcceptHandler, Poller, Socket } from '../sys/poller.ts';
import { SlabPool } from '../sys/slabs.ts';
import { AcceptGate, RECHECK_MS } from './accept-gate.ts';
import { BodyPace } from './body-pace.ts';
import { Captures } from './captures.ts';
import type { ClientConnection } from './connection.ts';
import { Dispatcher } from './dispatcher.ts';
import { HttpBack } from './http-back.ts';
import { HttpClients, STOPPING_IDLE_MS } from './http-clients.ts';
import { HttpExchange } from './http-exchange.ts';
import { HttpFront } from './http-front.ts';
import type { ServerChanges as Changes } from './messages.ts';
import { allProxies, type Plan } from './plan.ts';
import type { Answer, Question } from './questions.ts';
import { Responder } from './responder.ts';
import { type ListenerRuntime, ProxyRuntime, type ThreadContext } from './runtime.ts';
import { ServerChanges } from './server-changes.ts';
import { ServerMarks } from './server-marks.ts';
import { ServerPool } from './server-pool.ts';
import {
  HEADER_VERDICTS,
  type SharedState,
  THREAD_CONNECTIONS,
  THREAD_HEARTBEAT_MS,
  THREAD_SLABS,
  THREAD_TURNS,
} from './shared-state.ts';
import { StreamEnd } from './stream-end.ts';
import { TcpSession } from './tcp-session.ts';
import { ThreadFigures } from './thread-figures.ts';
import { TicketBoard } from './ticket-board.ts';
import { TrafficLog } from './traffic-log.ts';
import { Tunnel } from './tunnel.ts';

/** The loop turns at least this often, so that its heartbeat tells a quiet thread from a stuck one. */
const HEARTBEAT_MS = 500;
/** Slabs that one connection may hold at the same time on each of its two sides. */
const SLABS_PER_CONNECTION = 4;
const SPARE_SLABS = 64;

export interface ThreadOptions {
  readonly plan: Plan;
  readonly index: number;
  readonly shared: SharedState;
  readonly clock: Clock;
  /** The eventfd that wakes this thread. */
  readonly wakeupFd: number;
  wakeThread(index: number): void;
  /** Buffers that somebody watches (tests do). */
  readonly slabs?: SlabPool;
  /** The engine, when it is not a real one (tests simulate it). */
  createPoller?(clock: Clock, slabs: SlabPool, headroomBytes: number, accepts: AcceptHandler): Poller;
}

export class ThreadLoop {
  readonly #context: ThreadContext;
  readonly #gate: AcceptGate;
  readonly #clients: HttpClients;
  readonly #dispatcher: Dispatcher;
  readonly #beginStashed: (client: ClientConnection) => void;
  readonly #end: StreamEnd;
  readonly #marks: ServerMarks;
  readonly #responder: Responder;
  readonly #changes: ServerChanges;
  readonly #row: number;
  readonly #figures: ThreadFigures;
  readonly #wakeupFd: number;
  /** The engine's name, and why it is that one. */
  readonly engine: string;
  #stopping = false;
  #verdicts = 0;
  #turns = 0;
  #wakes = 0;

  constructor(options: ThreadOptions) {
    const { plan, shared, clock } = options;
    const wanted = plan.maxconn * SLABS_PER_CONNECTION + SPARE_SLABS;
    const slabs = options.slabs ?? new SlabPool(plan.bufferSizeBytes, Math.min(wanted, plan.slabsPerThread ?? wanted));
    const proxies = allProxies(plan).map((proxy) => new ProxyRuntime(proxy, shared, plan.logPid, plan.threads === 1));
    const listeners = plan.listeners.map((listener): ListenerRuntime => {
      const frontend = proxies[listener.frontend];
      if (frontend === undefined) throw new Error(`listener ${listener.name} has no frontend`);
      const siblings = plan.listeners.filter((other) => other.frontend === listener.frontend);
      const number = siblings.indexOf(listener) + 1;
      return { plan: listener, frontend, number, address: addressOf(listener.ip), sockets: [] };
    });
    const accepts: AcceptHandler = {
      onAccepted: (listener, fd) => this.#gate.onAccepted(listener, fd),
      onAcceptFailed: (listener, errno) => this.#gate.onAcceptFailed(listener, errno),
    };
    const simulated = options.createPoller?.(clock, slabs, plan.maxRewriteBytes, accepts);
    const { poller, reason } =
      simulated === undefined
        ? createPoller(plan.poller, clock, slabs, plan.maxRewriteBytes, accepts)
        : { poller: simulated, reason: '' };
    this.engine = reason === '' ? poller.name : `${poller.name} (${reason})`;
    const wheel = new TimerWheel(poller.nowMs, expire);
    this.#context = {
      plan,
      thread: options.index,
      shared,
      slabs,
      poller,
      wheel,
      proxies,
      headroomBytes: plan.maxRewriteBytes,
      captures: new Captures(shared),
      lastAnswers: false,
      tickets: new TicketBoard(shared, plan.threads, options.index, options.wakeThread),
    };
    this.#row = shared.thread(options.index);
    this.#figures = new ThreadFigures(shared, this.#row, slabs);
    this.#wakeupFd = options.wakeupFd;
    const context = this.#context;
    const pool = new ServerPool(context);
    this.#dispatcher = new Dispatcher(context, pool);
    const log = new TrafficLog(context);
    this.#end = new StreamEnd(context, pool, this.#dispatcher, log);
    this.#clients = new HttpClients(context, pool);
    const pace = new BodyPace(context);
    const exchange = new HttpExchange(context, this.#dispatcher, pool, this.#end, this.#clients, pace);
    const tunnel = new Tunnel(context, this.#end, this.#clients);
    exchange.serverHandler = new HttpBack(context, exchange, tunnel);
    const front = new HttpFront(context, exchange, this.#clients, this.#dispatcher, this.#end, pace);
    const tcp = new TcpSession(context, this.#dispatcher, pool, this.#end, this.#clients, tunnel);
    this.#gate = new AcceptGate(context, listeners, front, tcp, log);
    this.#beginStashed = front.beginStashed.bind(front);
    this.#clients.gate = this.#gate;
    const forEachClient = this.#gate.forEach.bind(this.#gate);
    this.#marks = new ServerMarks(context, forEachClient);
    const affected = { dispatcher: this.#dispatcher, pool, marks: this.#marks, forEachClient };
    this.#changes = new ServerChanges(context, affected);
    const look = () => this.#refresh();
    this.#responder = new Responder({ context, gate: this.#gate, exchange, end: this.#end, look });
  }

  /** Serves until `stop` was called and the last client is gone. `onWoken` reads the mailbox. */
  run(onWoken: () => void): void {
    this.open();
    while (!this.over) this.turn(onWoken);
    this.#context.poller.finish();
  }

  /** Begins to accept. */
  open(): void {
    this.#changes.tell();
    this.#context.poller.watchWakeup(this.#wakeupFd);
    this.#gate.open();
  }

  get over(): boolean {
    return this.#stopping && this.#gate.count === 0 && this.#gate.waiting === 0;
  }

  /** Sleeps until something happens, or is due, and does what there is to do. */
  turn(onWoken: () => void): void {
    const { poller, wheel, shared, slabs } = this.#context;
    shared.set(this.#row + THREAD_HEARTBEAT_MS, poller.nowMs & 0x7fffffff);
    shared.set(this.#row + THREAD_CONNECTIONS, this.#gate.count);
    this.#turns = (this.#turns + 1) | 0;
    shared.set(this.#row + THREAD_TURNS, this.#turns);
    shared.set(this.#row + THREAD_SLABS, slabs.lent);
    this.#figures.tell(this.#end.active, this.#clients.turns);
    poller.turn(this.#sleepMs());
    if (this.#clients.hasTurns) this.#clients.runTurns(this.#beginStashed);
    wheel.advance(poller.nowMs);
    if (this.#gate.starved) this.#gate.recheck();
    const { woken } = poller;
    if (woken) {
      poller.woken = false;
      this.#wakes++;
      this.#context.tickets.awake();
      onWoken();
    }
    if (woken || this.#gate.mustLook) this.#gate.lookAgain(woken);
    if (woken || this.#dispatcher.line.mustLookAgain) this.#dispatcher.line.serveWaiting(woken);
    if (shared.get(HEADER_VERDICTS) !== this.#verdicts) this.#refresh();
  }

  /** Soft stop: no new clients; those that are here finish what they began. `last`: no other thread accepts any more. */
  stop(last: boolean): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#gate.stop(last);
    this.lastAnswers(true);
  }

  /** The address is about to leave: clients are let in as before, and told with each answer to come with a new connection. */
  lastAnswers(on: boolean): void {
    const { wheel, poller } = this.#context;
    this.#context.lastAnswers = on || this.#stopping;
    if (!on) return;
    this.#gate.forEach((client) => {
      // Who has begun a request may finish it.
      const idle = client.stream === null && client.headStartedMs === 0;
      if (idle && !client.lingering) wheel.arm(client, poller.nowMs + STOPPING_IDLE_MS);
    });
  }

  /** To be called from `onWoken`. */
  answer(question: Question): Answer {
    const figures = { loops: this.#turns >>> 0, wakes: this.#wakes, ready: this.#clients.turns };
    return this.#responder.answer(question, figures);
  }

  /** An operator has changed servers. */
  changeServers(changes: Changes): void {
    this.#changes.apply(changes);
  }

  #sleepMs(): number {
    if (this.#clients.hasTurns || this.#dispatcher.line.mustLookAgain || this.#gate.mustLook) return 0;
    const limit = this.#gate.starved ? RECHECK_MS : HEARTBEAT_MS;
    const timers = this.#context.wheel.sleepMs(this.#context.poller.nowMs);
    return timers < 0 || timers > limit ? limit : timers;
  }

  #refresh(): void {
    this.#verdicts = this.#context.shared.get(HEADER_VERDICTS);
    for (const proxy of this.#context.proxies) this.#dispatcher.refresh(proxy);
    this.#marks.look();
    this.#gate.look();
  }
}

function expire(timed: Timed): void {
  const socket = timed as Socket;
  socket.handler.onTimeout(socket);
}

/** Zeros where there is none. */
function addressOf(ip: string): Uint8Array {
  if (ip === '') return new Uint8Array(16);
  return ip.includes(':') ? ipv6Bytes(ip) : ipv4Bytes(ip);
}
