import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { cpuSet } from '../../src/config/haproxy/number-sets.ts';
import { pinThread } from '../../src/sys/scheduling.ts';

function allowed(): readonly number[] {
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  return cpuSet([list]) ?? [];
}

const before = allowed();
afterEach(() => {
  pinThread(before);
});

describe('pinning', () => {
  it('leaves the CPUs that are named', () => {
    const last = before.slice(-1);
    expect(pinThread(last)).toBe(true);
    expect(allowed()).toEqual(last);
    expect(pinThread([...before, 1023])).toBe(true);
    expect(allowed()).toEqual(before);
  });

  it('to CPUs that are not there is refused and changes nothing', () => {
    expect(pinThread([1023])).toBe(false);
    expect(pinThread([])).toBe(false);
    expect(allowed()).toEqual(before);
  });
});
