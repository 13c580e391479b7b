/**
 * A generation: one configuration while it runs, with all that is made for it. A reload starts the next one on the same
 * listening sockets and lets this one finish.
 *
 *   made ─▶ data process ready ─▶ begin: checks, watch, figures ─▶ retire: accepts nothing more, finishes ─▶ ended
 *                 └ failed: nothing is left of it
 *
 * Not here: opening what it listens on, and which one is current (control.ts).
 */
import { hostname } from 'node:os';
import type { Model } from '../config/model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { Plan } from '../proxy/plan.ts';
import { type SharedState, THREAD_CONNECTIONS, THREAD_SLABS, THREAD_TURNS } from '../proxy/shared-state.ts';
import { processorMs } from '../sys/process-state.ts';
import { BadMessages } from './bad-messages.ts';
import type { Chronicle } from './chronicle.ts';
import { SystemCommands } from './commands.ts';
import { compilePlan } from './compile.ts';
import type { InsideWay } from './compile-inside.ts';
import { OwnDataPath } from './data-path.ts';
import { DataWatch } from './data-watch.ts';
import { Frontends } from './frontends.ts';
import type { Journal } from './journal.ts';
import { describeLimits, hasRoomForSpare, type Limits } from './limits.ts';
import type { ListenerSet } from './listeners.ts';
import { LiveServers, SPARE_SERVERS } from './live-servers.ts';
import type { Preflight } from './preflight.ts';
import { applyLimits } from './process-limits.ts';
import { Questions } from './questions.ts';
import { ServerBoard } from './server-board.ts';
import type { SharedPage, SharedPages } from './shared-pages.ts';
import { Shortages } from './shortages.ts';
import { FIRST_INHERITED_FD, type StartDataProcess } from './spawn.ts';
import { Statistics } from './statistics.ts';
import { DataSupervisor } from './supervisor.ts';
import { createSharedMemory } from './verdicts.ts';
import type { ThreadView } from './views.ts';

