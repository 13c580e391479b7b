import { describe, expect, it } from 'vitest';
import { CheckRun } from '../../../src/l4/checks/check-run.ts';
import { judgeUsual } from '../../../src/l4/checks/judgement.ts';
import { Places, placesOfThisProcess } from '../../../src/l4/checks/places.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { HandMethod, home, services, timing } from '../../support/l4-checks.ts';

describe('attempts that are under way at once', () => {
  it('wait for a place in the order in which they came', () => {
    const places = new Places(2);
    const begun: string[] = [];
    const one = (name: string) => () => void begun.push(name);
    const waiting = one('d');
    for (const begin of [one('a'), one('b'), one('c'), waiting, one('e')]) places.enter(begin);
    expect([begun, places.taken]).toEqual([['a', 'b'], 2]);
    places.leave();
    expect(begun).toEqual(['a', 'b', 'c']);
    expect([places.giveUp(waiting), places.giveUp(waiting)]).toEqual([true, false]);
    places.leave();
    expect([begun, places.taken]).toEqual([['a', 'b', 'c', 'e'], 2]);
    places.leave();
    places.leave();
    expect(places.taken).toBe(0);
  });

  it('never take all descriptors of the process', () => {
    const places = placesOfThisProcess();
    for (let i = 0; i < 100_000; i++) places.enter(() => {});
    expect(places.taken).toBeGreaterThan(100);
    expect(places.taken).toBeLessThanOrEqual(16_384);
  });

  it('checks give theirs back, however they end', async () => {
    const time = new FakeTime();
    const hand = new HandMethod();
    const places = new Places(1);
    const method = {
      ...{ countsFromStart: false, isStrictAtFirst: true, begin: hand.begin, judge: judgeUsual },
      ...{ succeeded: () => null, failed: () => '' },
    };
    const world = services({ clock: time, timers: time });
    const make = () => new CheckRun({ timing: timing(), method, home: home(), services: world, places }, null);
    const [first, second, third] = [make(), make(), make()];
    await time.advance(31_000);
    expect([hand.ends.length, places.taken]).toEqual([1, 1]);
    // The second waits and gives up; the first ends, and the third begins.
    second.suspend(true);
    hand.ends[0]?.({ kind: 'good', why: '' });
    expect([hand.ends.length, places.taken]).toEqual([2, 1]);
    third.suspend(true);
    expect(places.taken).toBe(0);
    for (const one of [first, second, third]) one.stop();
    expect([places.taken, time.due]).toEqual([0, []]);
  });
});
