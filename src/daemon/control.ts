/**
 * The control process: opens the listeners, keeps a generation of the proxies running on them, reloads, obeys signals.
 *
 *   model ─▶ names, users, limits ─▶ listeners ─▶ generation 1 says ready ─▶ checks begin
 *   model ─▶ the same, where it listens already on the same sockets ─▶ generation n+1 says ready ─▶ n finishes beside it
 *
 * Nothing is kept of a start that fails, and nothing is changed by a reload that does. Not here: what a generation is
 * (generation.ts), reading configurations and talking to the terminal (src/cli).
 */
import type { Model, StatsSocket } from '../config/model.ts';
import { type Clock, systemClock, systemTimers, type Timer, type Timers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import type { Plan } from '../proxy/plan.ts';
import { ownCapabilities } from '../sys/capabilities.ts';
import type { AdminSide } from './admin-side.ts';
import { Chronicle } from './chronicle.ts';
import { runningProxies } from './compile.ts';
import { answersInside } from './compile-inside.ts';
import { dataEnvironment } from './data-environment.ts';
import { CurrentDataPath } from './data-path.ts';
import { bindsForeign, foreignSourceProblems } from './foreign-sources.ts';
import { Generation } from './generation.ts';
import { Inquiries } from './inquiries.ts';
import { InsideDoor, type InsideSource } from './inside-door.ts';
import type { Journal } from './journal.ts';
import { usableMemoryBytes } from './limits.ts';
import { openListeners } from './listeners.ts';
import type { PairSide } from './pair-side.ts';
import { type PassedDescriptor, PassedSockets } from './passed-sockets.ts';
import { listensAnywhere, NO_LISTENER, type Preflight, preflight, threadsOf } from './preflight.ts';
import type { ReloadReport } from './reloads.ts';
import { defaultUser } from './run-as.ts';
import { SharedPages } from './shared-pages.ts';
import { dataProcessStarter, type StartDataProcess } from './spawn.ts';
import { StatsSockets } from './stats-sockets.ts';
import { Legacy, matchesOf } from './succession.ts';
import type { ProgramView, ReloadCounts } from './views.ts';
import type { Worker } from './workers.ts';

/** Generations that still finish; with more of them a reload is refused, not a client. Each is a process of its own. */
const OLDER_MAX = 32;
const PASS_ON_EVERY_MS = 1000;
const ABOUT_TO_END = 'it is about to end';

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
  /** `-S`: where master commands are taken, whatever is reloaded. */
  readonly masterSockets?: readonly StatsSocket[];
  /** Of this process; the data process gets what it needs of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Descriptors that this process was started with, to listen on. */
  readonly passed?: readonly PassedDescriptor[];
  readonly startDataProcess?: StartDataProcess;
  readonly clock?: Clock;
  readonly timers?: Timers;
}

export type Refusal = { readonly ok: false; readonly problems: readonly Problem[]; readonly message: string | null };
export type StartOutcome =
  | { readonly ok: true; readonly control: Control; readonly problems: readonly Problem[] }
  | Refusal;
export type ReloadOutcome = { readonly ok: true; readonly problems: readonly Problem[] } | Refusal;

export type End = 'stopped' | 'drained';

export async function startControl(options: ControlOptions): Promise<StartOutcome> {
  const surroundings = surroundingsOf(options);
  const made = await make(options.model, surroundings, 1, null, options.predecessors ?? [], NOBODY_WATCHES);
  if (!made.ok) return made;
  for (const sentence of surroundings.passed.closeUnused()) options.journal.warning(sentence);
  const control = new Control(surroundings, made);
  return { ok: true, control, problems: made.problems };
}

/** What stays the same, whatever is reloaded. */
type Surroundings = Required<Omit<ControlOptions, 'model' | 'predecessors' | 'environment' | 'passed'>> & {
  readonly pages: SharedPages;
  readonly passed: PassedSockets;
  readonly door: InsideDoor;
  readonly chronicle: Chronicle;
};

function surroundingsOf(options: ControlOptions): Surroundings {
  const clock = options.clock ?? systemClock;
  return {
    ...options,
    masterSockets: options.masterSockets ?? [],
    clock,
    timers: options.timers ?? systemTimers,
    startDataProcess: options.startDataProcess ?? dataProcessStarter(dataEnvironment(options.environment)),
    pages: new SharedPages(),
    passed: new PassedSockets(options.passed ?? []),
    door: new InsideDoor(),
    chronicle: new Chronicle(clock),
  };
}

