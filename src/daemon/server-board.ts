/**
 * The control process's view of the servers: takes what checks find, writes verdicts into the shared memory, and says so
 * in the proxies' logs and the journal, in HAProxy's words.
 */
import type { Model, Proxy as ProxyModel } from '../config/model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { HealthMonitor } from '../health/monitor.ts';
import type { Probe } from '../health/probe.ts';
import type { CheckResult } from '../health/result.ts';
import { systemProbe } from '../health/system-probe.ts';
import { downText, type Standing, upText } from '../health/words.ts';
import type { Plan, ProxyPlan, ServerPlan } from '../proxy/plan.ts';
import { SERVER_QUEUED, SERVER_SESSIONS, type SharedState, STATE_DOWN, STATE_UP } from '../proxy/shared-state.ts';
import { checkTargets } from './check-targets.ts';
import { runningProxies } from './compile.ts';
import type { Journal } from './journal.ts';
import { figuresOf, usableServers } from './proxy-figures.ts';
import { ProxyLogs } from './proxy-logs.ts';
import type { HostAddress } from './resolve.ts';
import { proxyStateText, serverStateText, stoppedText } from './state-words.ts';
import { writeVerdict } from './verdicts.ts';

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

export class ServerBoard {
  readonly #setup: BoardSetup;
  readonly #logs: ProxyLogs;
  #monitor: HealthMonitor | null = null;
  #stopped = false;
  readonly #proxies: readonly ProxyModel[];
  readonly #servers: readonly ServerPlan[];

  constructor(setup: BoardSetup) {
    const { model, plan, clock } = setup;
    this.#setup = setup;
    this.#proxies = runningProxies(model);
    this.#servers = plan.proxies.flatMap((proxy) => proxy.servers);
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
      changed: (index, change, result) => this.#changed(index, change, result),
    });
    this.#monitor.start();
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
    const { plan, state, wake } = this.#setup;
    const server = this.#servers[index];
    const proxy = plan.proxies[server?.backend ?? -1];
    if (server === undefined || proxy === undefined) return;
    const before = usableServers(proxy, state);
    writeVerdict(state, index, change === 'up' ? STATE_UP : STATE_DOWN);
    wake();
    const standing = this.#standing(proxy, server, change);
    if (change === 'up') this.#say(proxy, LEVEL_NOTICE, upText(standing, result));
    else this.#say(proxy, LEVEL_ALERT, downText(standing, result));
    if (before.active + before.backup > 0 && standing.activeServers + standing.backupServers === 0) {
      this.#sayNoServer(proxy);
    }
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
