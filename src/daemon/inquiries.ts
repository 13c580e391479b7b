/**
 * What only the data threads know, asked of all generations, also of those that finish: sessions, descriptors, figures. Long
 * answers come in pieces, and the next one is asked for when the one before has been used.
 *
 * The threads say indices; what they mean is looked up here, and an answer that means nothing is left out: who answers may
 * have been broken into. A thread that does not answer is named, so that nobody takes silence for nothing.
 */
import { methodName } from '../http1/method.ts';
import type { Plan, ServerPlan } from '../proxy/plan.ts';
import {
  DESCRIPTOR_CLIENT,
  DESCRIPTOR_LISTENER,
  type DescriptorReport,
  type SessionReport,
  type ThreadFigures,
} from '../proxy/questions.ts';
import type { Questions } from './questions.ts';
import { type SessionPlace, sessionName } from './session-name.ts';

/** More pieces than this no thread has: the answer of one that goes on and on is cut. */
const PIECES_MAX = 65_536;

/** The part of a generation that this needs. */
export interface Asked {
  readonly plan: Plan;
  readonly questions: Questions;
  readonly supervisor: { readonly pid: number | null };
}

/** A proxy, as it is called. */
export interface NamedProxy {
  readonly name: string;
  readonly id: number;
  readonly http: boolean;
}

export interface SessionView {
  readonly name: string;
  readonly thread: number;
  readonly report: SessionReport;
  /** '': none that has a name here. */
  readonly method: string;
  readonly frontend: NamedProxy;
  readonly listener: { readonly name: string; readonly id: number; readonly unix: boolean };
  /** null: none yet. */
  readonly backend: NamedProxy | null;
  readonly server: NamedServer | null;
}

export interface NamedServer {
  readonly name: string;
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface DescriptorView {
  readonly thread: number;
  readonly pid: number;
  readonly kind: 'listener' | 'client' | 'server' | 'idle';
  readonly report: DescriptorReport;
  /** A listener's or a client's frontend, or `backend/server`. */
  readonly owner: string;
  readonly http: boolean;
}

export interface ThreadView {
  /** From 0. */
  readonly thread: number;
  readonly pid: number;
  readonly isCurrent: boolean;
  /** null: it does not answer. */
  readonly figures: ThreadFigures | null;
}

/** A thread that has not answered. */
export interface Silence {
  readonly silent: true;
  readonly thread: number;
  readonly pid: number;
}

type ServersByIndex = ReadonlyMap<number, ServerPlan>;

/** By DESCRIPTOR_*. */
const KINDS: readonly DescriptorView['kind'][] = ['listener', 'client', 'server', 'idle'];

interface Piece<View> {
  /** null: means nothing. */
  readonly views: readonly (View | null)[];
  readonly next: number;
}

interface ToAsk {
  readonly of: Asked;
  readonly thread: number;
}

export class Inquiries {
  readonly #generations: () => readonly Asked[];

  /** The current one first. */
  constructor(generations: () => readonly Asked[]) {
    this.#generations = generations;
  }

