import { describe, expect, it } from 'vitest';
import { Timed, TimerWheel } from '../../src/core/timer-wheel.ts';
import { SeededRandom } from '../support/random.ts';

const TICK_MS = 4;
const ROTATION_MS = 4096 * TICK_MS;

class Named extends Timed {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** A wheel that notes what fired, and when. */
function wheelAt(nowMs: number): { wheel: TimerWheel; fired: [string, number][]; to(ms: number): void } {
  let now = nowMs;
  const fired: [string, number][] = [];
  const wheel = new TimerWheel(nowMs, (timed) => fired.push([(timed as Named).name, now]));
  const to = (ms: number) => {
    now = ms;
    wheel.advance(ms);
  };
  return { wheel, fired, to };
}

describe('a deadline', () => {
  it('fires at most one tick late and never early, whatever its remainder', () => {
    for (let offset = 0; offset < 40; offset++) {
      const { wheel, fired, to } = wheelAt(1000);
      wheel.arm(new Named('a'), 1000 + offset);
      for (let ms = 1000; fired.length === 0 && ms < 1100; ms++) to(ms);
      const at = fired[0]?.[1] ?? 0;
      expect(at).toBeGreaterThanOrEqual(1000 + offset);
      expect(at).toBeLessThanOrEqual(1000 + offset + TICK_MS);
    }
  });

  it('that moves away does not fire at its first time', () => {
    const { wheel, fired, to } = wheelAt(0);
    const a = new Named('a');
    wheel.arm(a, 100);
    wheel.arm(a, 500);
    for (let ms = 0; ms < 500; ms++) to(ms);
    expect(fired).toEqual([]);
    to(504);
    expect(fired).toEqual([['a', 504]]);
  });

  it('that moves nearer fires then, and only then', () => {
    const { wheel, fired, to } = wheelAt(0);
    const a = new Named('a');
    wheel.arm(a, 5000);
    wheel.arm(a, 100);
    for (let ms = 0; ms < 10_000; ms++) to(ms);
    expect(fired.length).toBe(1);
    expect(fired[0]?.[1]).toBeLessThanOrEqual(104);
  });

  it('of 0 is none', () => {
    const { wheel, fired, to } = wheelAt(0);
    const a = new Named('a');
    wheel.arm(a, 100);
    wheel.arm(a, 0);
    to(1000);
    expect(fired).toEqual([]);
    expect(wheel.sleepMs(1000)).toBe(-1);
  });

  it('that was removed leaves nothing behind', () => {
    const { wheel, fired, to } = wheelAt(0);
    const [a, b, c] = [new Named('a'), new Named('b'), new Named('c')];
    for (const one of [a, b, c]) wheel.arm(one, 100);
    wheel.remove(b);
    wheel.remove(b);
    to(200);
    expect(fired.map(([name]) => name).sort()).toEqual(['a', 'c']);
    expect([a, b, c].map(({ timerTick, timerNext, timerPrevious }) => [timerTick, timerNext, timerPrevious])).toEqual(
      new Array(3).fill([-1, null, null]),
    );
    expect(wheel.sleepMs(200)).toBe(-1);
  });

  it.each([ROTATION_MS - 1, ROTATION_MS, ROTATION_MS + 1, 2 * ROTATION_MS + 37, 10 * ROTATION_MS])(
    'that is %i ms away waits for its own rotation',
    (awayMs) => {
      const { wheel, fired, to } = wheelAt(7);
      wheel.arm(new Named('a'), 7 + awayMs);
      for (let ms = 7; ms < 7 + awayMs; ms += 250) to(ms);
      to(6 + awayMs);
      expect(fired).toEqual([]);
      to(7 + awayMs + TICK_MS);
      expect(fired.length).toBe(1);
    },
  );

  it('in the past fires with the next tick, not after a rotation', () => {
    for (const late of [1, 3, 4, 5, 50, 5000]) {
      const { wheel, fired, to } = wheelAt(0);
      to(10_000);
      wheel.arm(new Named('a'), 10_000 - late);
      to(10_004);
      expect(fired).toEqual([['a', 10_004]]);
    }
  });

  it('fires after a sleep of more than a rotation, with all the others', () => {
    const { wheel, fired, to } = wheelAt(0);
    for (let i = 0; i < 100; i++) wheel.arm(new Named(String(i)), 1 + i * 313);
    to(5 * ROTATION_MS);
    expect(fired.length).toBe(100);
  });
});

describe('in a callback', () => {
  it('others may be removed, also of the same slot', () => {
    const all = Array.from({ length: 6 }, (_, i) => new Named(String(i)));
    const fired: string[] = [];
    const wheel = new TimerWheel(0, (timed) => {
      fired.push((timed as Named).name);
      for (const one of all) wheel.remove(one);
    });
    for (const one of all) wheel.arm(one, 100);
    wheel.advance(200);
    expect(fired.length).toBe(1);
    expect(wheel.sleepMs(200)).toBe(-1);
  });

  it.each([0, -1, -50, 1, 4, 100, ROTATION_MS])('the same may be armed again, %i ms from now', (awayMs) => {
    let now = 0;
    const fired: number[] = [];
    const wheel: TimerWheel = new TimerWheel(0, (timed) => {
      fired.push(now);
      if (fired.length < 3) wheel.arm(timed, now + awayMs);
    });
    wheel.arm(new Named('a'), 100);
    for (now = 0; now < 3 * ROTATION_MS && fired.length < 3; now++) wheel.advance(now);
    expect(fired.length).toBe(3);
    const gaps = fired.slice(1).map((at, i) => at - (fired[i] ?? 0));
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(awayMs);
      expect(gap).toBeLessThanOrEqual(Math.max(awayMs, 0) + TICK_MS);
    }
  });
});

