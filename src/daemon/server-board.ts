/**
 * The control process's view of the servers: takes what checks find and what operators want, writes verdicts into the
 * shared memory, and says so in the proxies' logs and the journal, in HAProxy's words.
 */
import type { Model, Proxy as ProxyModel } from '../config/model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { HealthMonitor } from '../health/monitor.ts';
import type { Probe } from '../health/probe.ts';
import { type CheckResult, passed } from '../health/result.ts';
import { systemProbe } from '../health/system-probe.ts';
import { downText, type Standing, upText } from '../health/words.ts';
import type { Plan, ProxyPlan, ServerPlan } from '../proxy/plan.ts';
import { SERVER_QUEUED, SERVER_SESSIONS, type SharedState } from '../proxy/shared-state.ts';
import { adminLines, healthLine, type Line, type Wish } from './admin-words.ts';
import { checkTargets } from './check-targets.ts';
import { runningProxies, serverAddress } from './compile.ts';
import type { Journal } from './journal.ts';
import { figuresOf, usableServers } from './proxy-figures.ts';
import { ProxyLogs } from './proxy-logs.ts';
import type { HostAddress } from './resolve.ts';
import { ServerRecord } from './server-record.ts';
import { proxyStateText, serverStateText, stoppedText } from './state-words.ts';
import { writeVerdict, writeWeight } from './verdicts.ts';

const LEVEL_EMERG = 0;
const LEVEL_ALERT = 1;
const LEVEL_WARNING = 4;
const LEVEL_NOTICE = 5;

export interface BoardSetup {
  readonly model: Model;
  readonly plan: Plan;
  readonly state: SharedState;
  readonly addresses: ReadonlyMap<string, HostAddress>;
  readonly hostname: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly probe?: Probe;
  /** Tells the threads to look at the shared memory. */
  readonly wake: () => void;
}

interface Usable {
  readonly active: number;
  readonly backup: number;
}

export class ServerBoard {
  readonly #setup: BoardSetup;
  readonly #logs: ProxyLogs;
  #monitor: HealthMonitor | null = null;
  #stopped = false;
  readonly #proxies: readonly ProxyModel[];
  readonly #servers: readonly ServerPlan[];
  /** By the index of the server in the plan. */
  readonly records: readonly ServerRecord[];

  constructor(setup: BoardSetup) {
    const { model, plan, clock } = setup;
    this.#setup = setup;
    this.#proxies = runningProxies(model);
    this.#servers = plan.proxies.flatMap((proxy) => proxy.servers);
    this.records = recordsOf(plan, this.#proxies, setup.addresses, clock.monotonicMs());
    this.#logs = new ProxyLogs(model, setup.hostname, clock);
  }

  /** Begins to check. */
  async start(): Promise<void> {
    const { model, plan, addresses, clock, timers, probe } = this.#setup;
    const servers = checkTargets(model, plan, addresses);
    const ready =
      probe ??
      (await systemProbe(
        servers.map((server) => server.target.method),
        timers,
      ));
    if (this.#stopped) return;
    this.#monitor = new HealthMonitor({
      servers,
      spreadPercent: model.global.spreadChecksPercent,
      maxSpreadMs: model.global.maxSpreadChecksMs,
      probe: ready,
      clock,
      timers,
      random: systemRandom,
      observed: (index, health, result) => this.#observed(index, health, result),
      changed: (index, change, result) => this.#changed(index, change, result),
    });
    this.#monitor.start();
    // An operator may have been faster.
    for (const { maint, plan: server } of this.records) {
      if (maint) this.#monitor.pause(server.index);
      else this.#monitor.resume(server.index);
    }
  }

  /** Whether a check of it is under way. */
  asks(index: number): boolean {
    return this.#monitor?.asks(index) ?? false;
  }

  /** What an operator wants. */
  setAdmin(index: number, maint: boolean, drain: boolean): void {
    const record = this.records[index];
    if (record === undefined) return;
    const before = wishOf(record);
    const action = (): void => {
      record.maint = maint;
      record.drain = drain;
      if (!before.maint || record.maint) return;
      record.up = true;
      record.stopping = false;
      record.health = record.model.check.rise;
    };
    this.#apply(record, action, (standing) => adminLines(before, wishOf(record), standing));
    if (record.maint) this.#monitor?.pause(index);
    else this.#monitor?.resume(index);
  }

  /** An operator knows better than the checks, until the next one that disagrees. */
  setHealth(index: number, health: 'up' | 'down' | 'stopping'): void {
    const record = this.records[index];
    if (record === undefined || record.maint) return;
    const { rise, fall } = record.model.check;
    const action = (): void => {
      record.up = health !== 'down';
      record.stopping = health === 'stopping';
      record.health = health === 'down' ? 0 : rise + fall - 1;
    };
    this.#apply(record, action, (standing, changed) => (changed ? [healthLine(health, standing)] : []));
    this.#monitor?.setHealth(index, record.health);
  }

  setWeight(index: number, weight: number): void {
    const record = this.records[index];
    const proxy = this.#setup.plan.proxies[record?.plan.backend ?? -1];
    if (record === undefined || proxy === undefined) return;
    const { state, wake } = this.#setup;
    const before = usableServers(proxy, state);
    record.weight = weight;
    writeWeight(state, index, weight);
    wake();
    this.#sayIfNobodyIsLeft(proxy, before);
  }

