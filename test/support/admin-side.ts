/**
 * What the stats sockets show and change, without a data process: memory that nobody else writes to, servers that nobody
 * checks, time by hand.
 */
import type { Model } from '../../src/config/model.ts';
import type { AdminSide } from '../../src/daemon/admin-side.ts';
import { BadMessages } from '../../src/daemon/bad-messages.ts';
import { Chronicle } from '../../src/daemon/chronicle.ts';
import { compilePlan } from '../../src/daemon/compile.ts';
import { Frontends } from '../../src/daemon/frontends.ts';
import { Inquiries } from '../../src/daemon/inquiries.ts';
import { LiveServers } from '../../src/daemon/live-servers.ts';
import { ServerBoard } from '../../src/daemon/server-board.ts';
import { Statistics } from '../../src/daemon/statistics.ts';
import { type StatsListener, StatsSockets } from '../../src/daemon/stats-sockets.ts';
import type { ProgramView } from '../../src/daemon/views.ts';
import type { Worker } from '../../src/daemon/workers.ts';
import type { Probe } from '../../src/health/probe.ts';
import type { ServerChanges } from '../../src/proxy/messages.ts';
import type { Plan } from '../../src/proxy/plan.ts';
import {
  layoutOf,
  SERVER_STATE,
  SERVER_WEIGHT,
  SharedState,
  STATE_MAINT,
  STATE_UP,
} from '../../src/proxy/shared-state.ts';
import { FakeCommands } from './fake-commands.ts';
import { FakeTime } from './fake-time.ts';
import { modelOf } from './model.ts';

export class FakeAdminSide implements AdminSide {
  readonly model: Model;
  readonly plan: Plan;
  readonly state: SharedState;
  readonly time = new FakeTime();
  readonly clock = this.time;
  readonly timers = this.time;
  readonly commands = new FakeCommands();
  readonly live: LiveServers;
  /** What the data process would hear. */
  readonly told: ServerChanges[] = [];
  readonly board: ServerBoard;
  readonly statistics: Statistics;
  readonly badMessages: BadMessages;
  readonly listeners: readonly StatsListener[];
  readonly reload = null;
  /** A test may change it. */
  running: ProgramView = {
    generation: 1,
    olderGenerations: 0,
    olderGenerationsMax: 32,
    hasProxies: true,
    serving: true,
    dataPid: 4711,
    dataDeaths: 0,
    engine: 'epoll',
    reloads: { done: 0, failed: 0, failedInARow: 0 },
    reloadedWallMs: null,
    threads: [],
  };
  readonly program = (): ProgramView => this.running;
  /** A test may add older ones. */
  all: Worker[] = [{ pid: 4711, isOld: false, reloads: 0, upMs: 61_000, side: () => this }];
  readonly workers = (): readonly Worker[] => this.all;
  readonly chronicle = new Chronicle(this.time);
  pair: AdminSide['pair'] = null;
  /** Nobody who could answer. */
  readonly questions = new Inquiries(() => []);
  readonly frontends: Frontends;
  readonly said: string[] = [];
  readonly journal = {
    notice: (text: string) => this.said.push(text),
    warning: (text: string) => this.said.push(text),
    alert: (text: string) => this.said.push(text),
  };
  readonly stopping: Promise<void>;
  readonly ended: Promise<void>;
  /** How often the threads were told to look. */
  wakes = 0;
  stop: () => void = () => {};
  end: () => void = () => {};

  /** `text` is a haproxy.cfg. Its stats sockets are opened; `isMaster`: as those of `-S`. */
  constructor(
    text: string,
    probe: Probe = () => ({ finding: new Promise(() => {}), cancel: () => {} }),
    isMaster = false,
  ) {
    this.model = modelOf(text);
    const compiled = compilePlan(this.model, {
      generation: 1,
      threads: 2,
      maxconn: 1000,
      defaultProxyMaxconn: 0,
      logPid: 1,
      privileges: { uid: null, gid: null, chroot: null },
      sharedStateFd: -1,
      listeners: [],
      addresses: new Map(),
      hostname: '',
      descriptors: new Map(),
      spareServers: 3,
    });
    const layout = layoutOf(compiled);
    this.state = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    this.live = new LiveServers(compiled, this.state, async (changes) => {
      this.told.push(changes);
    });
    this.plan = this.live.plan;
    for (const server of this.plan.proxies.flatMap(({ servers }) => servers)) {
      const row = this.state.server(server.index);
      this.state.set(row + SERVER_STATE, server.startsUp ? STATE_UP : STATE_MAINT);
      this.state.set(row + SERVER_WEIGHT, server.weight);
    }
    this.board = new ServerBoard({
      model: this.model,
      plan: this.plan,
      live: this.live,
      state: this.state,
      addresses: new Map(),
      hostname: 'test',
      journal: this.journal,
      chronicle: this.chronicle,
      clock: this.time,
      timers: this.time,
      probe,
      commands: this.commands,
      wake: () => this.wakes++,
    });
    this.statistics = new Statistics({
      model: this.model,
      plan: this.plan,
      state: this.state,
      records: this.board.records,
      live: this.live,
      clock: this.time,
      timers: this.time,
      descriptors: 1024,
      asks: () => ({ check: false, agent: false }),
      usedMs: () => 0,
    });
    this.badMessages = new BadMessages(this.plan, this.state);
    const { plan, state, journal } = this;
    const look = async () => this.wakes++;
    this.frontends = new Frontends({ plan, state, listeners: [], journal, look });
    const accounts = { passwd: '', group: '' };
    const { global } = this.model;
    const { sockets } = global.stats;
    const without = { ...this.model, global: { ...global, stats: { ...global.stats, sockets: [] } } };
    const opened = isMaster
      ? new StatsSockets(without, accounts, false, [], null, sockets)
      : new StatsSockets(this.model, accounts, false, []);
    const { listeners, problems } = opened;
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
    this.listeners = listeners;
    this.stopping = new Promise((resolve) => {
      this.stop = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** The state that the threads see. */
  stateOf(server: number): number {
    return this.state.get(this.state.server(server) + SERVER_STATE);
  }

  weightOf(server: number): number {
    return this.state.get(this.state.server(server) + SERVER_WEIGHT);
  }
}
