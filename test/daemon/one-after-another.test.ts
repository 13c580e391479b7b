import { expect, it } from 'vitest';
import { OneAfterAnother } from '../../src/daemon/one-after-another.ts';
import { settle } from '../support/fake-time.ts';

it('what is asked for while it runs is done once more', async () => {
  const finish: (() => void)[] = [];
  const work = new OneAfterAnother(() => new Promise((resolve) => finish.push(resolve)));
  work.ask();
  expect(finish.length).toBe(1);
  work.ask();
  work.ask();
  expect(finish.length).toBe(1);
  finish[0]?.();
  await settle();
  expect(finish.length).toBe(2);
  finish[1]?.();
  await settle();
  expect(finish.length).toBe(2);
  work.ask();
  expect(finish.length).toBe(3);
});