  /** All that there are now. `whole`: with both ends of each connection. */
  sessions(whole: boolean): AsyncIterable<SessionView | Silence> {
    return this.#each(async (asked, before) => {
      const answer = await asked.of.questions.ask(asked.thread, { type: 'sessions', before, whole });
      return answer && { views: answer.sessions.map((report) => sessionView(asked, report)), next: answer.next };
    });
  }

  async session(place: SessionPlace): Promise<SessionView | null> {
    const asked = this.#at(place);
    if (asked === null) return null;
    const { serial, request } = place;
    const answer = await asked.of.questions.ask(asked.thread, { type: 'session', serial, request });
    const report = answer?.sessions[0];
    return report === undefined ? null : sessionView(asked, report);
  }

  /** False: it is not there. */
  async endSession(place: SessionPlace): Promise<boolean> {
    const asked = this.#at(place);
    if (asked === null) return false;
    const { serial, request } = place;
    const answer = await asked.of.questions.ask(asked.thread, { type: 'end-session', serial, request });
    return answer !== null && answer.count > 0;
  }

  /** How many there were. */
  async endSessionsOf(backend: string, server: string): Promise<number> {
    const counts = this.#threads().map(async ({ of, thread }) => {
      const proxy = of.plan.proxies.find(({ name, isBackend }) => isBackend && name === backend);
      const index = proxy?.servers.find(({ name }) => name === server)?.index;
      if (index === undefined) return 0;
      return (await of.questions.ask(thread, { type: 'end-sessions', server: index }))?.count ?? 0;
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  descriptors(): AsyncIterable<DescriptorView | Silence> {
    return this.#each(async (asked, before) => {
      const answer = await asked.of.questions.ask(asked.thread, { type: 'descriptors', before });
      if (answer === null) return null;
      const servers = asked.of.plan.proxies.flatMap((proxy) => proxy.servers);
      const byIndex: ServersByIndex = new Map(servers.map((server) => [server.index, server]));
      return {
        views: answer.descriptors.map((report) => descriptorView(asked, byIndex, report)),
        next: answer.next,
      };
    });
  }

  threads(): Promise<readonly ThreadView[]> {
    const [current] = this.#generations();
    return Promise.all(
      this.#threads().map(async ({ of, thread }) => {
        const answer = await of.questions.ask(thread, { type: 'figures' });
        return { thread, pid: of.supervisor.pid ?? 0, isCurrent: of === current, figures: answer?.figures ?? null };
      }),
    );
  }

  /** Of all threads, one after the other, piece by piece. */
  async *#each<View>(
    piece: (asked: ToAsk, before: number) => Promise<Piece<View> | null>,
  ): AsyncIterable<View | Silence> {
    for (const asked of this.#threads()) {
      let before = 0;
      for (let pieces = 0; pieces < PIECES_MAX; pieces++) {
        const one = await piece(asked, before);
        if (one === null) yield silence(asked);
        for (const view of one?.views ?? []) if (view !== null) yield view;
        if (one === null || !goesOn(before, one.next)) break;
        before = one.next;
      }
    }
  }

  #threads(): readonly ToAsk[] {
    return this.#generations().flatMap((of) =>
      Array.from({ length: of.plan.threads }, (_, thread) => ({ of, thread })),
    );
  }

  #at({ generation, thread }: SessionPlace): ToAsk | null {
    const of = this.#generations().find(({ plan }) => plan.generation === generation);
    return of === undefined || thread < 0 || thread >= of.plan.threads ? null : { of, thread };
  }
}

/** Each piece is further on than the one before. */
function goesOn(before: number, next: number): boolean {
  return next !== 0 && (before === 0 || next < before);
}

function silence({ of, thread }: ToAsk): Silence {
  return { silent: true, thread, pid: of.supervisor.pid ?? 0 };
}

function sessionView({ of, thread }: ToAsk, report: SessionReport): SessionView | null {
  const { plan } = of;
  const listener = plan.listeners[report.listener];
  const frontend = namedProxy(of, listener?.frontend ?? -1);
  if (listener === undefined || frontend === null) return null;
  const backend = namedProxy(of, report.backend);
  const server = plan.proxies[report.backend]?.servers.find(({ index }) => index === report.server);
  const siblings = plan.listeners.filter((other) => other.frontend === listener.frontend);
  return {
    name: sessionName({ generation: plan.generation, thread, serial: report.serial, request: report.request }),
    thread,
    report,
    method: methodName(report.method),
    frontend,
    listener: {
      name: listener.label === listener.name ? listener.name : '?',
      id: siblings.indexOf(listener) + 1,
      unix: listener.unix,
    },
    backend,
    server: server === undefined ? null : { name: server.name, id: server.id, ...placeOf(server.address) },
  };
}

function descriptorView(
  { of, thread }: ToAsk,
  servers: ServersByIndex,
  report: DescriptorReport,
): DescriptorView | null {
  const { plan } = of;
  const server = servers.get(report.owner);
  const isClient = report.kind === DESCRIPTOR_LISTENER || report.kind === DESCRIPTOR_CLIENT;
  const proxy = plan.proxies[(isClient ? plan.listeners[report.owner]?.frontend : server?.backend) ?? -1];
  if (proxy === undefined) return null;
  const owner = isClient ? proxy.name : `${proxy.name}/${server?.name}`;
  const kind = KINDS[report.kind] ?? 'idle';
  return { thread, pid: of.supervisor.pid ?? 0, kind, report, owner, http: proxy.http };
}

function namedProxy({ plan }: Asked, index: number): NamedProxy | null {
  const proxy = plan.proxies[index];
  return proxy === undefined ? null : { name: proxy.name, id: proxy.id, http: proxy.http };
}

function placeOf(address: ServerPlan['address']): { host: string; port: number } {
  return address.family === 'unix' ? { host: '', port: 0 } : { host: address.ip, port: address.port };
}
