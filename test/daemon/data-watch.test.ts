import { beforeEach, describe, expect, it } from 'vitest';
import { DataWatch } from '../../src/daemon/data-watch.ts';
import { layoutOf, SharedState, THREAD_HEARTBEAT_MS } from '../../src/proxy/shared-state.ts';
import { FakeTime } from '../support/fake-time.ts';

const THREADS = 2;
const plan = { threads: THREADS, proxies: [], listeners: [] };

let state: SharedState;
let time: FakeTime;
let watch: DataWatch;
let done: string[];
let said: string[];
let stopped: Set<number>;
let traced: Set<number>;
let serving: boolean;

const beat = (thread: number) => state.add(state.thread(thread) + THREAD_HEARTBEAT_MS, 1);

async function pass(ms: number, ...beating: number[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    for (const thread of beating) beat(thread);
    await time.advance(250);
  }
}

beforeEach(() => {
  const layout = layoutOf(plan);
  state = new SharedState(new SharedArrayBuffer(layout.sizeBytes), layout);
  time = new FakeTime();
  done = [];
  said = [];
  stopped = new Set();
  traced = new Set();
  serving = true;
  const one = (pid: number) => ({ pid, send: () => {}, kill: (signal: string) => done.push(`${signal} ${pid}`) });
  const note = (text: string) => said.push(text);
  watch = new DataWatch({
    threads: THREADS,
    state,
    supervisor: {
      get serving() {
        return serving;
      },
      processes: [one(10), one(11)],
      replace: (reason) => done.push(`replace: ${reason}`),
    },
    journal: { notice: note, warning: note, alert: note },
    clock: time,
    timers: time,
    stopped: (pid) => stopped.has(pid),
    traced: (pid) => traced.has(pid),
  });
  watch.start();
});

describe('a process that was stopped', () => {
  it('is continued, and nobody else', () => {
    stopped.add(11);
    watch.childChanged();
    expect(done).toEqual(['SIGCONT 11']);
    expect(said).toEqual(['data process 11 was stopped by a signal; it is told to continue']);
  });
});

describe('a thread that hangs', () => {
  it('has its process replaced after two seconds', async () => {
    await pass(3000, 0, 1);
    await pass(2000, 0);
    expect(done).toEqual([]);
    await pass(500, 0);
    expect(done[0]).toBe('replace: thread 2 hangs');
  });

  it('is left alone while somebody debugs it, which is said once', async () => {
    traced.add(10);
    await pass(5000, 0);
    expect(done).toEqual([]);
    expect(said).toEqual(['thread 2 hangs; its process is being debugged and therefore left alone']);
  });

  it('is none while there is no process that serves; the next one begins anew', async () => {
    serving = false;
    await pass(10_000);
    serving = true;
    await pass(1750);
    expect(done).toEqual([]);
  });
});

describe('who was late itself', () => {
  it('judges nobody', async () => {
    await pass(1000, 0, 1);
    // The machine slept: no timer fired and no heart beat.
    time.suspend(60_000);
    await pass(1750);
    expect(done).toEqual([]);
    await pass(1000);
    expect(done[0]).toBe('replace: thread 1 hangs');
  });
});

it('ends with its timer', () => {
  watch.stop();
  expect(time.due).toEqual([]);
});

describe('how long a thread has not been seen to turn', () => {
  it('is counted from the last look that saw it', async () => {
    await pass(500, 0, 1);
    await pass(1000, 0);
    expect(watch.heartbeatAgeMs(0)).toBe(0);
    expect(watch.heartbeatAgeMs(1)).toBe(1000);
    // It turns, and nobody has looked since.
    beat(1);
    expect(watch.heartbeatAgeMs(1)).toBe(0);
    expect(watch.heartbeatAgeMs(THREADS)).toBe(0);
  });
});
