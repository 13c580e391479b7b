/** Schedulers as tables of slots, and shares from counts. */
import { describe, expect, it } from 'vitest';
import { ServerIds } from '../../src/l4/server-ids.ts';
import { LOOK_AHEAD, sharesOf } from '../../src/l4/shares.ts';
import { MAGLEV_SLOTS, MOST_SLOTS, slotsOf } from '../../src/l4/slots.ts';
import { destination, service } from '../support/l4-services.ts';

function servers(...weights: readonly number[]) {
  return weights.map((weight, i) => destination(`10.0.0.${i + 1}`, 80, { weight }));
}

function letters(scheduler: Parameters<typeof sharesOf>[0], ...weights: readonly number[]): string {
  const destinations = servers(...weights);
  const slots = slotsOf(service('s', { scheduler, destinations }));
  return slots.map((slot) => 'abcdef'[destinations.indexOf(slot)]).join('');
}

describe('slots', () => {
  it.each([
    ['rr', [3, 1, 0], 'ab'],
    ['wrr', [4, 2, 2], 'abca'],
    ['wrr', [5, 1, 1], 'aabacaa'],
    ['wrr', [0, 0], ''],
    ['wlc', [200, 100], 'aba'],
    ['dh', [9, 1], 'ab'],
    ['sh', [2, 1], 'aba'],
  ] as const)('%s with weights %j: %s', (scheduler, weights, expected) => {
    expect(letters(scheduler, ...weights)).toBe(expected);
  });

  it('gives everybody a slot where weights need more than there are', () => {
    const slots = letters('wrr', 65_535, 1, 32_768);
    expect(slots.length).toBeLessThanOrEqual(MOST_SLOTS);
    expect(slots).toContain('b');
    expect(slots.split('a').length).toBeGreaterThan(slots.split('c').length * 1.8);
  });

  it('takes shares in place of weights, and weights where nobody has a share', () => {
    const [one = destination('::', 0), two = destination('::', 0)] = servers(1, 1);
    const lc = (a: number, b: number) =>
      slotsOf(
        service('s', {
          scheduler: 'lc',
          destinations: [
            { ...one, share: a },
            { ...two, share: b },
          ],
        }),
      );
    expect(lc(3, 1)).toEqual([one, one, two, one].map(({ key }) => expect.objectContaining({ key })));
    expect(lc(5, 0).map(({ key }) => key)).toEqual([one.key]);
    expect(lc(0, 0)).toHaveLength(2);
  });

  it('mh: a server that goes leaves the slots of others alone, but for a few', () => {
    const all = servers(1, 1, 1, 1, 1);
    const gone = all[2];
    const before = slotsOf(service('s', { scheduler: 'mh', destinations: all }));
    const after = slotsOf(service('s', { scheduler: 'mh', destinations: all.filter((one) => one !== gone) }));
    expect(before).toHaveLength(MAGLEV_SLOTS);
    const moved = before.filter((slot, i) => slot !== gone && slot.key !== after[i]?.key);
    expect(moved.length).toBeLessThan(MAGLEV_SLOTS / 10);
    const counts = all.map((one) => before.filter((slot) => slot === one).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });

  it('mh: by weight', () => {
    const all = servers(3, 1);
    const slots = slotsOf(service('s', { scheduler: 'mh', destinations: all }));
    const first = slots.filter((slot) => slot === all[0]).length;
    expect(Math.abs(first - (MAGLEV_SLOTS * 3) / 4)).toBeLessThan(3);
  });
});

describe('shares of connections to come', () => {
  const load = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([weight, connections]) => ({ weight, connections }));

  it.each([
    ['lc', load([1, 0], [9, 0]), [32, 32]],
    ['lc', load([1, 100], [1, 0]), [0, 64]],
    ['wlc', load([3, 0], [1, 0]), [48, 16]],
    ['sed', load([3, 0], [1, 0]), [48, 16]],
    ['wlc', load([1, 0], [0, 0]), [64, 0]],
    ['lc', load([0, 0], [0, 0]), [0, 0]],
  ] as const)('%s of %j: %j', (scheduler, servers, expected) => {
    expect(sharesOf(scheduler, servers)).toEqual(expected);
    expect(LOOK_AHEAD).toBe(64);
  });

  it('nq: one who has nothing to do is first, and who is slow gets his one', () => {
    const sed = sharesOf('sed', load([1000, 0], [1, 0]));
    const nq = sharesOf('nq', load([1000, 0], [1, 0]));
    expect(sed).toEqual([64, 0]);
    expect(nq).toEqual([63, 1]);
  });

  it('others ask for no counts', () => expect(sharesOf('wrr', load([1, 1]))).toBeNull());
});

it('numbers of servers are theirs whoever else is there, and no two the same', () => {
  const ids = new ServerIds();
  const all = Array.from({ length: 500 }, (_, i) => ids.idOf('web', `s${i}`));
  expect(new Set(all).size).toBe(500);
  expect(new ServerIds().idOf('web', 's7')).toBe(all[7]);
  expect(ids.idOf('web', 's7')).toBe(all[7]);
  expect(ids.idOf('dns', 's7')).not.toBe(all[7]);
  for (const id of all) expect(id).toMatch(/^[4-7][0-9a-f]{3}:[0-9a-f]{0,3}0$/);
});