  stop(): void {
    this.#stopped = true;
    this.#monitor?.stop();
  }

  /** SIGHUP without a master process: everything that is known, into the logs. */
  dump(): void {
    const { plan, state, journal } = this.#setup;
    journal.warning('SIGHUP received, dumping servers states.');
    for (const proxy of plan.proxies) {
      const figures = figuresOf(proxy, state);
      this.#logs.say(proxy.index, LEVEL_NOTICE, `SIGHUP received, dumping servers states for proxy ${proxy.name}.`);
      const lines = figures.servers.map((server) => serverStateText(proxy.name, server));
      for (const line of [...lines, proxyStateText(figures)]) this.#say(proxy, LEVEL_NOTICE, line);
    }
  }

  /** The proxies accept nothing more. */
  sayStopped(): void {
    const { plan, state } = this.#setup;
    for (const proxy of plan.proxies) this.#say(proxy, LEVEL_WARNING, stoppedText(figuresOf(proxy, state)));
  }

  #changed(index: number, change: 'up' | 'down', result: CheckResult): void {
    const { plan, state, wake, clock } = this.#setup;
    const server = this.#servers[index];
    const record = this.records[index];
    const proxy = plan.proxies[server?.backend ?? -1];
    if (server === undefined || record === undefined || proxy === undefined) return;
    const before = usableServers(proxy, state);
    record.change(clock.monotonicMs(), () => {
      record.up = change === 'up';
      record.stopping = false;
    });
    writeVerdict(state, index, record.state);
    wake();
    const standing = this.#standing(proxy, server, change);
    if (change === 'up') this.#say(proxy, LEVEL_NOTICE, upText(standing, result));
    else this.#say(proxy, LEVEL_ALERT, downText(standing, result));
    this.#sayIfNobodyIsLeft(proxy, before);
  }

  #observed(index: number, health: number, result: CheckResult): void {
    const record = this.records[index];
    if (record === undefined) return;
    record.last = result;
    // A server that is down can fail no further.
    if (!passed(result) && record.health > 0) record.failedChecks++;
    record.health = health;
    if (passed(result) && record.stopping) this.setHealth(index, 'up');
  }

  /** Changes a record, lets the threads know, and says so. */
  #apply(
    record: ServerRecord,
    action: () => void,
    words: (standing: Standing, changed: boolean) => readonly Line[],
  ): void {
    const { plan, state, wake, clock } = this.#setup;
    const proxy = plan.proxies[record.plan.backend];
    if (proxy === undefined) return;
    const before = usableServers(proxy, state);
    const changed = record.change(clock.monotonicMs(), action);
    if (changed) {
      writeVerdict(state, record.plan.index, record.state);
      wake();
    }
    const standing = this.#standing(proxy, record.plan, record.running ? 'up' : 'down');
    for (const { level, text } of words(standing, changed)) this.#say(proxy, level, text);
    this.#sayIfNobodyIsLeft(proxy, before);
  }

  #sayIfNobodyIsLeft(proxy: ProxyPlan, before: Usable): void {
    const now = usableServers(proxy, this.#setup.state);
    if (before.active + before.backup > 0 && now.active + now.backup === 0) this.#sayNoServer(proxy);
  }

  #standing(proxy: ProxyPlan, server: ServerPlan, change: 'up' | 'down'): Standing {
    const { state } = this.#setup;
    const { active, backup } = usableServers(proxy, state);
    const row = state.server(server.index);
    const queued = state.get(row + SERVER_QUEUED);
    // With redispatch, those that waited for it go elsewhere at once.
    const leave = change === 'down' && proxy.redispatch !== 0;
    return {
      backend: proxy.name,
      server: server.name,
      isBackup: server.backup,
      activeServers: active,
      backupServers: backup,
      sessions: state.get(row + SERVER_SESSIONS),
      requeued: leave ? queued : 0,
      queued: leave ? 0 : queued,
    };
  }

  #sayNoServer(proxy: ProxyPlan): void {
    const kind = this.#proxies[proxy.index]?.kind;
    const word = kind === 'listen' ? 'proxy' : (kind ?? 'backend');
    this.#setup.journal.alert(`${word} '${proxy.name}' has no server available!`);
    this.#logs.say(proxy.index, LEVEL_EMERG, `${word} ${proxy.name} has no server available!`);
  }

  #say(proxy: ProxyPlan, level: number, text: string): void {
    this.#setup.journal.warning(text);
    this.#logs.say(proxy.index, level, text);
  }
}

function wishOf(record: ServerRecord): Wish {
  return { maint: record.maint || record.unresolved, drain: record.drain, up: record.up };
}

function recordsOf(
  plan: Plan,
  models: readonly ProxyModel[],
  addresses: ReadonlyMap<string, HostAddress>,
  nowMs: number,
): readonly ServerRecord[] {
  return plan.proxies.flatMap((proxy) =>
    proxy.servers.flatMap((server, position) => {
      const model = models[proxy.index]?.servers[position];
      if (model === undefined) return [];
      return [new ServerRecord(server, model, serverAddress(model, addresses) === null, nowMs)];
    }),
  );
}