describe('sleepMs', () => {
  it('is -1 when nothing is due, ever', () => {
    const { wheel } = wheelAt(0);
    expect(wheel.sleepMs(0)).toBe(-1);
  });

  it('never sleeps past the soonest deadline, and does sleep', () => {
    const random = new SeededRandom(7);
    const { wheel, fired, to } = wheelAt(0);
    const all = Array.from({ length: 50 }, (_, i) => new Named(String(i)));
    const due = new Map<string, number>();
    let now = 0;
    let sleeps = 0;
    for (const one of all) {
      const at = now + 1 + random.size(40_000);
      due.set(one.name, at);
      wheel.arm(one, at);
    }
    while (due.size > 0) {
      const sleep = wheel.sleepMs(now);
      const soonest = Math.min(...due.values());
      expect(now + sleep).toBeLessThanOrEqual(soonest + TICK_MS);
      sleeps++;
      expect(sleeps).toBeLessThan(500);
      now += sleep;
      to(now);
      for (const [name] of fired.splice(0)) {
        expect(now - (due.get(name) ?? 0)).toBeGreaterThanOrEqual(0);
        due.delete(name);
      }
    }
  });
});

describe('thousands of deadlines', () => {
  it.each([1, 2, 3, 4])('fire as in a list that is searched (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const all = Array.from({ length: 2000 }, (_, i) => new Named(String(i)));
    const due = new Map<Timed, number>();
    const armed = new Map<Timed, number>();
    let now = random.below(100_000);
    let wrong = 0;
    const wheel: TimerWheel = new TimerWheel(now, (timed) => {
      const at = due.get(timed);
      if (at === undefined || now < at) wrong++;
      due.delete(timed);
      if (random.below(3) === 0) arm(timed);
      if (random.below(5) === 0) drop(all[random.below(all.length)]);
    });
    function arm(timed: Timed | undefined): void {
      if (timed === undefined) return;
      const at = now + random.size(3 * ROTATION_MS) - 20;
      if (at <= 0) return;
      due.set(timed, at);
      armed.set(timed, now);
      wheel.arm(timed, at);
    }
    function drop(timed: Timed | undefined): void {
      if (timed === undefined) return;
      due.delete(timed);
      if (random.below(2) === 0) wheel.remove(timed);
      else wheel.arm(timed, 0);
    }
    for (let step = 0; step < 3000; step++) {
      for (let i = 0; i < 8; i++) arm(all[random.below(all.length)]);
      drop(all[random.below(all.length)]);
      now += random.size(step % 100 === 0 ? 2 * ROTATION_MS : 40);
      wheel.advance(now);
      let late = 0;
      for (const [timed, at] of due) if (Math.max(at, armed.get(timed) ?? 0) + TICK_MS <= now) late++;
      expect(late).toBe(0);
      expect(wrong).toBe(0);
      if (step % 50 === 0) expect(wheel.sleepMs(now) === -1).toBe(all.every(({ timerTick }) => timerTick === -1));
    }
  });
});
