/**
 * A pair without proxies, as stats sockets and web pages see a program: all that there is of proxies is empty, and the sockets
 * are those of keepalived.conf.
 */
import { hostname } from 'node:os';
import type { Model } from '../config/model.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { readAccountFiles } from './accounts.ts';
import type { AdminSide } from './admin-side.ts';
import { BadMessages } from './bad-messages.ts';
import type { Chronicle } from './chronicle.ts';
import { SystemCommands } from './commands.ts';
import { compilePlan } from './compile.ts';
import { Frontends } from './frontends.ts';
import { Inquiries } from './inquiries.ts';
import type { Journal } from './journal.ts';
import { LiveServers } from './live-servers.ts';
import type { PairSide } from './pair-side.ts';
import type { PassedSockets } from './passed-sockets.ts';
import type { ReloadReport } from './reloads.ts';
import { ServerBoard } from './server-board.ts';
import { Statistics } from './statistics.ts';
import { StatsSockets } from './stats-sockets.ts';
import { createSharedMemory } from './verdicts.ts';
import type { ProgramView, ReloadCounts } from './views.ts';

export interface PairAloneSetup {
  /** Without proxies. */
  readonly model: Model;
  readonly pair: PairSide;
  readonly journal: Journal;
  readonly chronicle: Chronicle;
  readonly reload: () => Promise<ReloadReport>;
  readonly reloadCounts: ReloadCounts;
  /** What this process was started with. */
  readonly passed: PassedSockets;
}

export class PairAlone {
  readonly #setup: PairAloneSetup;
  readonly #empty: Pick<AdminSide, 'statistics' | 'badMessages' | 'board' | 'questions' | 'frontends'>;
  readonly #stopping: Promise<void>;
  readonly #ended: Promise<void>;
  #resolveStopping: () => void = () => {};
  #resolveEnded: () => void = () => {};
  #model: Model;
  #sockets: StatsSockets | null = null;
  #reloadedWallMs: number | null = null;

  constructor(setup: PairAloneSetup) {
    this.#setup = setup;
    this.#model = setup.model;
    this.#empty = noProxies(setup);
    this.#stopping = new Promise((resolve) => {
      this.#resolveStopping = resolve;
    });
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /** Opens what the model names, and keeps what is open already; with problems nothing has changed. */
  listen(model: Model): readonly Problem[] {
    const before = this.#sockets?.listeners ?? [];
    const { passed, journal } = this.#setup;
    const sockets = new StatsSockets(model, readAccountFiles(), false, before, passed.forModel(model));
    if (sockets.problems.length > 0) {
      sockets.close(before);
      return sockets.problems;
    }
    for (const sentence of passed.closeUnused()) journal.warning(sentence);
    this.#sockets?.close(sockets.listeners);
    if (this.#sockets !== null) this.#reloadedWallMs = systemClock.wallMs();
    this.#sockets = sockets;
    this.#model = model;
    return [];
  }

  get admin(): AdminSide {
    const { pair, journal, chronicle, reload } = this.#setup;
    return {
      ...this.#empty,
      model: this.#model,
      pair,
      chronicle,
      listeners: this.#sockets?.listeners ?? [],
      reload,
      program: () => this.#program(),
      workers: () => [],
      journal,
      clock: systemClock,
      timers: systemTimers,
      stopping: this.#stopping,
      ended: this.#ended,
    };
  }

  /** The sockets' names go at once: a successor makes its own. */
  stop(): void {
    this.#empty.statistics.stopping = true;
    this.#sockets?.close([]);
    this.#resolveStopping();
  }

  end(): void {
    this.stop();
    this.#resolveEnded();
  }

  #program(): ProgramView {
    const { reloadCounts } = this.#setup;
    return {
      generation: reloadCounts.done + 1,
      olderGenerations: 0,
      olderGenerationsMax: 0,
      hasProxies: false,
      serving: false,
      dataPid: null,
      dataDeaths: 0,
      engine: null,
      reloads: reloadCounts,
      reloadedWallMs: this.#reloadedWallMs,
      threads: [],
    };
  }
}

function noProxies({ model, journal, chronicle }: PairAloneSetup) {
  const compiled = compilePlan(model, {
    generation: 1,
    threads: 1,
    maxconn: 0,
    defaultProxyMaxconn: 0,
    logPid: process.pid,
    privileges: { uid: null, gid: null, chroot: null },
    sharedStateFd: -1,
    listeners: [],
    addresses: new Map(),
    hostname: hostname(),
    descriptors: new Map(),
  });
  const { state } = createSharedMemory(compiled);
  const live = new LiveServers(compiled, state, async () => {});
  const { plan } = live;
  const time = { clock: systemClock, timers: systemTimers };
  const board = new ServerBoard({
    ...{ model, plan, live, state, addresses: new Map(), hostname: hostname(), journal, chronicle, ...time },
    commands: new SystemCommands(systemTimers, {}),
    wake: () => {},
  });
  const statistics = new Statistics({
    ...{ model, plan, live, state, records: board.records, ...time, descriptors: 0 },
    asks: () => ({ check: false, agent: false }),
    usedMs: () => 0,
  });
  const frontends = new Frontends({ plan, state, listeners: [], journal, look: async () => {} });
  return {
    frontends,
    statistics,
    badMessages: new BadMessages(plan, state),
    board,
    questions: new Inquiries(() => []),
  };
}
