import { describe, expect, it } from 'vitest';
import type { CheckState } from '../../../src/l4/check.ts';
import type { Outcome } from '../../../src/l4/checks/attempt.ts';
import { CheckRun } from '../../../src/l4/checks/check-run.ts';
import { judgeUsual } from '../../../src/l4/checks/judgement.ts';
import { Places } from '../../../src/l4/checks/places.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { HandMethod, home, Lines, services, timing, UNKNOWN } from '../../support/l4-checks.ts';

const GOOD: Outcome = { kind: 'good', why: 'connected' };
const BAD: Outcome = { kind: 'bad', said: 'TCP connection to [10.0.0.71]:tcp:80 failed', why: 'Connection refused' };

class Scene {
  readonly time = new FakeTime();
  readonly journal = new Lines();
  readonly hand = new HandMethod();
  readonly told: string[] = [];
  readonly run: CheckRun;

  constructor(
    more: Parameters<typeof timing>[0] = {},
    before: CheckState | null = null,
    how: { countsFromStart?: boolean; isStrictAtFirst?: boolean; chance?: number } = {},
  ) {
    const { countsFromStart = false, isStrictAtFirst = true, chance = 0.5 } = how;
    const method = {
      ...{ countsFromStart, isStrictAtFirst, begin: this.hand.begin, judge: judgeUsual },
      succeeded: () => 'TCP connection to [10.0.0.71]:tcp:80 success.',
      failed: () => 'TCP_CHECK on service [10.0.0.71]:tcp:80',
    };
    const changed = (state: CheckState): void => {
      this.told.push(`${state.isUp ? 'up' : 'down'} ${state.weightChange} ${state.why}`);
    };
    const { time, journal } = this;
    const world = services({ clock: time, timers: time, journal, random: { next: () => chance } });
    this.run = new CheckRun(
      { timing: timing(more), method, home: home({ changed }), services: world, places: new Places(1) },
      before,
    );
    journal.lines.length = 0;
  }

  /** Ends the attempt that is under way. */
  end(outcome: Outcome): void {
    const end = this.hand.ends.pop();
    if (end === undefined) throw new Error('no attempt is under way');
    end(outcome);
  }

  get nextInMs(): number | undefined {
    const [first] = this.time.due;
    return first === undefined ? undefined : first - this.time.monotonicMs();
  }

  /** Waits for the next attempt, and ends it. */
  async next(outcome: Outcome): Promise<void> {
    await this.time.advance(this.nextInMs ?? 0);
    this.end(outcome);
  }
}

