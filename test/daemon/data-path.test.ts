import { beforeEach, describe, expect, it } from 'vitest';
import { OwnDataPath } from '../../src/daemon/data-path.ts';
import type { Plan } from '../../src/proxy/plan.ts';
import {
  layoutOf,
  SERVER_STATE,
  SERVER_WEIGHT,
  SharedState,
  STATE_DOWN,
  STATE_UP,
  THREAD_HEARTBEAT_MS,
} from '../../src/proxy/shared-state.ts';
import { FakeTime } from '../support/fake-time.ts';

const server = (index: number) => ({ index, backup: false });
const plan = {
  threads: 2,
  proxies: [
    { index: 0, name: 'web', isFrontend: true, servers: [] },
    { index: 1, name: 'app', isFrontend: false, servers: [server(0), server(1)] },
  ],
  listeners: [{ frontend: 0 }],
} as unknown as Plan;

let state: SharedState;
let time: FakeTime;
let supervisor: { serving: boolean };
let path: OwnDataPath;

const beat = (thread: number) => state.add(state.thread(thread) + THREAD_HEARTBEAT_MS, 1);

beforeEach(() => {
  const layout = layoutOf(plan);
  state = new SharedState(new SharedArrayBuffer(layout.sizeBytes), layout);
  time = new FakeTime();
  supervisor = { serving: true };
  path = new OwnDataPath(plan, state, supervisor, time);
});

describe('turning', () => {
  it('while every thread’s heart beats', async () => {
    for (let i = 0; i < 10; i++) {
      beat(0);
      beat(1);
      expect(path.turns()).toBe(true);
      await time.advance(500);
    }
  });

  it('not when one has stood still for more than two seconds, until it goes on', async () => {
    path.turns();
    for (let i = 0; i < 5; i++) {
      beat(0);
      await time.advance(500);
      path.turns();
    }
    expect(path.turns()).toBe(false);
    beat(1);
    expect(path.turns()).toBe(true);
  });

  it('not without a data process; a new one has time to begin', async () => {
    supervisor.serving = false;
    await time.advance(10_000);
    expect(path.turns()).toBe(false);
    supervisor.serving = true;
    expect(path.turns()).toBe(true);
  });
});

describe('proxies and servers', () => {
  it('a frontend is open while it is served', () => {
    expect([path.isOpen('web'), path.isOpen('app'), path.isOpen('other')]).toEqual([true, false, false]);
    supervisor.serving = false;
    expect(path.isOpen('web')).toBe(false);
  });

  it('servers that take traffic are counted', () => {
    for (const index of [0, 1]) {
      state.set(state.server(index) + SERVER_STATE, STATE_UP);
      state.set(state.server(index) + SERVER_WEIGHT, 1);
    }
    expect(path.serversUp('app')).toBe(2);
    state.set(state.server(1) + SERVER_STATE, STATE_DOWN);
    expect([path.serversUp('app'), path.serversUp('web'), path.serversUp('other')]).toEqual([1, 0, 0]);
  });
});
