import { expect, it } from 'vitest';
import { IdleMeter } from '../../src/daemon/idle-meter.ts';
import { processorMs } from '../../src/sys/process-state.ts';

it('says which share of their time the threads waited since the last look', () => {
  let usedMs = 500;
  const meter = new IdleMeter(() => usedMs, 2, 0);
  expect(meter.percent).toBe(100);
  usedMs += 500;
  meter.look(1000);
  expect(meter.percent).toBe(75);
  usedMs += 5000;
  meter.look(2000);
  expect(meter.percent).toBe(0);
  // Another process, which has used less in all.
  usedMs = 10;
  meter.look(3000);
  expect(meter.percent).toBe(100);
});

it('the kernel says what a process has used', () => {
  const before = processorMs(process.pid);
  const { user, system } = process.cpuUsage();
  // In hundredths of a second, and a moment apart.
  expect(Math.abs(before - (user + system) / 1000)).toBeLessThan(1000);
  while (processorMs(process.pid) === before) {
    // It costs something to ask.
  }
  expect(processorMs(process.pid)).toBeGreaterThan(before);
  expect(processorMs(2 ** 22 + 1)).toBe(0);
});