describe('a check at work', () => {
  it.each([
    [0, 1000],
    [0.5, 31_000],
    [0.999, 60_940],
  ])('begins a second after the start and a part (%d) of warmup', (chance, atMs) => {
    expect(new Scene({ warmupMs: 60_000 }, null, { chance }).nextInMs).toBe(atMs);
  });

  it('waits from the end of an attempt to the next, retries included', async () => {
    const scene = new Scene({ intervalMs: 10_000, retryDelayMs: 3000 });
    await scene.next(GOOD);
    expect(scene.nextInMs).toBe(10_000);
    await scene.time.advance(10_000);
    await scene.time.advance(700);
    scene.end(BAD);
    expect(scene.nextInMs).toBe(3000);
    await scene.next(BAD);
    expect(scene.nextInMs).toBe(10_000);
    expect(scene.told).toEqual(['up 0 connected', 'down 0 Connection refused']);
  });

  it('counts from start to start where a program is run', async () => {
    const scene = new Scene({ intervalMs: 10_000 }, null, { countsFromStart: true });
    await scene.time.advance(1000);
    await scene.time.advance(7000);
    scene.end(GOOD);
    expect(scene.nextInMs).toBe(3000);
    await scene.time.advance(3000);
    await scene.time.advance(12_000);
    scene.end(GOOD);
    expect(scene.nextInMs).toBe(0);
  });

  it('is up at first, with alpha down, and tells of the first result whatever it is', async () => {
    const usual = new Scene();
    expect(usual.run.state).toEqual(UNKNOWN);
    await usual.next(GOOD);
    const alpha = new Scene({ alpha: true });
    expect(alpha.run.state.isUp).toBe(false);
    await alpha.next(BAD);
    expect([usual.told, alpha.told]).toEqual([['up 0 connected'], ['down 0 Connection refused']]);
    await alpha.next(GOOD);
    expect(alpha.told).toEqual(['down 0 Connection refused', 'up 0 connected']);
  });

  it('tells nothing of what is as before', async () => {
    const scene = new Scene();
    for (const outcome of [GOOD, GOOD, BAD, GOOD]) await scene.next(outcome);
    expect(scene.told).toEqual(['up 0 connected']);
  });

  it('the first failure after a start counts by itself', async () => {
    const scene = new Scene({ retries: 5 });
    await scene.next(BAD);
    expect(scene.told).toEqual(['down 0 Connection refused']);
    expect(scene.journal.lines).toEqual(['TCP_CHECK on service [10.0.0.71]:tcp:80 failed: Connection refused.']);
  });

  it('a kind that is not strict tries again first, and has told that it was looked at', async () => {
    const scene = new Scene({ retries: 1 }, null, { isStrictAtFirst: false });
    await scene.next(BAD);
    expect([scene.told, scene.journal.lines]).toEqual([['up 0 Connection refused'], []]);
    await scene.next(BAD);
    expect(scene.told).toEqual(['up 0 Connection refused', 'down 0 Connection refused']);
  });

  it('goes on after a reload as what it knew says, retries included', async () => {
    const before = { isUp: false, weightChange: 0, why: 'Connection refused', checkedWallMs: 5 };
    const down = new Scene({}, before);
    expect(down.run.state).toBe(before);
    await down.next(BAD);
    expect(down.told).toEqual([]);
    const up = new Scene({ retries: 1 }, { ...before, isUp: true });
    await up.next(BAD);
    expect(up.told).toEqual([]);
    await up.next(BAD);
    expect(up.told).toEqual(['down 0 Connection refused']);
  });

  it('begins with what is assumed of it, and the first failure counts then', async () => {
    const scene = new Scene({ alpha: true, retries: 3 }, UNKNOWN);
    expect(scene.run.state.isUp).toBe(true);
    await scene.next(BAD);
    expect(scene.told).toEqual(['down 0 Connection refused']);
  });

  it('says what changes in keepalived’s words, and with log_all_failures each attempt of a server that is up', async () => {
    const quiet = new Scene();
    const loud = new Scene({ logAllFailures: true });
    for (const scene of [quiet, loud]) for (const one of [GOOD, BAD, BAD, BAD, GOOD]) await scene.next(one);
    const news = [
      'TCP connection to [10.0.0.71]:tcp:80 success.',
      'TCP_CHECK on service [10.0.0.71]:tcp:80 failed after 1 retries: Connection refused.',
      'TCP connection to [10.0.0.71]:tcp:80 success.',
    ];
    const each = 'TCP connection to [10.0.0.71]:tcp:80 failed: Connection refused.';
    expect(quiet.journal.lines).toEqual(news);
    expect(loud.journal.lines).toEqual([news[0], each, each, news[1], news[2]]);
  });

  it('what could not be tried says nothing of the server; the reason is said once', async () => {
    const scene = new Scene();
    const unmade: Outcome = { kind: 'unmade', why: 'Too many open files' };
    for (let i = 0; i < 3; i++) await scene.next(unmade);
    expect(scene.nextInMs).toBe(10_000);
    expect(scene.run.state).toEqual({ ...UNKNOWN, why: 'cannot be made: Too many open files' });
    expect([scene.told, scene.journal.lines]).toEqual([
      [],
      ['The check of [10.0.0.71]:tcp:80 of [192.0.2.1]:tcp:80 cannot be made: Too many open files. Rescheduling.'],
    ]);
    await scene.next(GOOD);
    await scene.next(unmade);
    expect(scene.journal.lines).toHaveLength(3);
  });

  it('weights come and go with results, and stay while retries decide', async () => {
    const scene = new Scene({ retries: 1 });
    await scene.next({ ...GOOD, weightChange: 5 });
    await scene.next({ ...GOOD, weightChange: 5 });
    await scene.next(BAD);
    expect(scene.run.state.weightChange).toBe(5);
    await scene.next(BAD);
    await scene.next({ ...GOOD, weightChange: -1 });
    expect(scene.told).toEqual(['up 5 connected', 'down 0 Connection refused', 'up -1 connected']);
  });

  it('suspended, it makes no attempts, ends the one under way and keeps its state', async () => {
    const scene = new Scene({ intervalMs: 10_000 });
    await scene.time.advance(1000);
    scene.run.suspend(true);
    scene.run.suspend(true);
    expect([scene.hand.cancelled, scene.hand.ends.length]).toEqual([1, 1]);
    await scene.time.advance(65_000);
    expect([scene.hand.ends.length, scene.run.state]).toEqual([1, UNKNOWN]);
    scene.run.suspend(false);
    await scene.time.advance(10_000);
    expect(scene.hand.ends.length).toBe(2);
    expect(scene.journal.lines).toEqual([
      'Suspending healthchecker for service [10.0.0.71]:tcp:80 for VS [192.0.2.1]:tcp:80',
      'Activating healthchecker for service [10.0.0.71]:tcp:80 for VS [192.0.2.1]:tcp:80',
    ]);
  });

  it('stopped, nothing is under way and nothing waits', async () => {
    const idle = new Scene();
    idle.run.stop();
    const busy = new Scene();
    await busy.time.advance(1000);
    busy.run.stop();
    expect([idle.time.due, busy.time.due, busy.hand.cancelled]).toEqual([[], [], 1]);
  });

  it('may be stopped by who hears of a change', async () => {
    const scene = new Scene();
    scene.told.push = () => {
      scene.run.stop();
      return 0;
    };
    await scene.next(BAD);
    expect(scene.time.due).toEqual([]);
  });
});
