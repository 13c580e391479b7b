import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { ControlLoop } from '../../../src/web/metrics/control-loop.ts';
import { readExposition } from '../../support/exposition-format.ts';
import { FakeTime } from '../../support/fake-time.ts';

const loops: ControlLoop[] = [];

afterEach(() => {
  for (const loop of loops.splice(0)) loop.stop();
});

function start(): { readonly time: FakeTime; readonly value: (line: string) => Promise<number | undefined> } {
  const registry = new Registry();
  const time = new FakeTime();
  const loop = new ControlLoop(registry, time, time);
  loops.push(loop);
  loop.start();
  const value = async (line: string): Promise<number | undefined> => {
    // A family without numbers is a header alone.
    const [name = ''] = /^tandem_control_(?:loop_lag|gc_duration)_seconds/.exec(line) ?? [];
    const text = await registry.getSingleMetricAsString(name);
    if (!/^[^#]/m.test(text)) return undefined;
    const families = readExposition(`${text}\n`);
    const samples = [...families.values()].flatMap((family) => family.samples);
    const written = samples.map(
      ({ name, labels, value: number }) => [`${name} ${Object.values(labels).join(' ')}`, number] as const,
    );
    return written.find(([one]) => one.trim() === line)?.[1];
  };
  return { time, value };
}

it('a loop that is there when it should be is not late, one that is late is', async () => {
  const { time, value } = start();
  await time.advance(1000);
  expect(await value('tandem_control_loop_lag_seconds_bucket 0.001')).toBe(10);
  time.suspend(350);
  await time.advance(0);
  expect(await value('tandem_control_loop_lag_seconds_bucket 0.2')).toBe(10);
  expect(await value('tandem_control_loop_lag_seconds_bucket 0.5')).toBe(11);
  expect(await value('tandem_control_loop_lag_seconds_sum')).toBeCloseTo(0.25);
});

it('asks no more once it has stopped', async () => {
  const { time, value } = start();
  await time.advance(300);
  for (const loop of loops) loop.stop();
  await time.advance(1000);
  expect(await value('tandem_control_loop_lag_seconds_count')).toBe(3);
  expect(time.due).toEqual([]);
});

it('collections of garbage are counted, all of them', async () => {
  const { value } = start();
  let kept: object[] = [];
  // Young objects until somebody has had to clear them away.
  await expect
    .poll(
      async () => {
        for (let i = 0; i < 200_000; i++) kept.push({ i });
        kept = [];
        return await value('tandem_control_gc_duration_seconds_count minor');
      },
      { timeout: 20_000, interval: 1 },
    )
    .toBeGreaterThan(0);
});
