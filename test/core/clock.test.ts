import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('the monotonic clock does not step when somebody sets the one on the wall', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const before = systemClock.monotonicMs();
  vi.setSystemTime(new Date('2040-01-01T00:00:00Z'));
  expect(systemClock.wallMs()).toBe(Date.UTC(2040, 0, 1));
  const passedMs = systemClock.monotonicMs() - before;
  expect(passedMs).toBeGreaterThanOrEqual(0);
  expect(passedMs).toBeLessThan(10_000);
});