/** What runs, and what is to follow it. */
interface Running {
  readonly generation: Generation;
  readonly stats: StatsSockets;
}

type Made = ({ readonly ok: true; readonly problems: readonly Problem[] } & Running) | Refusal;

/** Who may lose interest while a generation starts. */
interface StartWatcher {
  isLeaving(): boolean;
  /** It is made, and tries to serve: whoever wants no more of it may end it. */
  starts(generation: Generation): void;
}

const NOBODY_WATCHES: StartWatcher = { isLeaving: () => false, starts: () => {} };

/** A generation whose data process serves. Where it cannot be, nothing is left of it. */
async function make(
  model: Model,
  around: Surroundings,
  number: number,
  running: Running | null,
  predecessors: readonly number[],
  watcher: StartWatcher,
): Promise<Made> {
  const { journal, reusePort } = around;
  if (!listensAnywhere(model)) return refusal([], NO_LISTENER);
  const outcome = await preflight(model, around.tolerateUnknownHosts);
  if (!outcome.ok) return outcome;
  if (watcher.isLeaving()) return refusal([], ABOUT_TO_END);
  const threads = threadsOf(model);
  const { accounts, addresses, problems } = outcome.preflight;
  const foreign = bindsForeign(model);
  const forbidden = foreign ? foreignSourceProblems(model, ownCapabilities()) : [];
  if (forbidden.length > 0) return refusal([...problems, ...forbidden], null);
  const { privileges, message } = defaultUser(outcome.preflight.privileges, model, accounts, process.getuid?.());
  if (message !== null && running === null) journal.notice(message);
  const inside = runningProxies(model).some(answersInside) ? around.door.open() : null;
  if (typeof inside === 'string') return refusal(problems, inside);
  const kept = running?.generation.frontends.keepable ?? [];
  const passed = around.passed.forModel(model);
  const opened = openListeners(model, accounts, { threads, reusePort, predecessors, kept, passed });
  const stats = new StatsSockets(
    model,
    accounts,
    reusePort,
    running?.stats.listeners ?? [],
    passed,
    around.masterSockets,
  );
  const undo = (): void => {
    opened.close(kept);
    stats.close(running?.stats.listeners ?? []);
    running?.generation.frontends.refuseAgain();
  };
  const unopened = [...opened.problems, ...stats.problems];
  if (unopened.length > 0) {
    undo();
    return refusal([...problems, ...unopened], null);
  }
  const rights = foreign ? { ...privileges, bindsForeign: true as const } : privileges;
  const checked: Preflight = { accounts, addresses, privileges: rights, problems };
  const generation = new Generation({
    ...around,
    ...{ number, model, preflight: checked, threads, opened, inside },
    memoryBytes: usableMemoryBytes(around.memoryMib),
  });
  // Its clients must not meet servers that are known to be down.
  if (running !== null)
    generation.board.follow(running.generation.board, matchesOf(running.generation.plan, generation.plan));
  watcher.starts(generation);
  try {
    await generation.start();
  } catch (error) {
    undo();
    generation.release();
    return refusal(problems, error instanceof Error ? error.message : String(error));
  }
  return { ok: true, generation, stats, problems };
}

function refusal(problems: readonly Problem[], message: string | null): Refusal {
  return { ok: false, problems, message };
}

/** A generation that finishes, and what it still counts for the current one. */
interface Older {
  readonly generation: Generation;
  legacy: Legacy;
}

export class Control {
  readonly #around: Surroundings;
  #current: Generation;
  #stats: StatsSockets;
  #older: readonly Older[] = [];
  #number = 1;
  #end: End = 'drained';
  /** The one that starts, to be the current one. */
  #next: Generation | null = null;
  #reloading = false;
  #leaving = false;
  #wantLastAnswers = 0;
  readonly #questions = new Inquiries(() => this.#generations);
  /** What VRRP may know of the proxies. */
  readonly dataPath: CurrentDataPath;
  #passingOn: Timer | null = null;
  #whenReloaded: () => void = () => {};
  #reloadAsked: (() => Promise<ReloadReport>) | null = null;
  #reloadCounts: ReloadCounts = { done: 0, failed: 0, failedInARow: 0 };
  #reloadedWallMs: number | null = null;
  /** How many there had been, when a generation came. */
  readonly #reloadsBefore = new WeakMap<Generation, number>();
  /** Of generations that have ended. */
  #earlierDeaths = 0;
  #pair: PairSide | null = null;
  /** Resolves when nothing of it is left: no process, no socket file. */
  readonly ended: Promise<End>;
  #resolveEnded: (end: End) => void = () => {};
  readonly #stopping: Promise<void>;
  #resolveStopping: () => void = () => {};

