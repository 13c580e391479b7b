import { expect, it } from 'vitest';
import type { TandemSettings } from '../../../src/config/pair-model.ts';
import type { TrackResult } from '../../../src/vrrp/priority.ts';
import { DataPathTracker } from '../../../src/vrrp/tracking/data-path.ts';
import { FakeTime } from '../../support/fake-time.ts';

const origin = { file: 'k.conf', line: 1 };
const SETTINGS: TandemSettings = {
  leaseMs: 3000,
  dataProcess: { weight: 0, graceMs: 1000 },
  proxies: [{ origin, name: 'web', weight: -50 }],
  backends: [{ origin, name: 'app', minUp: 2, weight: -20 }],
  virtualServers: [],
};

function setup(settings: TandemSettings = SETTINGS) {
  const time = new FakeTime();
  const path = { turning: true, open: true, up: 2 };
  const results = new Map<string, TrackResult>();
  const tracker = new DataPathTracker(
    { turns: () => path.turning, isOpen: () => path.open, serversUp: () => path.up },
    settings,
    { setResult: (result) => results.set(result.name, result) },
    time,
    time,
  );
  tracker.start();
  const bad = () => [...results.values()].filter(({ ok }) => !ok).map(({ name, weight }) => `${name} ${weight}`);
  return { time, path, tracker, bad };
}

it('a data process that is back within its grace costs nothing but its proxies’ weight', async () => {
  const { time, path, bad } = setup({ ...SETTINGS, proxies: [] });
  path.turning = false;
  await time.advance(900);
  expect(bad()).toEqual([]);
  path.turning = true;
  await time.advance(100);
  path.turning = false;
  await time.advance(900);
  expect(bad()).toEqual([]);
});

it('one that is not is a fault, until it is', async () => {
  const { time, path, bad } = setup({ ...SETTINGS, proxies: [] });
  path.turning = false;
  await time.advance(1200);
  expect(bad()).toEqual(['the data process does not serve 0']);
  path.turning = true;
  await time.advance(100);
  expect(bad()).toEqual([]);
});

it('listeners and servers count by their weights', async () => {
  const { time, path, bad } = setup();
  path.open = false;
  path.up = 1;
  await time.advance(50);
  expect(bad()).toEqual(['proxy web does not serve -50', 'backend app has fewer than 2 servers up -20']);
});

it('asks nothing when nothing is tracked', () => {
  const { time } = setup({ leaseMs: null, dataProcess: null, proxies: [], backends: [], virtualServers: [] });
  expect(time.due).toEqual([]);
});

it('stops', () => {
  const { time, tracker } = setup();
  tracker.stop();
  expect(time.due).toEqual([]);
});
