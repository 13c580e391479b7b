/** Sessions of all generations, from threads that answer, hang, or lie. */
import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../src/daemon/compile.ts';
import { Inquiries } from '../../src/daemon/inquiries.ts';
import { type Ask, Questions } from '../../src/daemon/questions.ts';
import type { Plan } from '../../src/proxy/plan.ts';
import type { Answer } from '../../src/proxy/questions.ts';
import { FakeTime } from '../support/fake-time.ts';
import { modelOf } from '../support/model.ts';
import { report } from '../support/session-report.ts';

const CONFIG = `
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind 127.0.0.1:80 name door
  default_backend app
backend app
  server s1 127.0.0.1:8001
  server s2 127.0.0.1:8002
`;

function planOf(generation: number, threads: number): Plan {
  return compilePlan(modelOf(CONFIG), {
    generation,
    threads,
    maxconn: 1000,
    defaultProxyMaxconn: 0,
    logPid: 1,
    privileges: { uid: null, gid: null, chroot: null },
    sharedStateFd: -1,
    listeners: [
      {
        index: 0,
        sockets: [],
        frontend: 'web',
        maxconn: 0,
        name: 'door',
        label: 'door',
        ip: '127.0.0.1',
        port: 80,
        unix: false,
        acceptsProxyHeader: false,
      },
    ],
    addresses: new Map(),
    hostname: '',
    descriptors: new Map(),
  });
}

/** A generation whose threads answer as `reply` says; null: not at all. */
class Scene {
  readonly time = new FakeTime();
  readonly asked: Ask[] = [];
  readonly plan: Plan;
  readonly supervisor: { readonly pid: number };
  readonly questions: Questions;

  constructor(generation: number, threads: number, reply: (ask: Ask) => Answer | null) {
    this.plan = planOf(generation, threads);
    this.supervisor = { pid: 1000 + generation };
    this.questions = new Questions({
      timers: this.time,
      send: (message) => {
        this.asked.push(message);
        const answer = reply(message);
        if (answer === null) queueMicrotask(() => void this.time.advance(2000));
        else queueMicrotask(() => this.questions.answered(message.id, answer));
        return true;
      },
    });
  }
}

async function namesOf(inquiries: Inquiries): Promise<string[]> {
  const names: string[] = [];
  for await (const one of inquiries.sessions(false)) {
    names.push('silent' in one ? `thread ${one.thread} of ${one.pid} is silent` : one.name);
  }
  return names;
}

const sessions = (serials: readonly number[], next = 0): Answer => ({
  type: 'sessions',
  sessions: serials.map((serial) => report({ serial })),
  next,
});