  constructor(around: Surroundings, { generation, stats }: Running) {
    this.#around = around;
    this.#current = generation;
    this.#stats = stats;
    this.dataPath = new CurrentDataPath(() => this.#generations.map(({ dataPath }) => dataPath));
    this.#stopping = new Promise((resolve) => {
      this.#resolveStopping = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#begin(generation);
  }

  get plan(): Plan {
    return this.#current.plan;
  }

  /** The files as they are now. Where they cannot be carried out, nothing changes; clients notice nothing in any case. */
  async reload(model: Model): Promise<ReloadOutcome> {
    if (this.#leaving) return refusal([], ABOUT_TO_END);
    if (this.#reloading) return refusal([], 'another reload is under way');
    if (this.#older.length >= OLDER_MAX) {
      return refusal([], `${OLDER_MAX} older configurations still serve their last clients; see hard-stop-after`);
    }
    this.#reloading = true;
    try {
      const running = { generation: this.#current, stats: this.#stats };
      const made = await make(model, this.#around, this.#number + 1, running, [], {
        isLeaving: () => this.#leaving,
        starts: (next) => {
          this.#next = next;
        },
      });
      if (!made.ok) return made;
      this.#number++;
      this.#reloadedWallMs = this.#around.clock.wallMs();
      this.#change(made);
      return { ok: true, problems: made.problems };
    } finally {
      this.#reloading = false;
      this.#next = null;
      this.#lookWhetherOver();
    }
  }

  /** Everything ends now. */
  stop(): void {
    this.#leave('stopped');
    this.#next?.stop();
    for (const generation of this.#generations) generation.stop();
  }

  /** Client connections of the data processes, now. */
  get connections(): number {
    return this.dataPath.connections;
  }

  /** While anybody wants it, answers end their connections: the address that clients came to is about to leave. */
  lastAnswers(on: boolean): void {
    this.#wantLastAnswers += on ? 1 : -1;
    if (this.#wantLastAnswers === (on ? 1 : 0)) this.#current.supervisor.lastAnswers(on);
  }

  /** Accepts nothing more; ends when the last exchange has, or after `hard-stop-after`. */
  drain(): void {
    if (this.#leaving) return;
    this.#leave('drained');
    // Whoever has come to it already is served to the end, too.
    this.#next?.supervisor.drain();
    this.#current.drain();
    this.#current.opened.close();
  }

  /** For the stats sockets: what it is at the moment of asking. */
  get admin(): AdminSide {
    const { model, statistics, badMessages, board, frontends } = this.#current;
    const { journal, chronicle, clock, timers } = this.#around;
    const ends = { stopping: this.#stopping, ended: this.ended };
    const program = (): ProgramView => this.#program();
    const workers = (): readonly Worker[] => this.#workers();
    const more = { listeners: this.#stats.listeners, reload: this.#reloadAsked, program, workers };
    const whole = { pair: this.#pair, chronicle, questions: this.#questions, frontends };
    return { model, statistics, badMessages, board, ...whole, journal, clock, timers, ...more, ...ends };
  }

  get chronicle(): Chronicle {
    return this.#around.chronicle;
  }

  /** The other half, for the stats sockets. */
  showPair(pair: PairSide): void {
    this.#pair = pair;
  }

  /** How files are read again, for who asks on a stats socket, and how often that was done. */
  reloadBy(ask: () => Promise<ReloadReport>, counts: ReloadCounts): void {
    this.#reloadAsked = ask;
    this.#reloadCounts = counts;
  }

  /** Those whose data process is there. */
  #workers(): readonly Worker[] {
    const nowMs = this.#around.clock.monotonicMs();
    const { done, failed } = this.#reloadCounts;
    const all = this.#generations.map((generation): Worker => {
      const { statistics, model, badMessages, board, frontends } = generation;
      const isOld = generation !== this.#current;
      const questions = new Inquiries(() => [generation]);
      return {
        pid: generation.supervisor.pid ?? 0,
        isOld,
        reloads: Math.max(0, done + failed - (this.#reloadsBefore.get(generation) ?? 0)),
        upMs: nowMs - generation.madeMs,
        side: () =>
          isOld ? { ...this.admin, statistics, model, badMessages, board, frontends, questions } : this.admin,
      };
    });
    return all.filter(({ pid }) => pid > 0);
  }

  #program(): ProgramView {
    const { supervisor, threads } = this.#current;
    const deaths = this.#generations.reduce((sum, one) => sum + one.supervisor.deaths, this.#earlierDeaths);
    return {
      generation: this.#number,
      olderGenerations: this.#older.length,
      olderGenerationsMax: OLDER_MAX,
      hasProxies: true,
      serving: supervisor.serving,
      dataPid: supervisor.pid,
      dataDeaths: deaths,
      engine: supervisor.engine,
      reloads: this.#reloadCounts,
      reloadedWallMs: this.#reloadedWallMs,
      threads,
    };
  }

  /** Who serves the stats sockets has to look at them again. */
  whenReloaded(action: () => void): void {
    this.#whenReloaded = action;
  }

  /** Where data processes ask what proxies answer by themselves. */
  get door(): InsideDoor {
    return this.#around.door;
  }

  /** Whose secret this is; null: nobody's who serves. */
  whoAsks(secret: string): InsideSource | null {
    const serving = this.#next === null ? this.#generations : [this.#next, ...this.#generations];
    const known = serving.find(({ plan }) => plan.inside?.secret === secret);
    return known === undefined ? null : { model: known.model, plan: known.plan };
  }

  dumpStates(): void {
    this.#current.board.dump();
  }

  /** The current one first. */
  get #generations(): readonly Generation[] {
    return [this.#current, ...this.#older.map(({ generation }) => generation)];
  }

  #begin(generation: Generation): void {
    generation.begin(() => this.#verdict());
    generation.statistics.elders = () => this.#older.map(({ legacy }) => legacy);
    void generation.ended.then(() => this.#ended(generation));
  }

  /** A generation is ready to take the place of the current one; both of them let clients in at this moment. */
  #change({ generation, stats }: Running): void {
    const before = this.#current;
    const matches = matchesOf(before.plan, generation.plan);
    const legacy = new Legacy(before.state, generation.state, matches);
    generation.board.follow(before.board, matches);
    generation.statistics.follow(before.statistics, legacy);
    for (const older of this.#older) {
      older.legacy.passOn();
      older.legacy = new Legacy(
        older.generation.state,
        generation.state,
        matchesOf(older.generation.plan, generation.plan),
      );
    }
    this.#older = [...this.#older, { generation: before, legacy }];
    this.#current = generation;
    // The reload that made it has not been counted yet.
    this.#reloadsBefore.set(generation, this.#reloadCounts.done + this.#reloadCounts.failed + 1);
    this.#begin(generation);
    if (this.#wantLastAnswers > 0) generation.supervisor.lastAnswers(true);
    // From here on it speaks for itself alone.
    before.statistics.elders = () => [];
    before.retire();
    before.opened.close(generation.opened.listeners);
    this.#stats.close(stats.listeners);
    this.#stats = stats;
    this.#passOn();
    this.#whenReloaded();
  }

  /** While there are older ones, what they count is added to what the current one does. */
  #passOn(): void {
    this.#passingOn?.cancel();
    for (const { legacy } of this.#older) legacy.passOn();
    if (this.#older.length > 0) this.#passingOn = this.#around.timers.after(PASS_ON_EVERY_MS, () => this.#passOn());
  }

  #verdict(): void {
    for (const { generation, legacy } of this.#older) if (legacy.takeVerdicts()) generation.supervisor.wake();
  }

  #ended(generation: Generation): void {
    const older = this.#older.find((one) => one.generation === generation);
    if (older !== undefined) {
      older.legacy.passOn();
      this.#earlierDeaths += generation.supervisor.deaths;
      this.#older = this.#older.filter((one) => one !== older);
      generation.release();
    }
    this.#lookWhetherOver();
  }

  #lookWhetherOver(): void {
    const over = this.#generations.every(({ supervisor }) => supervisor.over);
    if (!over || this.#reloading) return;
    this.#passingOn?.cancel();
    this.#current.opened.close();
    this.#around.door.close();
    this.#leaveStatsSockets();
    this.#resolveEnded(this.#end);
  }

  #leave(end: End): void {
    this.#end = end;
    this.#leaving = true;
    this.#leaveStatsSockets();
  }

  /** Their names go at once: a successor makes its own. */
  #leaveStatsSockets(): void {
    this.#current.statistics.stopping = true;
    this.#stats.close([]);
    this.#resolveStopping();
  }
}
