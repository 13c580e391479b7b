import { beforeEach, describe, expect, it } from 'vitest';
import { Chronicle } from '../../src/daemon/chronicle.ts';
import type { DataProcessEvents } from '../../src/daemon/spawn.ts';
import { DataSupervisor } from '../../src/daemon/supervisor.ts';
import { createSharedMemory } from '../../src/daemon/verdicts.ts';
import type { ToData } from '../../src/proxy/messages.ts';
import type { Plan } from '../../src/proxy/plan.ts';
import { HEADER_CONNECTIONS, THREAD_WOKEN } from '../../src/proxy/shared-state.ts';
import { FakeTime, settle } from '../support/fake-time.ts';

const plan: Plan = {
  generation: 1,
  cpus: [],
  threads: 1,
  privileges: { uid: null, gid: null, chroot: null },
  seccomp: true,
  reuseFirst: true,
  poller: 'auto',
  bufferSizeBytes: 16_384,
  maxRewriteBytes: 1024,
  maxHeaders: 101,
  acceptsAnyPayload: false,
  nameCases: [],
  minBodyRate: 20,
  maxconn: 10,
  logPid: 1,
  sharedStateFd: 4,
  proxies: [],
  listeners: [],
};

/** Data processes that do what the test says. */
class Fleet {
  readonly started: { readonly events: DataProcessEvents; readonly atMs: number }[] = [];
  readonly sent: string[] = [];
  readonly killed: string[] = [];
  readonly time: FakeTime;

  constructor(time: FakeTime) {
    this.time = time;
  }

  readonly start = (_inherited: readonly number[], events: DataProcessEvents) => {
    const pid = this.started.push({ events, atMs: this.time.monotonicMs() });
    return {
      pid,
      send: (message: ToData) => this.sent.push(`${pid} ${message.type}`),
      kill: (signal: string) => this.killed.push(`${pid} ${signal}`),
    };
  };

  eventsOf(pid: number): DataProcessEvents {
    const one = this.started[pid - 1];
    if (one === undefined) throw new Error(`there is no process ${pid}`);
    return one.events;
  }

  last(): DataProcessEvents {
    const one = this.started.at(-1);
    if (one === undefined) throw new Error('none was started');
    return one.events;
  }

  ready(): void {
    this.last().message({ type: 'ready', poller: 'epoll', threads: 1 });
  }
}

let time: FakeTime;
let fleet: Fleet;
let said: string[];
let supervisor: DataSupervisor;
let supervise: (spare: boolean) => DataSupervisor;
let state: ReturnType<typeof createSharedMemory>['state'];

beforeEach(() => {
  time = new FakeTime();
  fleet = new Fleet(time);
  said = [];
  ({ state } = createSharedMemory(plan));
  const note = (text: string) => said.push(text);
  const journal = { notice: note, warning: note, alert: note };
  const parts = { start: fleet.start, plan, state, inherited: [9], journal, chronicle: new Chronicle(time) };
  supervise = (spare) =>
    new DataSupervisor({
      servers: () => ({ number: 0, changes: [] }),
      ...parts,
      clock: time,
      timers: time,
      spare,
    });
  supervisor = supervise(false);
});

async function serve(): Promise<void> {
  const started = supervisor.start();
  fleet.ready();
  await started;
}

describe('the first start', () => {
  it('sends the plan and waits for ready', async () => {
    const started = supervisor.start();
    expect(fleet.sent).toEqual(['1 plan']);
    fleet.ready();
    expect(await started).toMatchObject({ poller: 'epoll', threads: 1 });
    expect(supervisor.serving).toBe(true);
  });

  it('fails with what the data process says, and is not tried again', async () => {
    const started = supervisor.start();
    fleet.last().message({ type: 'failed', message: 'Cannot chroot(/x).' });
    fleet.last().exit('code 1', 1);
    await expect(started).rejects.toThrow('Cannot chroot(/x).');
    await supervisor.ended;
    await time.advance(60_000);
    expect(fleet.started).toHaveLength(1);
  });

  it('fails when nothing is heard for ten seconds', async () => {
    const started = supervisor.start();
    const outcome = expect(started).rejects.toThrow('not ready within 10 s');
    await time.advance(10_000);
    expect(fleet.killed).toEqual(['1 SIGKILL']);
    fleet.last().exit('signal SIGKILL', null);
    await outcome;
  });
});

describe('a data process that dies', () => {
  it('is followed by another one at once, and what it counted is forgotten', async () => {
    await serve();
    // Connections, who waited for them, and that a thread was woken but had not looked.
    const words = [HEADER_CONNECTIONS, state.processLine, state.thread(0) + THREAD_WOKEN];
    for (const word of words) state.set(word, 5);
    fleet.last().exit('signal SIGSEGV', null);
    expect(fleet.started).toHaveLength(2);
    expect(words.map((word) => state.get(word))).toEqual([0, 0, 0]);
    expect(said.join()).toContain('data process 1 died (it ended with signal SIGSEGV); a new one starts at once');
  });

  it('again and again is followed ever more slowly', async () => {
    await serve();
    for (let i = 0; i < 4; i++) {
      fleet.last().exit('code 1', 1);
      await time.advance(10_000 - 1);
    }
    expect(fleet.started.map(({ atMs }) => atMs)).toEqual(
      [0, 0, 10_099, 20_198, 30_397].map((at, i) => (i < 2 ? at : at)),
    );
  });

  it('while it starts is treated the same', async () => {
    await serve();
    fleet.last().exit('code 1', 1);
    fleet.last().exit('code 1', 1);
    expect(fleet.started).toHaveLength(2);
    await time.advance(100);
    expect(fleet.started).toHaveLength(3);
  });

  it('is woken for verdicts that it may have missed', async () => {
    await serve();
    fleet.last().exit('code 1', 1);
    supervisor.wake();
    expect(fleet.sent.filter((one) => one === '2 verdicts')).toEqual([]);
    fleet.ready();
    expect(fleet.sent).toContain('2 verdicts');
  });
});

