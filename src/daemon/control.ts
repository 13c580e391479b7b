/**
 * The control process: opens the listeners, starts the data process on them, judges the servers, obeys signals.
 *
 *   model ─▶ names, users, limits ─▶ listeners ─▶ plan ─▶ shared memory ─▶ data process says ready ─▶ checks begin
 *
 * Nothing is kept of a start that fails. Not here: reading configurations and talking to the terminal (src/cli).
 */
import { hostname } from 'node:os';
import type { Model } from '../config/model.ts';
import { type Clock, systemClock, systemTimers, type Timers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import type { Plan } from '../proxy/plan.ts';
import { ownCapabilities } from '../sys/capabilities.ts';
import { processorMs } from '../sys/process-state.ts';
import type { AdminSide } from './admin-side.ts';
import { BadMessages } from './bad-messages.ts';
import { SystemCommands } from './commands.ts';
import { compilePlan } from './compile.ts';
import { dataEnvironment } from './data-environment.ts';
import { OwnDataPath } from './data-path.ts';
import { DataWatch } from './data-watch.ts';
import { bindsForeign, foreignSourceProblems } from './foreign-sources.ts';
import type { Journal } from './journal.ts';
import { describeLimits, hasRoomForSpare, usableMemoryBytes } from './limits.ts';
import { type ListenerSet, openListeners } from './listeners.ts';
import { listensAnywhere, NO_LISTENER, preflight, threadsOf } from './preflight.ts';
import { applyLimits } from './process-limits.ts';
import { defaultUser } from './run-as.ts';
import { ServerBoard } from './server-board.ts';
import { Shortages } from './shortages.ts';
import { dataProcessStarter, FIRST_INHERITED_FD, type StartDataProcess } from './spawn.ts';
import { Statistics } from './statistics.ts';
import { openStatsSockets, type StatsListener } from './stats-sockets.ts';
import { DataSupervisor, type Ready } from './supervisor.ts';
import { createSharedMemory } from './verdicts.ts';

/** What a command line may say beyond the configuration. */
export interface ControlOptions {
  readonly model: Model;
  readonly journal: Journal;
  /** Another process of the same user may bind the same addresses. */
  readonly reusePort: boolean;
  /** Processes that this one replaces: their listening sockets are taken over. */
  readonly predecessors?: readonly number[];
  /** A server whose name nobody knows does not stop the start. */
  readonly tolerateUnknownHosts: boolean;
  /** Instead of global maxconn; null: as configured. */
  readonly maxconn: number | null;
  readonly proxyMaxconn: number;
  readonly memoryMib: number | null;
  /** Of this process; the data process gets what it needs of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startDataProcess?: StartDataProcess;
  readonly clock?: Clock;
  readonly timers?: Timers;
}

export type StartOutcome =
  | { readonly ok: true; readonly control: Control; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly message: string | null };

export type End = 'stopped' | 'drained';

export async function startControl(options: ControlOptions): Promise<StartOutcome> {
  const { model, journal } = options;
  const clock = options.clock ?? systemClock;
  const timers = options.timers ?? systemTimers;
  if (!listensAnywhere(model)) return { ok: false, problems: [], message: NO_LISTENER };
  const outcome = await preflight(model, options.tolerateUnknownHosts);
  if (!outcome.ok) return outcome;
  const { accounts, addresses, problems } = outcome.preflight;
  const forbidden = bindsForeign(model) ? foreignSourceProblems(model, ownCapabilities()) : [];
  if (forbidden.length > 0) return { ok: false, problems: [...problems, ...forbidden], message: null };
  const { privileges, message } = defaultUser(outcome.preflight.privileges, model, accounts, process.getuid?.());
  if (message !== null) journal.notice(message);
  const threads = threadsOf(model);
  const opened = openListeners(model, accounts, {
    threads,
    reusePort: options.reusePort,
    predecessors: options.predecessors ?? [],
  });
  const stats = openStatsSockets(model, accounts, options.reusePort);
  const closeAll = (): void => {
    opened.close();
    for (const listener of stats.listeners) listener.close();
  };
  const unopened = [...opened.problems, ...stats.problems];
  if (unopened.length > 0) {
    closeAll();
    return { ok: false, problems: [...problems, ...unopened], message: null };
  }

  const memoryBytes = usableMemoryBytes(options.memoryMib);
  const inherited = opened.listeners.flatMap((listener) => listener.fds);
  const limits = applyLimits(model.global, options.maxconn, memoryBytes, threads, inherited.length);
  if (limits.warning !== null) journal.warning(limits.warning);
  inherited.push(...logDescriptors(model));
  // The shared memory comes first, so the n-th of them is one further.
  const descriptors = new Map(inherited.map((fd, i) => [fd, FIRST_INHERITED_FD + 1 + i]));
  const plan = compilePlan(model, {
    generation: 1,
    threads,
    maxconn: limits.maxconn,
    slabsPerThread: limits.slabsPerThread,
    defaultProxyMaxconn: options.proxyMaxconn,
    logPid: process.pid,
    privileges: bindsForeign(model) ? { ...privileges, bindsForeign: true } : privileges,
    sharedStateFd: FIRST_INHERITED_FD,
    listeners: opened.listeners.map(({ sockets, name, ip, port, unix, label, ...listener }, index) => {
      const passed = sockets.map((socket) => ({ ...socket, fd: descriptors.get(socket.fd) ?? -1 }));
      const { frontend, maxconn, acceptsProxyHeader } = listener;
      return { index, sockets: passed, name, ip, port, unix, label, frontend, maxconn, acceptsProxyHeader };
    }),
    addresses,
    hostname: hostname(),
    descriptors,
  });
  const memory = createSharedMemory(plan);
  const supervisor = new DataSupervisor({
    start: options.startDataProcess ?? dataProcessStarter(dataEnvironment(options.environment)),
    plan,
    state: memory.state,
    inherited: [memory.fd, ...inherited],
    journal,
    clock,
    timers,
    spare: hasRoomForSpare(model.global.spareProcess, memoryBytes),
  });
  const board = new ServerBoard({
    model,
    plan,
    state: memory.state,
    addresses,
    hostname: hostname(),
    journal,
    clock,
    timers,
    commands: new SystemCommands(timers, {}),
    wake: () => supervisor.wake(),
  });
  let ready: Ready;
  try {
    ready = await supervisor.start();
  } catch (error) {
    closeAll();
    return {
      ok: false,
      problems,
      message: error instanceof Error ? error.message : String(error),
    };
  }
  journal.notice(describeLimits(limits, memoryBytes, ready));
  const dataPath = new OwnDataPath(plan, memory.state, supervisor, clock);
  const shortages = new Shortages(memory.state, journal, clock, timers);
  const watch = new DataWatch({ threads, state: memory.state, supervisor, journal, clock, timers });
  const statistics = new Statistics({
    model,
    plan,
    state: memory.state,
    records: board.records,
    clock,
    timers,
    descriptors: limits.descriptors,
    asks: (server) => board.asks(server),
    usedMs: () => processorMs(supervisor.processes[0]?.pid ?? 0),
  });
  const badMessages = new BadMessages(plan, memory.state);
  const control = new Control({
    ...{
      model,
      plan,
      opened,
      supervisor,
      board,
      journal,
      clock,
      timers,
      dataPath,
      watch,
      shortages,
      statistics,
      badMessages,
    },
    statsListeners: stats.listeners,
  });
  watch.start();
  shortages.start();
  statistics.start();
  board.start();
  return { ok: true, control, problems };
}

interface Parts {
  readonly model: Model;
  readonly plan: Plan;
  readonly opened: ListenerSet;
  readonly supervisor: DataSupervisor;
  readonly board: ServerBoard;
  readonly journal: Journal;
  readonly timers: Timers;
  readonly dataPath: OwnDataPath;
  readonly watch: DataWatch;
  readonly shortages: Shortages;
  readonly clock: Clock;
  readonly statistics: Statistics;
  readonly badMessages: BadMessages;
  readonly statsListeners: readonly StatsListener[];
}

export class Control {
  readonly #parts: Parts;
  #end: End = 'drained';
  #draining = false;
  #wantLastAnswers = 0;
  /** Resolves when nothing of it is left: no process, no socket file. */
  readonly ended: Promise<End>;
  readonly #stopping: Promise<void>;
  #resolveStopping: () => void = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#stopping = new Promise((resolve) => {
      this.#resolveStopping = resolve;
    });
    this.ended = parts.supervisor.ended.then(() => {
      parts.board.stop();
      parts.watch.stop();
      parts.shortages.stop();
      parts.statistics.stop();
      parts.opened.close();
      this.#leaveStatsSockets();
      return this.#end;
    });
  }

  get plan(): Plan {
    return this.#parts.plan;
  }

  /** What VRRP may know of the proxies. */
  get dataPath(): OwnDataPath {
    return this.#parts.dataPath;
  }

  /** Everything ends now. */
  stop(): void {
    this.#end = 'stopped';
    this.#leaveStatsSockets();
    this.#parts.board.stop();
    void this.#parts.supervisor.terminate();
  }

  /** Client connections of the data process, now. */
  get connections(): number {
    return this.#parts.dataPath.connections;
  }

  /** While anybody wants it, answers end their connections: the address that clients came to is about to leave. */
  lastAnswers(on: boolean): void {
    this.#wantLastAnswers += on ? 1 : -1;
    if (this.#wantLastAnswers === (on ? 1 : 0)) this.#parts.supervisor.lastAnswers(on);
  }

  /** Accepts nothing more; ends when the last exchange has, or after `hard-stop-after`. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    const { model, supervisor, board, timers, opened, journal } = this.#parts;
    supervisor.drain();
    opened.close();
    this.#leaveStatsSockets();
    board.sayStopped();
    const limitMs = model.global.hardStopAfterMs;
    if (limitMs === null) return;
    const timer = timers.after(limitMs, () => {
      journal.warning('soft-stop running for too long, performing a hard-stop.');
      this.stop();
    });
    void supervisor.ended.then(() => timer.cancel());
  }

  /** For the stats sockets. */
  get admin(): AdminSide {
    const { model, statistics, badMessages, board, statsListeners: listeners, journal, clock, timers } = this.#parts;
    const ends = { stopping: this.#stopping, ended: this.ended };
    return { model, statistics, badMessages, board, listeners, journal, clock, timers, ...ends };
  }

  /** Their names go at once: a successor makes its own. */
  #leaveStatsSockets(): void {
    this.#parts.statistics.stopping = true;
    for (const listener of this.#parts.statsListeners) listener.close();
    this.#resolveStopping();
  }

  dumpStates(): void {
    this.#parts.board.dump();
  }
}

/** Log targets `fd@N` above 2, each once. */
function logDescriptors(model: Model): Set<number> {
  const found = new Set<number>();
  for (const proxy of model.proxies) {
    for (const { sink } of proxy.logs) if (sink.kind === 'fd' && sink.fd > 2) found.add(sink.fd);
  }
  return found;
}
