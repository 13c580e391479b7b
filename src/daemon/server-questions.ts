/** How each check is put: to a server over the network, to a program, to an agent; with what is known at that moment. */
import { hostname } from 'node:os';
import type { Model, Proxy as ProxyModel } from '../config/model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import { probeAgent } from '../health/agent-probe.ts';
import { type ExternalQuestion, probeByProgram } from '../health/external-probe.ts';
import type { Probe, ProbeTarget, RunningProbe } from '../health/probe.ts';
import type { Plan } from '../proxy/plan.ts';
import { SERVER_SESSIONS, type SharedState } from '../proxy/shared-state.ts';
import { type AgentPowers, heedAgent } from './agent-judge.ts';
import type { CheckTarget } from './check-targets.ts';
import { runningProxies } from './compile.ts';
import type { ServerRecord } from './server-record.ts';
import { stateHeader } from './state-header.ts';

export interface QuestionsSetup {
  readonly model: Model;
  readonly plan: Plan;
  readonly state: SharedState;
  readonly records: readonly ServerRecord[];
  readonly probe: Probe;
  readonly commands: CommandRunner;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly powers: AgentPowers;
}

export class ServerQuestions {
  readonly #setup: QuestionsSetup;
  readonly #proxies: readonly ProxyModel[];

  constructor(setup: QuestionsSetup) {
    this.#setup = setup;
    this.#proxies = runningProxies(setup.model);
  }

  ask(record: ServerRecord, { isAgent, target }: CheckTarget): RunningProbe {
    const { timers, probe, powers } = this.#setup;
    const proxy = this.#proxies[record.plan.backend] as ProxyModel;
    if (isAgent) {
      const { address } = target;
      const { agentPort, agentAddress, agentSend } = record;
      const place = address.family === 'unix' ? address : { ...address, ...agentAddress, port: agentPort };
      return probeAgent({ ...target, address: place }, agentSend, timers, (line) => heedAgent(record, line, powers));
    }
    if (proxy.externalCheck !== null) return this.#askProgram(record, proxy, target, proxy.externalCheck);
    return probe({
      ...this.#placed(record, target),
      ...(proxy.disableOn404 ? { accepts404: () => record.nextOperation !== 'stopped' } : {}),
      ...(proxy.sendState ? { stateText: () => this.#stateText(record) } : {}),
    });
  }

  /** An operator may have said that it is to be asked elsewhere. */
  #placed(record: ServerRecord, target: ProbeTarget): ProbeTarget {
    const { address } = target;
    const { checkPort, checkAddress, plan } = record;
    if (address.family === 'unix' || plan.address.family === 'unix') return target;
    if (checkPort === null && checkAddress === null) return target;
    const port = checkPort === null ? address.port : checkPort === 0 ? plan.address.port : checkPort;
    return { ...target, address: { ...address, ...checkAddress, port } };
  }

  #stateText(record: ServerRecord): string {
    const { plan, state, model, records, clock } = this.#setup;
    const backendIndex = record.plan.backend;
    const proxy = plan.proxies[backendIndex];
    const scene = {
      siblings: (proxy?.servers ?? []).flatMap(({ index }) => records[index] ?? []),
      backend: proxy?.name ?? '',
      backendIndex,
      allBackups: proxy?.allBackups ?? false,
      node: model.global.node ?? hostname(),
      nowMs: clock.monotonicMs(),
    };
    return stateHeader(record, scene, state);
  }

  #askProgram(
    record: ServerRecord,
    proxy: ProxyModel,
    target: ProbeTarget,
    { command, path }: { readonly command: string; readonly path: string | null },
  ): RunningProbe {
    const { plan, state, commands, timers } = this.#setup;
    const { address } = record.plan;
    const question: ExternalQuestion = {
      command,
      path: path ?? '',
      proxyName: proxy.name,
      proxyId: proxy.id,
      ...boundTo(proxy),
      serverName: record.plan.name,
      serverId: record.model.id,
      serverAddress: address.family === 'unix' ? address.path : address.ip,
      serverPort: address.family === 'unix' ? null : address.port,
      maxconn: record.maxconn ?? record.model.maxconn,
      sessions: state.get(state.server(record.plan.index) + SERVER_SESSIONS),
      isHttp: proxy.mode === 'http',
    };
    const { uid, gid } = plan.privileges;
    return probeByProgram(question, target.connectTimeoutMs, { commands, timers, uid, gid });
  }
}

/** Its first address, for programs that want to know for whom they ask. */
function boundTo(proxy: ProxyModel): Pick<ExternalQuestion, 'proxyAddress' | 'proxyPort'> {
  const [first] = proxy.binds.flatMap(({ addresses }) => addresses).filter(({ family }) => family !== 'fd');
  if (first === undefined || first.family === 'fd') return { proxyAddress: null, proxyPort: null };
  if (first.family === 'unix') return { proxyAddress: first.path, proxyPort: null };
  return { proxyAddress: first.ip, proxyPort: first.port };
}
