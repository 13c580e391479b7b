import { describe, expect, it } from 'vitest';
import { standingOf, type TrackedValue, type TrackResult } from '../../src/vrrp/priority.ts';

const result = (ok: boolean, weight: number): TrackResult => ({ name: `w${weight}`, ok, weight });
const value = (number: number, weight: number): TrackedValue => ({ name: 'file', value: number, weight });

describe('the effective priority', () => {
  it.each<[string, number, TrackResult[], TrackedValue[], number, number]>([
    ['nothing tracked', 100, [], [], 100, 0],
    ['a positive weight, fine: added', 100, [result(true, 20)], [], 120, 0],
    ['a positive weight, not fine: nothing', 100, [result(false, 20)], [], 100, 0],
    ['a negative weight, fine: nothing', 100, [result(true, -20)], [], 100, 0],
    ['a negative weight, not fine: taken', 100, [result(false, -20)], [], 80, 0],
    ['no weight, fine', 100, [result(true, 0)], [], 100, 0],
    ['no weight, not fine: a fault', 100, [result(false, 0)], [], 100, 1],
    ['several add up', 100, [result(true, 20), result(false, -5), result(true, 3)], [], 118, 0],
    ['never below 1', 10, [result(false, -200)], [], 1, 0],
    ['never 255', 200, [result(true, 200)], [], 254, 0],
    ['the owner is the owner', 255, [result(false, -200)], [], 255, 0],
    ['but has faults like everybody', 255, [result(false, 0)], [], 255, 1],
    ['a file: its value times the weight', 100, [], [value(7, -2)], 86, 0],
    ['a file without weight: anything but 0 is a fault', 100, [], [value(1, 0)], 100, 1],
    ['a file without weight that says 0', 100, [], [value(0, 0)], 100, 0],
    ['a file that takes 254 or more: a fault', 100, [], [value(-254, 1)], 100, 1],
  ])('%s', (_, base, results, values, priority, faults) => {
    const standing = standingOf(base, results, values);
    expect([standing.priority, standing.faults.length]).toEqual([priority, faults]);
    // What is told of it explains all of it.
    const told = standing.reasons.reduce((sum, { weight }) => sum + weight, base);
    expect(told).toBe(priority);
  });

  it('has its reasons by their keywords, and says what is missing', () => {
    const script = { name: 'script chk failed', what: 'track_script chk' };
    const { reasons } = standingOf(
      100,
      [
        { ...script, ok: false, weight: -20 },
        { ...script, ok: true, weight: 5 },
        { ...script, ok: false, weight: 7 },
        { ...script, ok: true, weight: -9 },
        { name: 'interface eth0 is down', ok: false, weight: 0 },
      ],
      [{ name: 'file load says so', what: 'track_file load', value: 3, weight: -2 }],
    );
    expect(reasons.map(({ what, weight }) => `${what} ${weight}`)).toEqual([
      'track_script chk failed -20',
      'track_script chk 5',
      'track_script chk failed 0',
      'track_file load says 3 -6',
    ]);
  });
});
