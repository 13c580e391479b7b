/**
 * The control process's view of the servers: takes what checks, agents and traffic find and what operators want, writes
 * verdicts into the shared memory, and says so in the proxies' logs and the journal, in HAProxy's words.
 *
 *   monitor ─ results ─▶ records ─▶ states (the rules) ─▶ memory, logs
 *   operators, agents ────────────────▲
 *
 * Not here: the rules (server-states.ts), what is asked (server-questions.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Model, Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress } from '../core/address.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import { systemRandom } from '../core/random.ts';
import type { CheckRecord } from '../health/check-record.ts';
import { HealthMonitor, type MonitoredCheck } from '../health/monitor.ts';
import type { Probe, RunningProbe } from '../health/probe.ts';
import type { CheckResult } from '../health/result.ts';
import { intervalMs } from '../health/rise-fall.ts';
import { systemProbe } from '../health/system-probe.ts';
import { checkText, leftText, onlineText, type Standing, serverName } from '../health/words.ts';
import type { Plan, ProxyPlan, ServerPlan } from '../proxy/plan.ts';
import { SERVER_ERRORS, SERVER_QUEUED, SERVER_SESSIONS, type SharedState } from '../proxy/shared-state.ts';
import { type CheckTarget, checkTargets, targetsOf } from './check-targets.ts';
import type { Chronicle } from './chronicle.ts';
import { compileServer, runningProxies } from './compile.ts';
import { DynamicCookies } from './dynamic-cookies.ts';
import type { Journal } from './journal.ts';
import type { LiveServers } from './live-servers.ts';
import { namedServers } from './named-servers.ts';
import { figuresOf, usableServers } from './proxy-figures.ts';
import { ProxyLogs } from './proxy-logs.ts';
import type { HostAddress } from './resolve.ts';
import { ServerQuestions } from './server-questions.ts';
import { ADMIN_DRAIN, ADMIN_MAINT, type ServerRecord } from './server-record.ts';
import { addedRecord, joinTracked, leaveTracked, recordsOf } from './server-records.ts';
import { ServerStates } from './server-states.ts';
import type { UnderWay } from './server-view.ts';
import type { Line } from './state-lines.ts';
import { proxyStateText, serverStateText, stoppedText } from './state-words.ts';
import type { Matches } from './succession.ts';
import { takeTrips } from './traffic-verdicts.ts';
import { writeLimit, writeServer } from './verdicts.ts';

const LEVEL_EMERG = 0;
const LEVEL_WARNING = 4;
const LEVEL_NOTICE = 5;
/** HAProxy looks once a second at servers that grow. */
const WARM_UP_MS = 1000;
/** How late news of observed traffic may be. */
const HEED_EACH_MS = 20;
/** Of a server's two checks. */
const HEALTH = 0;
const AGENT = 1;

export interface BoardSetup {
  readonly model: Model;
  /** Of `live`. */
  readonly plan: Plan;
  readonly live: LiveServers;
  readonly state: SharedState;
  readonly addresses: ReadonlyMap<string, HostAddress>;
  readonly hostname: string;
  readonly journal: Journal;
  readonly chronicle: Chronicle;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly probe?: Probe;
  readonly commands: CommandRunner;
  /** Tells the threads to look at the shared memory. */
  readonly wake: () => void;
}

export class ServerBoard {
  readonly #setup: BoardSetup;
  readonly #logs: ProxyLogs;
  readonly #states: ServerStates;
  #monitor: HealthMonitor | null = null;
  #stopped = false;
  /** Proxies that have lost their last server. */
  readonly #lost = new Set<number>();
  readonly #proxies: readonly ProxyModel[];
  readonly #cookies: DynamicCookies;
  /** What its checks, and its agent, are asked, by id. */
  readonly #targets = new Map<number, CheckTarget>();
  #questions: ServerQuestions | null = null;
  #named: ReadonlySet<string> | null = null;
  /** By the index of the server in the plan; one that is gone stays until its row is another's. */
  readonly records: ServerRecord[];

