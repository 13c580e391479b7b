import { expect, it } from 'vitest';
import { Deadline } from '../../src/vrrp/deadline.ts';
import { FakeTime } from '../support/fake-time.ts';

function setup() {
  const time = new FakeTime();
  const reached: number[] = [];
  return { time, reached, deadline: new Deadline(time, time, () => reached.push(time.monotonicMs())) };
}

it('wakes once, not before its time', async () => {
  const { time, reached, deadline } = setup();
  deadline.set(60.9375);
  await time.advance(60);
  expect(reached).toEqual([]);
  await time.advance(100);
  expect(reached).toEqual([61]);
});

it('goes to sleep again when the timer was early', async () => {
  const { time, reached } = setup();
  let offMs = 0;
  const early = { monotonicMs: () => time.monotonicMs() - offMs, wallMs: () => 0 };
  const deadline = new Deadline(early, time, () => reached.push(early.monotonicMs()));
  deadline.set(50);
  offMs = 2;
  await time.advance(100);
  expect(reached).toEqual([50]);
});

it('can be moved and taken away', async () => {
  const { time, reached, deadline } = setup();
  deadline.set(50);
  deadline.set(80);
  await time.advance(79);
  expect(reached).toEqual([]);
  deadline.set(null);
  await time.advance(100);
  expect([reached, time.due]).toEqual([[], []]);
});
