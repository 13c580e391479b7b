import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { onRealtimeSignal, realtimeSignal } from '../../src/sys/realtime-signals.ts';

it('is heard as often as the loop turns, until nobody listens any more', async () => {
  const signal = realtimeSignal({ afterFirst: 2 });
  expect(signal).toBeGreaterThan(Math.max(...Object.values(constants.signals)));
  expect(realtimeSignal({ beforeLast: 1 })).toBe(63);
  let heard = 0;
  let resolve = () => {};
  const stop = onRealtimeSignal(signal, () => {
    heard++;
    resolve();
  });
  expect(stop).not.toBeNull();
  for (let times = 1; times <= 3; times++) {
    const next = new Promise<void>((done) => {
      resolve = done;
    });
    process.kill(process.pid, signal);
    await next;
    expect(heard).toBe(times);
  }
  // Others may listen to it, too: libuv keeps the handler as long as one does.
  const other = onRealtimeSignal(signal, () => {});
  stop?.();
  process.kill(process.pid, signal);
  await sleep(20);
  expect(heard).toBe(3);
  other?.();
});