  constructor(setup: BoardSetup) {
    const { model, plan, clock } = setup;
    this.#setup = setup;
    this.#proxies = runningProxies(model);
    this.records = recordsOf(plan, this.#proxies, setup.addresses, clock.monotonicMs());
    this.#cookies = new DynamicCookies(this.#proxies);
    this.#logs = new ProxyLogs(model, setup.hostname, clock);
    this.#states = new ServerStates({
      nowMs: () => clock.monotonicMs(),
      apply: (record) => this.#apply(record),
      say: (record, line) => this.#sayOf(record, line),
      usableBeside: (record) => this.#usable(this.#proxyOf(record)),
      sayNobodyIsLeft: (record) => this.#sayNoServer(this.#proxyOf(record)),
      willWarmUp: (record) => this.#warmUpLater(record),
      pauseChecks: (record) => this.#pauseChecks(record),
    });
    this.#states.begin(this.records);
  }

  /** Begins to check. */
  start(): void {
    const { model, plan, addresses, clock, timers, probe, commands, state } = this.#setup;
    const targets = checkTargets(model, plan, addresses);
    const ready = probe ?? systemProbe(timers, clock);
    this.#questions = new ServerQuestions({
      ...{ model, plan, state, records: this.records, probe: ready, commands, timers, clock },
      powers: { states: this.#states, limit: (record, maxconn) => this.#limit(record, maxconn) },
    });
    this.#monitor = new HealthMonitor({
      checks: targets.map((target) => this.#monitored(target)),
      spreadPercent: model.global.spreadChecksPercent,
      maxSpreadMs: model.global.maxSpreadChecksMs,
      ...{ clock, timers, random: systemRandom },
      intervalMs: (id) => this.#intervalMs(id),
      answered: (id, result) => this.#answered(id, result),
    });
    this.#monitor.start();
    // What an earlier generation began.
    for (const record of this.records) if (record.nextOperation === 'starting') this.#warmUpLater(record);
    this.#heedTraffic();
    // One that another board began to warm up.
    for (const record of this.records) if (record.operation === 'starting') this.#warmUpLater(record);
  }

  /** Goes on as another one that stops now: before it starts. */
  follow(before: ServerBoard, { proxies, servers }: Matches): void {
    for (const pair of proxies) if (before.#lost.has(pair.before)) this.#lost.add(pair.now);
    for (const pair of servers) {
      const record = this.#recordAt(pair.now);
      record.follow(before.#recordAt(pair.before));
      writeServer(this.#setup.state, record);
      writeLimit(this.#setup.state, record);
      const { index, backend, address } = record.plan;
      const place = record.unplaced ? null : address;
      const plan = { ...record.plan, cookie: this.#cookies.of(backend, record.model, place) };
      if (!isDeepStrictEqual(plan, this.#setup.live.get(index))) void this.#change(record, plan);
    }
  }

  get plan(): Plan {
    return this.#setup.plan;
  }

  /** Streams have it, or wait for it. Idle connections are closed when it goes. */
  isBusy({ plan }: ServerRecord): boolean {
    const { state } = this.#setup;
    const row = state.server(plan.index);
    return state.get(row + SERVER_SESSIONS) > 0 || state.get(row + SERVER_QUEUED) > 0;
  }

  /** Those that are there. */
  get servers(): readonly ServerRecord[] {
    return this.#setup.plan.proxies.flatMap(({ servers }) => servers.map(({ index }) => this.#recordAt(index)));
  }

  /** The server of this name, or of this number; null: there is none. */
  find(backend: ProxyPlan, isMeant: (server: ServerPlan) => boolean): ServerRecord | null {
    const found = backend.servers.find(isMeant);
    return found === undefined ? null : this.#recordAt(found.index);
  }

  /** One more server; resolves when it may get traffic, false: there is no room for it. */
  async add(backend: ProxyPlan, model: Server, arrives: 'asleep' | 'awake'): Promise<boolean> {
    const { live, state, addresses, clock, journal } = this.#setup;
    const row = live.takeRow();
    const proxy = this.#proxies[backend.index];
    if (row === null || proxy === undefined) return false;
    const compiled = compileServer(model, proxy, row, backend.index, { addresses });
    const plan = { ...compiled, cookie: this.#cookies.of(backend.index, model, compiled.address) };
    const record = addedRecord(backend, plan, model, arrives, clock.monotonicMs());
    joinTracked(record, this.records, this.#proxies);
    this.records[row] = record;
    writeServer(state, record);
    writeLimit(state, record);
    const known = live.add(plan);
    for (const target of this.#targetsOf(record)) this.#monitor?.add(this.#monitored(target));
    journal.notice(`'server ${record.path}' : New server registered.`);
    await known;
    return true;
  }

  /** Whether something of the configuration, or another server, names it. */
  isNamed(record: ServerRecord): boolean {
    this.#named ??= namedServers(this.#setup.model);
    return record.isNamed || (!record.isDynamic && this.#named.has(record.path));
  }

  /** Nobody has a part in it any more. */
  remove(record: ServerRecord): Promise<void> {
    const { live, journal } = this.#setup;
    leaveTracked(record);
    for (const check of [record.check, record.agent]) {
      this.#monitor?.remove(idOf(record, check));
      this.#targets.delete(idOf(record, check));
      check.enabled = false;
    }
    journal.notice(`Server ${record.path} deleted.`);
    return live.remove(record.plan);
  }

  /** It is somewhere else from now on. */
  move(record: ServerRecord, address: InetAddress, portFromClient: boolean): Promise<void> {
    const cookie = this.#cookies.of(record.plan.backend, record.model, address);
    record.moved = { address, portFromClient };
    return this.#change(record, { ...record.plan, ...record.moved, cookie });
  }

  /** An operator's word on how many streams it takes goes before its agent's, until that says something again. */
  async setMaxconn(record: ServerRecord, maxconn: number): Promise<void> {
    const { plan } = record;
    const minconn = plan.minconn === plan.maxconn ? maxconn : plan.minconn;
    record.maxconn = null;
    record.limited = { maxconn, minconn };
    writeLimit(this.#setup.state, record);
    await this.#change(record, { ...plan, ...record.limited });
  }

  /** `on`, `key`: null leaves it as it is. */
  async setDynamicCookies(backend: ProxyPlan, on: boolean | null, key: string | null): Promise<void> {
    this.#cookies.set(backend.index, { ...(on === null ? {} : { on }), ...(key === null ? {} : { key }) });
    const changes = backend.servers.map(({ index }) => {
      const record = this.#recordAt(index);
      const { address } = record.plan;
      const cookie = this.#cookies.of(backend.index, record.model, record.unplaced ? null : address);
      return cookie === record.plan.cookie ? null : this.#change(record, { ...record.plan, cookie });
    });
    await Promise.all(changes);
  }

  #change(record: ServerRecord, plan: ServerPlan): Promise<void> {
    record.plan = plan;
    const known = this.#setup.live.change(plan);
    for (const target of this.#targetsOf(record)) this.#targets.set(idOfTarget(target), target);
    return known;
  }

  #targetsOf(record: ServerRecord): readonly CheckTarget[] {
    const { model, addresses } = this.#setup;
    const proxy = this.#proxies[record.plan.backend];
    return proxy === undefined ? [] : targetsOf(model, proxy, record.model, record.plan, addresses);
  }

  #monitored(target: CheckTarget): MonitoredCheck {
    const record = this.#recordAt(target.index);
    const check = target.isAgent ? record.agent : record.check;
    const id = idOfTarget(target);
    this.#targets.set(id, target);
    const ask = (): RunningProbe => {
      if (this.#questions === null) throw new Error('nobody is asked yet');
      return this.#questions.ask(record, this.#targets.get(id) ?? target);
    };
    return { id, ask, startsPaused: !check.enabled || check.paused };
  }

  /** Whether a check of it, or its agent, is being asked. */
  asks(index: number): UnderWay {
    const monitor = this.#monitor;
    return {
      check: monitor?.asks(2 * index + HEALTH) ?? false,
      agent: monitor?.asks(2 * index + AGENT) ?? false,
    };
  }

  /** What an operator wants. */
  setAdmin(index: number, wish: 'ready' | 'drain' | 'maint'): void {
    const record = this.records[index];
    if (record === undefined) return;
    if (wish === 'maint') this.#states.maintain(record);
    else if (wish === 'drain') this.#states.drain(record);
    else this.#states.ready(record);
  }

  /** An operator knows better than the checks, or the agent, until the next answer that disagrees. */
  setHealth(index: number, health: 'up' | 'down' | 'stopping', of: 'check' | 'agent' = 'check'): void {
    const record = this.records[index];
    if (record === undefined) return;
    const check = record[of];
    check.health = health === 'down' ? 0 : check.top;
    const reason = 'changed from CLI';
    if (health === 'up') this.#states.run(record, reason);
    else if (health === 'down') this.#states.stop(record, reason);
    else this.#states.stopAccepting(record, reason);
  }

  setWeight(index: number, weight: number): void {
    const record = this.records[index];
    if (record !== undefined) this.#states.setWeight(record, weight);
  }

  /** Its checks, or questions to its agent, are wanted or not. */
  enableCheck(index: number, of: 'check' | 'agent', enabled: boolean): void {
    const record = this.records[index];
    if (record === undefined) return;
    record[of].enabled = enabled;
    this.#pauseChecks(record);
  }

  /** Looks whether the traffic of some server has shown too many errors. */
  #heedTraffic(): void {
    if (this.#stopped || !this.records.some(({ plan }) => plan.observes !== 0)) return;
    for (const record of this.records) {
      if (record.plan.observes === 0) continue;
      takeTrips(record, this.#setup.state, (result) => this.#tripped(record, result));
    }
    this.#setup.timers.after(HEED_EACH_MS, () => this.#heedTraffic());
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

  #answered(id: number, result: CheckResult): void {
    const record = this.#recordAt(id >> 1);
    this.#conclude(record, (id & 1) === AGENT ? record.agent : record.check, result);
  }

  #conclude(record: ServerRecord, check: CheckRecord, result: CheckResult): void {
    const outcome = check.conclude(result);
    if (outcome.counts) record.failedChecks++;
    const good = outcome.verdict === 'passed' || outcome.verdict === 'conditional';
    if (good) this.#setup.state.set(this.#setup.state.server(record.plan.index) + SERVER_ERRORS, 0);
    const proxy = this.#proxyOf(record);
    const isSaid = this.#proxies[proxy.index]?.logHealthChecks === true;
    if (isSaid && outcome.isNews) this.#say(proxy, LEVEL_NOTICE, checkText(judgedOf(proxy, record, check), result));
    if (outcome.verdict !== 'neutral') this.#states.judge(record, check, result, isSaid);
  }

  /** Traffic counts as a check that failed. */
  #tripped(record: ServerRecord, result: CheckResult | null): void {
    record.failedByTraffic++;
    if (result !== null) this.#conclude(record, record.check, result);
    const { fastIntervalMs } = record.model.check;
    if (fastIntervalMs !== null) this.#monitor?.hasten(idOf(record, record.check), fastIntervalMs);
  }

  #intervalMs(id: number): number {
    const record = this.#recordAt(id >> 1);
    if ((id & 1) === AGENT) return record.model.agent.intervalMs;
    return intervalMs(record.check, record.model.check, record.check.health);
  }

  #apply(record: ServerRecord): void {
    writeServer(this.#setup.state, record);
    this.#setup.wake();
    const proxy = this.#proxyOf(record);
    if (this.#lost.has(proxy.index) && this.#usable(proxy) > 0) {
      this.#lost.delete(proxy.index);
      this.#setup.chronicle.note('backend', proxy.name, 'UP', `${record.plan.name} is back`);
    }
  }

  #limit(record: ServerRecord, maxconn: number): void {
    record.maxconn = maxconn;
    writeLimit(this.#setup.state, record);
    this.#setup.wake();
  }

  #warmUpLater(record: ServerRecord): void {
    this.#setup.timers.after(WARM_UP_MS, () => {
      if (!this.#stopped) this.#states.warmUp(record);
    });
  }

  #pauseChecks(record: ServerRecord): void {
    for (const check of [record.check, record.agent]) {
      const id = idOf(record, check);
      if (check.enabled && !check.paused) this.#monitor?.resume(id);
      else this.#monitor?.pause(id);
    }
  }

  #recordAt(index: number): ServerRecord {
    const record = this.records[index];
    if (record === undefined) throw new Error(`there is no server ${index}`);
    return record;
  }

  #proxyOf(record: ServerRecord): ProxyPlan {
    const proxy = this.#setup.plan.proxies[record.plan.backend];
    if (proxy === undefined) throw new Error(`there is no backend ${record.plan.backend}`);
    return proxy;
  }

  #usable(proxy: ProxyPlan): number {
    const { active, backup } = usableServers(proxy, this.#setup.state);
    return active + backup;
  }

  #sayOf(record: ServerRecord, { level, text, counts }: Line): void {
    const proxy = this.#proxyOf(record);
    const standing = this.#standing(proxy, record);
    this.#setup.chronicle.noteChange('server', record.path, nextState(record), text);
    const rest = record.operation === 'stopped' ? leftText(standing) : onlineText(standing);
    this.#say(proxy, level, `${serverName(standing)} ${text}.${counts ? ` ${rest}` : ''}`);
  }

  #standing(proxy: ProxyPlan, record: ServerRecord): Standing {
    const { state } = this.#setup;
    const { active, backup } = usableServers(proxy, state);
    const row = state.server(record.plan.index);
    const queued = state.get(row + SERVER_QUEUED);
    // With redispatch, those that waited for it go elsewhere at once.
    const leave = record.operation === 'stopped' && proxy.redispatch !== 0;
    return {
      backend: proxy.name,
      server: record.plan.name,
      isBackup: record.plan.backup,
      activeServers: active,
      backupServers: backup,
      sessions: state.get(row + SERVER_SESSIONS),
      requeued: leave ? queued : 0,
      queued: leave ? 0 : queued,
    };
  }

  #sayNoServer(proxy: ProxyPlan): void {
    this.#lost.add(proxy.index);
    this.#setup.chronicle.note('backend', proxy.name, 'DOWN', 'no server is left');
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

/** Where it goes, or is: lines are said before, and after. */
function nextState({ nextAdmin, nextOperation }: ServerRecord): string {
  if ((nextAdmin & ADMIN_MAINT) !== 0) return 'MAINT';
  if (nextOperation === 'stopped') return 'DOWN';
  return (nextAdmin & ADMIN_DRAIN) !== 0 || nextOperation === 'stopping' ? 'DRAIN' : 'UP';
}

function idOf(record: ServerRecord, check: CheckRecord): number {
  return 2 * record.plan.index + (check.isAgent ? AGENT : HEALTH);
}

function idOfTarget({ index, isAgent }: CheckTarget): number {
  return 2 * index + (isAgent ? AGENT : HEALTH);
}

function judgedOf(proxy: ProxyPlan, { plan, weight }: ServerRecord, check: CheckRecord) {
  const { isAgent, health, rise, fall } = check;
  const { name: server, backup: isBackup } = plan;
  return { backend: proxy.name, server, isBackup, isAgent, health, rise, fall, drains: weight === 0 };
}