describe('sessions', () => {
  it('of each thread of each generation, with the names of that one', async () => {
    const now = new Scene(2, 2, ({ thread }) => sessions([thread + 1]));
    const before = new Scene(1, 1, () => sessions([9]));
    const inquiries = new Inquiries(() => [now, before]);
    expect(await namesOf(inquiries)).toEqual(['0x20100000001001', '0x20200000002001', '0x10100000009001']);
    const view = await inquiries.session({ generation: 1, thread: 0, serial: 9, request: 1 });
    expect(view).toMatchObject({
      frontend: { name: 'web', http: true },
      listener: { name: 'door', id: 1 },
      backend: { name: 'app' },
      server: { name: 's1', host: '127.0.0.1', port: 8001 },
      method: 'GET',
    });
    expect(before.asked.at(-1)?.question).toEqual({ type: 'session', serial: 9, request: 1 });
  });

  it('come in pieces, each asked for when the one before was used', async () => {
    const scene = new Scene(1, 1, ({ question }) =>
      'before' in question && question.before === 0 ? sessions([5, 4], 4) : sessions([3]),
    );
    const list = new Inquiries(() => [scene]).sessions(true)[Symbol.asyncIterator]();
    await list.next();
    await list.next();
    expect(scene.asked.length).toBe(1);
    await list.next();
    expect(scene.asked.map(({ question }) => question)).toEqual([
      { type: 'sessions', before: 0, whole: true },
      { type: 'sessions', before: 4, whole: true },
    ]);
    expect((await list.next()).done).toBe(true);
  });

  it('are not asked for again and again by an answer that never gets further', async () => {
    const stands = new Scene(1, 1, () => sessions([5], 7));
    expect((await namesOf(new Inquiries(() => [stands]))).length).toBe(2);
    const back = new Scene(1, 1, ({ question }) =>
      sessions([5], 'before' in question && question.before === 0 ? 7 : 8),
    );
    expect((await namesOf(new Inquiries(() => [back]))).length).toBe(2);
  });

  it('of nowhere are left out, and those of no known backend have none', async () => {
    const nowhere = [report({ listener: 7 }), report({ listener: Number.MAX_SAFE_INTEGER }), report({ backend: 99 })];
    const scene = new Scene(1, 1, () => ({ type: 'sessions', sessions: nowhere, next: 0 }));
    const views = [];
    for await (const one of new Inquiries(() => [scene]).sessions(false)) views.push(one);
    expect(views).toMatchObject([{ backend: null, server: null }]);
  });

  it('of a thread that does not answer are said to be missing, and the others are there', async () => {
    const scene = new Scene(1, 2, ({ thread }) => (thread === 0 ? null : sessions([1])));
    expect(await namesOf(new Inquiries(() => [scene]))).toEqual(['thread 0 of 1001 is silent', '0x10200000001001']);
  });

  it('end where they are: nobody else is asked', async () => {
    const now = new Scene(2, 2, () => ({ type: 'done', count: 1 }));
    const before = new Scene(1, 1, () => ({ type: 'done', count: 0 }));
    const inquiries = new Inquiries(() => [now, before]);
    const place = { generation: 2, thread: 1, serial: 3, request: 1 };
    expect(await inquiries.endSession(place)).toBe(true);
    expect(await inquiries.endSession({ ...place, generation: 1, thread: 0 })).toBe(false);
    expect([now.asked.length, before.asked.length]).toEqual([1, 1]);
    for (const wrong of [{ generation: 3 }, { thread: 2 }, { thread: -1 }]) {
      expect(await inquiries.endSession({ ...place, ...wrong })).toBe(false);
    }
    expect([now.asked.length, before.asked.length]).toEqual([1, 1]);
  });

  it('of a server end in all generations, by its name', async () => {
    const now = new Scene(2, 2, () => ({ type: 'done', count: 2 }));
    const before = new Scene(1, 1, () => ({ type: 'done', count: 1 }));
    expect(await new Inquiries(() => [now, before]).endSessionsOf('app', 's2')).toBe(5);
    expect(now.asked[0]?.question).toEqual({ type: 'end-sessions', server: 1 });
    expect(await new Inquiries(() => [now]).endSessionsOf('app', 'other')).toBe(0);
  });
});

it('threads that hang have no figures', async () => {
  const scene = new Scene(1, 1, () => null);
  expect(await new Inquiries(() => [scene]).threads()).toEqual([
    { thread: 0, pid: 1001, isCurrent: true, figures: null },
  ]);
});

it('descriptors of what there is not are left out, and pieces go on below zero', async () => {
  const end = { family: 4, ip: '127.0.0.1', port: 80 } as const;
  const one = { fd: 9, kind: 2, reads: true, writes: false, ended: false, shut: false, local: end, remotePort: 8002 };
  const scene = new Scene(1, 1, ({ question }) => ({
    type: 'descriptors',
    descriptors: [
      { ...one, owner: 1 },
      { ...one, owner: 50 },
    ],
    next: 'before' in question && question.before === 0 ? -1 : 0,
  }));
  const owners = [];
  for await (const found of new Inquiries(() => [scene]).descriptors()) {
    owners.push('silent' in found ? 'silent' : `${found.kind} ${found.owner}`);
  }
  expect(owners).toEqual(['server app/s2', 'server app/s2']);
});
