/** The average of the last 1024 times, however they are looked at. */
import { describe, expect, it } from 'vitest';
import { SlidingAverage } from '../../src/daemon/sliding-average.ts';

/** HAProxy's, from its sum of 1024: each sample moves it. */
function haproxy(samples: readonly number[]): number {
  let sum = 0;
  samples.forEach((sample, i) => {
    sum = i < 1024 ? sum + sample : sum + sample - Math.floor((sum + 1023) / 1024);
  });
  const window = Math.min(1024, samples.length);
  return Math.ceil(sum / window);
}

function fed(samples: readonly number[], each: number): number {
  const average = new SlidingAverage();
  for (let i = 0; i < samples.length; i += each) {
    const some = samples.slice(i, i + each);
    average.feed(
      some.length,
      some.reduce((sum, ms) => sum + ms, 0),
    );
  }
  return average.valueMs;
}

describe('a sliding average', () => {
  it('is 0 of nothing', () => {
    const average = new SlidingAverage();
    average.feed(0, 0);
    expect(average.valueMs).toBe(0);
  });

  it.each([[[7]], [[1, 2]], [[0, 0, 1]], [[10, 20, 30]], [Array.from({ length: 1024 }, (_, i) => i)]])(
    'of up to 1024 is that of all, upwards: %s',
    (samples) => {
      for (const each of [1, 2, 5000]) expect(fed(samples, each)).toBe(haproxy(samples));
    },
  );

  it.each([
    ['a jump', (i: number) => (i < 2000 ? 10 : 400)],
    ['a slope', (i: number) => i / 10],
    ['noise', (i: number) => (i * 7919) % 100],
  ])('of more follows as HAProxy’s does, to 2 %%: %s', (_, timeOf) => {
    const samples = Array.from({ length: 5000 }, (_, i) => Math.floor(timeOf(i)));
    for (const each of [1, 100]) {
      const off = Math.abs(fed(samples, each) - haproxy(samples)) / haproxy(samples);
      expect(off).toBeLessThan(0.02);
    }
  });

  it('forgets when it is cleared', () => {
    const average = new SlidingAverage();
    average.feed(2000, 2_000_000);
    average.clear();
    average.feed(1, 3);
    expect(average.valueMs).toBe(3);
  });
});