export interface GenerationSetup {
  readonly number: number;
  readonly model: Model;
  readonly preflight: Preflight;
  readonly threads: number;
  readonly opened: ListenerSet;
  /** null: no proxy answers anything by itself. */
  readonly inside: InsideWay | null;
  /** Instead of global maxconn; null: as configured. */
  readonly maxconn: number | null;
  readonly proxyMaxconn: number;
  readonly memoryBytes: number;
  readonly startDataProcess: StartDataProcess;
  readonly pages: SharedPages;
  readonly journal: Journal;
  readonly chronicle: Chronicle;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class Generation {
  readonly model: Model;
  readonly plan: Plan;
  readonly state: SharedState;
  readonly madeMs: number;
  readonly opened: ListenerSet;
  readonly live: LiveServers;
  readonly supervisor: DataSupervisor;
  readonly board: ServerBoard;
  readonly statistics: Statistics;
  readonly badMessages: BadMessages;
  readonly dataPath: OwnDataPath;
  readonly questions: Questions;
  readonly frontends: Frontends;
  /** Its data process is gone, and so is what was made for it, but for the listening sockets. */
  readonly ended: Promise<void>;
  readonly #setup: GenerationSetup;
  readonly #page: SharedPage;
  readonly #watch: DataWatch;
  readonly #shortages: Shortages;
  readonly #limits: Limits;
  #leaving = false;
  #verdict: () => void = () => {};

  constructor(setup: GenerationSetup) {
    const { number, model, preflight, threads, opened, memoryBytes, journal, chronicle, clock, timers } = setup;
    this.#setup = setup;
    this.model = model;
    this.opened = opened;
    this.madeMs = clock.monotonicMs();
    const inherited = opened.listeners.flatMap((listener) => listener.fds);
    const limits = applyLimits(model.global, setup.maxconn, memoryBytes, threads, inherited.length);
    if (limits.warning !== null) journal.warning(limits.warning);
    this.#limits = limits;
    inherited.push(...logDescriptors(model));
    // The shared memory comes first, so the n-th of them is one further.
    const descriptors = new Map(inherited.map((fd, i) => [fd, FIRST_INHERITED_FD + 1 + i]));
    const compiled = compilePlan(model, {
      generation: number,
      threads,
      maxconn: limits.maxconn,
      slabsPerThread: limits.slabsPerThread,
      defaultProxyMaxconn: setup.proxyMaxconn,
      logPid: process.pid,
      privileges: preflight.privileges,
      sharedStateFd: FIRST_INHERITED_FD,
      // Without somebody who may add servers there will be none.
      spareServers: mayAddServers(model) ? SPARE_SERVERS : 0,
      listeners: opened.listeners.map(({ sockets, name, ip, port, unix, label, ...listener }, index) => {
        const passed = sockets.map((socket) => ({ ...socket, fd: descriptors.get(socket.fd) ?? -1 }));
        const { frontend, maxconn, acceptsProxyHeader } = listener;
        return { index, sockets: passed, name, ip, port, unix, label, frontend, maxconn, acceptsProxyHeader };
      }),
      addresses: preflight.addresses,
      hostname: hostname(),
      descriptors,
      ...(setup.inside === null ? {} : { inside: setup.inside }),
    });
    const { page, state } = createSharedMemory(compiled, setup.pages);
    this.#page = page;
    this.state = state;
    this.questions = new Questions({ timers, send: (question) => this.supervisor.ask(question) });
    this.live = new LiveServers(compiled, state, (changes) => this.supervisor.changeServers(changes));
    this.plan = this.live.plan;
    const { plan, live } = this;
    this.supervisor = new DataSupervisor({
      start: setup.startDataProcess,
      plan: compiled,
      servers: () => live.sinceThen,
      state,
      inherited: [page.fd, ...inherited],
      journal,
      chronicle,
      clock,
      timers,
      spare: hasRoomForSpare(model.global.spareProcess, memoryBytes),
      listener: this.questions,
    });
    const { supervisor } = this;
    this.board = new ServerBoard({
      model,
      plan,
      live,
      state,
      addresses: preflight.addresses,
      hostname: hostname(),
      journal,
      chronicle,
      clock,
      timers,
      commands: new SystemCommands(timers, {}),
      wake: () => {
        supervisor.wake();
        this.#verdict();
      },
    });
    this.dataPath = new OwnDataPath(plan, state, supervisor, clock);
    this.#shortages = new Shortages(state, journal, clock, timers);
    this.#watch = new DataWatch({ threads, state, supervisor, journal, clock, timers });
    this.statistics = new Statistics({
      model,
      plan,
      state,
      records: this.board.records,
      live,
      clock,
      timers,
      descriptors: limits.descriptors,
      asks: (server) => this.board.asks(server),
      usedMs: () => processorMs(supervisor.processes[0]?.pid ?? 0),
    });
    this.badMessages = new BadMessages(plan, state);
    this.frontends = new Frontends({
      plan,
      state,
      listeners: opened.listeners,
      journal,
      look: () =>
        Promise.all(Array.from({ length: threads }, (_, thread) => this.questions.ask(thread, { type: 'look' }))),
    });
    this.ended = supervisor.ended.then(() => this.#end());
  }

  /** Resolves when its data process serves; rejects when it cannot, and then nothing is left of it. */
  async start(): Promise<void> {
    const ready = await this.supervisor.start();
    const { journal, memoryBytes } = this.#setup;
    journal.notice(describeLimits(this.#limits, memoryBytes, ready));
  }

  /** It is the current one now; `verdict` is called when the state of a server has changed. */
  begin(verdict: () => void): void {
    this.#verdict = verdict;
    this.#watch.start();
    this.#shortages.start();
    this.statistics.start();
    this.board.start();
  }

  /** Another one is current: what it still has to do is to finish what its clients began. */
  retire(): void {
    this.board.stop();
    this.statistics.stop();
    this.drain();
  }

  /** Its data threads, as they are now. */
  get threads(): readonly ThreadView[] {
    const { state, plan } = this;
    return Array.from({ length: plan.threads }, (_, index) => {
      const row = state.thread(index);
      return {
        number: index + 1,
        connections: state.get(row + THREAD_CONNECTIONS),
        turns: state.get(row + THREAD_TURNS) >>> 0,
        slabs: state.get(row + THREAD_SLABS),
        heartbeatAgeMs: this.#watch.heartbeatAgeMs(index),
      };
    });
  }

  /** Accepts nothing more; ends when the last exchange has, or after `hard-stop-after`. */
  drain(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    const { timers, journal } = this.#setup;
    this.supervisor.drain();
    this.board.sayStopped();
    const limitMs = this.model.global.hardStopAfterMs;
    if (limitMs === null) return;
    const timer = timers.after(limitMs, () => {
      journal.warning('soft-stop running for too long, performing a hard-stop.');
      this.stop();
    });
    void this.supervisor.ended.then(() => timer.cancel());
  }

  /** Everything ends now. */
  stop(): void {
    this.#leaving = true;
    this.board.stop();
    void this.supervisor.terminate();
  }

  #end(): void {
    this.board.stop();
    this.#watch.stop();
    this.#shortages.stop();
    this.statistics.stop();
  }

  /** Its shared memory is another one's from now on: nobody may ask it for figures any more. */
  release(): void {
    this.#setup.pages.give(this.#page);
  }
}

function mayAddServers({ global }: Model): boolean {
  return global.stats.sockets.some(({ level }) => level === 'admin');
}

/** Log targets `fd@N` above 2, each once. */
function logDescriptors(model: Model): Set<number> {
  const found = new Set<number>();
  for (const proxy of model.proxies) {
    for (const { sink } of proxy.logs) if (sink.kind === 'fd' && sink.fd > 2) found.add(sink.fd);
  }
  return found;
}
