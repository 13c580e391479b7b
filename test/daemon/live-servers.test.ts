/** Servers that come, change and go: what data processes are told of it, whenever they start, and whose rows are free again. */
import { beforeEach, describe, expect, it } from 'vitest';
import { LiveServers } from '../../src/daemon/live-servers.ts';
import type { ServerChanges } from '../../src/proxy/messages.ts';
import type { Plan, ServerPlan } from '../../src/proxy/plan.ts';
import {
  layoutOf,
  SERVER_IDLE,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_TOTAL_SESSIONS,
  SharedState,
  THREAD_SERVERS,
} from '../../src/proxy/shared-state.ts';
import { FakeAdminSide } from '../support/admin-side.ts';

const TEXT = `
defaults
 timeout connect 1s
 timeout client 1s
 timeout server 1s
listen a
 bind :1
 server a1 192.0.2.1:80
 server a2 192.0.2.2:80
listen b
 bind :2
 server b1 192.0.2.3:80
`;

let compiled: Plan;
let state: SharedState;
let live: LiveServers;
let told: ServerChanges[];
beforeEach(() => {
  compiled = { ...new FakeAdminSide(TEXT).plan, threads: 2, spareServers: 2 };
  const layout = layoutOf(compiled);
  state = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
  told = [];
  live = new LiveServers(compiled, state, async (changes) => {
    told.push(changes);
  });
});

function names(): string[] {
  return live.plan.proxies.map(({ servers }) => servers.map(({ name }) => name).join(' '));
}

function serverAt(backend: number, position: number): ServerPlan {
  const server = live.plan.proxies[backend]?.servers[position];
  if (server === undefined) throw new Error('no such server');
  return server;
}

function add(name: string, backend = 0): number | null {
  const index = live.takeRow();
  if (index !== null) void live.add({ ...serverAt(1, 0), name, backend, index });
  return index;
}

/** All threads have heard of everything. */
function hear(): void {
  for (const thread of [0, 1]) state.set(state.thread(thread) + THREAD_SERVERS, told.at(-1)?.number ?? 0);
}

describe('the lists', () => {
  it('have who came last at the end, and not who is gone', () => {
    expect(add('a3')).toBe(3);
    expect(add('a4')).toBe(4);
    expect(names()).toEqual(['a1 a2 a3 a4', 'b1']);
    void live.remove(serverAt(0, 0));
    void live.remove(serverAt(0, 1));
    expect(names()).toEqual(['a2 a4', 'b1']);
  });

  it('leave the compiled plan as it was', () => {
    add('a3');
    void live.remove(serverAt(0, 0));
    expect(compiled.proxies[0]?.servers.map(({ name }) => name)).toEqual(['a1', 'a2']);
  });
});

describe('what data processes are told', () => {
  it('is numbered, one change after the other', () => {
    add('a3');
    void live.change({ ...serverAt(1, 0), maxconn: 5 });
    void live.remove(serverAt(0, 0));
    expect(told.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(told.map(({ changes }) => changes.map(({ kind }) => kind))).toEqual([['set'], ['set'], ['gone']]);
  });

  it('is all of it for one that starts later, in the order of the lists', () => {
    add('a3');
    add('b2', 1);
    void live.change({ ...serverAt(0, 1), maxconn: 7 });
    void live.remove(serverAt(0, 0));
    void live.remove(serverAt(0, 1));
    const { number, changes } = live.sinceThen;
    expect(number).toBe(5);
    expect(changes).toEqual([
      { kind: 'gone', index: 0 },
      { kind: 'set', server: expect.objectContaining({ name: 'a2', maxconn: 7 }) },
      { kind: 'set', server: expect.objectContaining({ name: 'b2', index: 4 }) },
    ]);
  });

  it('is nothing where nothing has changed', () => {
    expect(live.sinceThen).toEqual({ number: 0, changes: [] });
  });
});

describe('a row', () => {
  it('is there for so many and no more', () => {
    expect([add('x'), add('y'), add('z')]).toEqual([3, 4, null]);
  });

  it('is free again when all threads know that its server is gone', () => {
    add('x');
    add('y');
    void live.remove(serverAt(0, 2));
    expect(add('z')).toBeNull();
    state.set(state.thread(0) + THREAD_SERVERS, 3);
    expect(add('z')).toBeNull();
    state.set(state.thread(1) + THREAD_SERVERS, 3);
    expect(add('z')).toBe(3);
  });

  it.each([
    ['a stream', SERVER_SESSIONS],
    ['somebody who waits', SERVER_QUEUED],
    ['an idle connection', SERVER_IDLE],
  ])('is not free while %s has a part in it', (_what, gauge) => {
    add('x');
    add('y');
    state.set(state.server(3) + gauge, 1);
    void live.remove(serverAt(0, 2));
    hear();
    expect(add('z')).toBeNull();
    state.set(state.server(3) + gauge, 0);
    expect(add('z')).toBe(3);
  });

  it('begins with nothing', () => {
    add('x');
    state.set(state.server(3) + SERVER_TOTAL_SESSIONS, 12);
    state.set(state.serverLine(3), 7);
    void live.remove(serverAt(0, 2));
    hear();
    add('y');
    expect(add('z')).toBe(3);
    expect(state.get(state.server(3) + SERVER_TOTAL_SESSIONS)).toBe(0);
    expect(state.get(state.serverLine(3))).toBe(0);
  });

  it('of a server of the configuration is never another one’s', () => {
    void live.remove(serverAt(0, 0));
    hear();
    expect([add('x'), add('y'), add('z')]).toEqual([3, 4, null]);
  });
});

describe('who watches', () => {
  it('hears of a server before it goes, and when it has come', () => {
    const seen: string[] = [];
    live.watch({
      came: ({ name }) => seen.push(`${name} came, ${names()[0]}`),
      goes: ({ name }) => seen.push(`${name} goes, ${names()[0]}`),
    });
    add('x');
    void live.remove(serverAt(0, 0));
    expect(seen).toEqual(['x came, a1 a2 x', 'a1 goes, a1 a2 x']);
  });
});