describe('a data process that does not do what it should', () => {
  it('is killed and followed by another one, which says why', async () => {
    await serve();
    supervisor.replace('thread 1 hangs');
    expect(fleet.killed).toEqual(['1 SIGKILL']);
    fleet.last().exit('signal SIGKILL', null);
    expect(fleet.started).toHaveLength(2);
    expect(said.join()).toContain('data process 1 died (thread 1 hangs); a new one starts at once');
  });

  it('is left alone while it is not the one that serves', async () => {
    await serve();
    supervisor.drain();
    supervisor.replace('thread 1 hangs');
    expect(fleet.killed).toEqual([]);
  });
});

describe('with a spare', () => {
  beforeEach(async () => {
    supervisor = supervise(true);
    await serve();
    expect(fleet.started).toHaveLength(1);
    await time.advance(1000);
    expect(fleet.started).toHaveLength(2);
    fleet.sent.splice(0);
  });

  it('one that dies is replaced by it, and it by a new one, when the first serves', async () => {
    fleet.eventsOf(1).exit('signal SIGKILL', null);
    expect(fleet.sent).toEqual(['2 serve']);
    expect(fleet.started).toHaveLength(2);
    expect(supervisor.serving).toBe(false);
    await time.advance(5000);
    expect(fleet.started).toHaveLength(2);
    fleet.eventsOf(2).message({ type: 'ready', poller: 'epoll', threads: 1 });
    expect(supervisor.serving).toBe(true);
    await time.advance(1000);
    expect(fleet.started).toHaveLength(3);
    expect(supervisor.processes.map(({ pid }) => pid)).toEqual([2, 3]);
  });

  it('one that dies again and again is followed as slowly as without', async () => {
    fleet.eventsOf(1).exit('code 1', 1);
    fleet.eventsOf(2).message({ type: 'ready', poller: 'epoll', threads: 1 });
    await time.advance(1000);
    fleet.eventsOf(2).exit('code 1', 1);
    expect(fleet.sent).not.toContain('3 serve');
    await time.advance(100);
    expect(fleet.sent).toContain('3 serve');
  });

  it('a spare that dies is said, and made again later; meanwhile a start is an ordinary one', async () => {
    fleet.eventsOf(2).message({ type: 'failed', message: 'no memory' });
    fleet.eventsOf(2).exit('code 1', 1);
    expect(said.join()).toContain('the spare data process ended (no memory)');
    expect(supervisor.serving).toBe(true);
    fleet.eventsOf(1).exit('code 1', 1);
    expect(fleet.sent).toEqual(['3 plan']);
    fleet.eventsOf(3).message({ type: 'ready', poller: 'epoll', threads: 1 });
    await time.advance(1000);
    expect(fleet.started).toHaveLength(4);
  });

  it('a drain begins when it is gone, with the listening sockets that it has', async () => {
    supervisor.drain();
    expect([fleet.killed, fleet.sent]).toEqual([['2 SIGKILL'], []]);
    fleet.eventsOf(2).exit('signal SIGKILL', null);
    expect(fleet.sent).toEqual(['1 stop-accepting']);
    fleet.eventsOf(1).exit('code 0', 0);
    await supervisor.ended;
    await time.advance(60_000);
    expect(fleet.started).toHaveLength(2);
  });

  it('an end is one when both are gone', async () => {
    let over = false;
    void supervisor.terminate().then(() => {
      over = true;
    });
    expect(fleet.killed).toEqual(['2 SIGKILL', '1 SIGTERM']);
    fleet.eventsOf(1).exit('signal SIGTERM', null);
    await settle();
    expect(over).toBe(false);
    fleet.eventsOf(2).exit('signal SIGKILL', null);
    await settle();
    expect(over).toBe(true);
    expect(time.due).toEqual([]);
  });
});

describe('draining', () => {
  it('tells the data process and ends with it', async () => {
    await serve();
    supervisor.drain();
    expect(fleet.sent).toContain('1 stop-accepting');
    fleet.last().exit('code 0', 0);
    await supervisor.ended;
    expect(fleet.started).toHaveLength(1);
  });

  it('does not bring back one that dies meanwhile', async () => {
    await serve();
    supervisor.drain();
    fleet.last().exit('code 1', 1);
    await supervisor.ended;
    expect(said.join()).toContain('ended with code 1 while it finished');
  });

  it('ends at once when there is none at the moment', async () => {
    await serve();
    fleet.last().exit('code 1', 1);
    fleet.last().exit('code 1', 1);
    supervisor.drain();
    await supervisor.ended;
    await time.advance(60_000);
    expect(fleet.started).toHaveLength(2);
  });
});

describe('terminating', () => {
  it('asks first and kills after half a second', async () => {
    await serve();
    const ended = supervisor.terminate();
    expect(fleet.killed).toEqual(['1 SIGTERM']);
    await time.advance(500);
    expect(fleet.killed).toEqual(['1 SIGTERM', '1 SIGKILL']);
    fleet.last().exit('signal SIGKILL', null);
    await ended;
    expect(time.due).toEqual([]);
  });

  it('does not start another one', async () => {
    await serve();
    void supervisor.terminate();
    fleet.last().exit('signal SIGTERM', null);
    await settle();
    expect(fleet.started).toHaveLength(1);
  });

  it('cuts a drain short', async () => {
    await serve();
    supervisor.drain();
    void supervisor.terminate();
    expect(fleet.killed).toEqual(['1 SIGTERM']);
  });
});
