import { describe, expect, it } from 'vitest';
import { initialHealth, intervalMs, transition } from '../../src/health/rise-fall.ts';

/** `+` success, `-` failure; what changed at each, `.` for nothing. */
function play(rise: number, fall: number, checks: string): string {
  let health = initialHealth({ rise, fall });
  let seen = '';
  for (const check of checks) {
    const next = transition({ rise, fall }, health, check === '+');
    health = next.health;
    seen += next.change === null ? '.' : next.change === 'up' ? 'U' : 'D';
  }
  return seen;
}

describe('rise and fall', () => {
  it.each([
    ['the first failure after the start takes a server down', 2, 3, '-', 'D'],
    ['after one success it takes `fall` failures', 2, 3, '+---', '...D'],
    ['a success in between starts the count again', 2, 3, '+--+--+---', '.........D'],
    ['a server that is down needs `rise` successes', 2, 3, '-++', 'D.U'],
    ['a failure while it rises takes it back to nothing', 3, 3, '-++-++' + '+', 'D.....U'],
    ['after rising it takes `fall` failures again', 2, 3, '-++---', 'D.U..D'],
    ['fall 1 and rise 1 change at once', 1, 1, '-+-+', 'DUDU'],
    ['further failures of a server that is down say nothing', 2, 2, '----', 'D...'],
    ['further successes of a server that is up say nothing', 2, 2, '++++', '....'],
  ])('%s', (_, rise, fall, checks, expected) => {
    expect(play(rise, fall, checks)).toBe(expected);
  });

  it('never leaves the range from 0 to rise + fall - 1', () => {
    for (const success of [true, false]) {
      for (let health = 0; health <= 4; health++) {
        const next = transition({ rise: 2, fall: 3 }, health, success).health;
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThanOrEqual(4);
      }
    }
  });
});

describe('intervals', () => {
  const limits = { rise: 2, fall: 3 };
  const all = { intervalMs: 2000, fastIntervalMs: 500, downIntervalMs: 9000 };

  it.each([
    ['settled up: inter', 4, 2000],
    ['on the way down: fastinter', 3, 500],
    ['as started: fastinter', 2, 500],
    ['on the way up: fastinter', 1, 500],
    ['settled down: downinter', 0, 9000],
  ])('%s', (_, health, expected) => {
    expect(intervalMs(limits, all, health)).toBe(expected);
  });

  it('are all `inter` when nothing else is configured', () => {
    const plain = { intervalMs: 2000, fastIntervalMs: null, downIntervalMs: null };
    expect([0, 1, 2, 3, 4].map((health) => intervalMs(limits, plain, health))).toEqual(Array(5).fill(2000));
  });
});
