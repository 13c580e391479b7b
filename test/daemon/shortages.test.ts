import { beforeEach, expect, it } from 'vitest';
import { Shortages } from '../../src/daemon/shortages.ts';
import {
  HEADER_LINES_LOST,
  HEADER_SHORT,
  HEADER_STARVED,
  layoutOf,
  SharedState,
} from '../../src/proxy/shared-state.ts';
import { FakeTime } from '../support/fake-time.ts';

let state: SharedState;
let time: FakeTime;
let said: string[];
let shortages: Shortages;

beforeEach(() => {
  const layout = layoutOf({ threads: 1, proxies: [], listeners: [] });
  state = new SharedState(new SharedArrayBuffer(layout.sizeBytes), layout);
  time = new FakeTime();
  said = [];
  const note = (text: string) => said.push(text);
  shortages = new Shortages(state, { notice: note, warning: note, alert: note }, time, time);
  shortages.start();
});

it('nothing is said while nothing is short', async () => {
  await time.advance(60_000);
  expect(said).toEqual([]);
});

it.each([
  [HEADER_STARVED, 'no descriptors or no memory are left'],
  [HEADER_SHORT, 'the memory for buffers is used up'],
])('what runs short is said when it begins, and not 20 times a second while it lasts', async (word, text) => {
  for (let passed = 0; passed < 25_000; passed += 50) {
    state.add(word, 1);
    await time.advance(50);
  }
  expect(said).toHaveLength(3);
  expect(said[0]).toContain(text);
});

it('lost log lines are counted', async () => {
  state.add(HEADER_LINES_LOST, 1);
  await time.advance(1000);
  state.add(HEADER_LINES_LOST, 41);
  await time.advance(20_000);
  expect(said).toEqual([
    '1 log lines were lost: a log target does not take them',
    '41 log lines were lost: a log target does not take them',
  ]);
});

it('ends with its timer', () => {
  shortages.stop();
  expect(time.due).toEqual([]);
});
