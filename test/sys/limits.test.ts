import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { descriptorLimit, setDescriptorLimit } from '../../src/sys/limits.ts';

const before = descriptorLimit();
afterAll(() => {
  setDescriptorLimit(before.soft);
});

function fromKernel(): { soft: string; hard: string } {
  const fields = /Max open files\s+(\S+)\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'utf8'));
  return { soft: fields?.[1] ?? '', hard: fields?.[2] ?? '' };
}
const text = (limit: number) => (Number.isFinite(limit) ? String(limit) : 'unlimited');

it('reads what the kernel has', () => {
  expect({ soft: text(before.soft), hard: text(before.hard) }).toEqual(fromKernel());
});

it('sets the soft limit and leaves the hard one', () => {
  expect(setDescriptorLimit(200)).toBe(true);
  expect(descriptorLimit()).toEqual({ soft: 200, hard: before.hard });
  expect(fromKernel().soft).toBe('200');
});
