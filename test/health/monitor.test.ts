import { describe, expect, it } from 'vitest';
import { CheckRecord } from '../../src/health/check-record.ts';
import { HealthMonitor } from '../../src/health/monitor.ts';
import type { Finding } from '../../src/health/result.ts';
import { intervalMs } from '../../src/health/rise-fall.ts';
import { FakeTime } from '../support/fake-time.ts';

const FINE: Finding = { result: 'L4OK', status: 0, info: '' };
const REFUSED: Finding = { result: 'L4CON', status: 0, info: 'Connection refused' };

interface Scene {
  readonly time: FakeTime;
  readonly monitor: HealthMonitor;
  /** `time port` of each probe. */
  readonly probes: string[];
  /** `time index change result duration`. */
  readonly changes: string[];
}

/** `answer` says what the probe of a port finds and how long it takes. */
function scene(
  ports: readonly number[],
  answer: (port: number) => { finding: Finding; tookMs: number },
  spread = 0,
): Scene {
  const time = new FakeTime();
  const probes: string[] = [];
  const changes: string[] = [];
  const records = ports.map(() => new CheckRecord(true, false, { rise: 2, fall: 3 }));
  const intervals = { intervalMs: 2000, fastIntervalMs: 500, downIntervalMs: 1000 };
  const recordOf = (id: number): CheckRecord => records[id] as CheckRecord;
  const monitor = new HealthMonitor({
    checks: ports.map((port, id) => {
      const ask = () => {
        probes.push(`${time.monotonicMs()} ${port}`);
        const { finding, tookMs } = answer(port);
        return {
          finding: new Promise<Finding>((resolve) => {
            time.after(tookMs, () => resolve(finding));
          }),
          cancel: () => probes.push(`cancelled ${port}`),
        };
      };
      return { id, ask };
    }),
    spreadPercent: spread,
    maxSpreadMs: null,
    clock: time,
    timers: time,
    random: { next: () => 0 },
    intervalMs: (id) => intervalMs(recordOf(id), intervals, recordOf(id).health),
    answered: (id, result) => {
      const wasUp = recordOf(id).isUp;
      recordOf(id).conclude(result);
      const { isUp } = recordOf(id);
      if (isUp === wasUp) return;
      changes.push(`${time.monotonicMs()} ${id} ${isUp ? 'up' : 'down'} ${result.result} ${result.durationMs}`);
    },
  });
  return { time, monitor, probes, changes };
}

describe('the monitor', () => {
  it('begins spread over the interval and counts the next from the end of the last', async () => {
    const { time, monitor, probes } = scene([1, 2], () => ({ finding: FINE, tookMs: 10 }));
    monitor.start();
    await time.advance(3000);
    // The first interval is the fast one, until the first success settles the server.
    expect(probes).toEqual(['0 1', '250 2', '2010 1', '2260 2']);
  });

  it('takes a server down at its first failure and asks at downinter, then fastinter', async () => {
    let finding = REFUSED;
    const { time, monitor, probes, changes } = scene([1], () => ({ finding, tookMs: 1 }));
    monitor.start();
    await time.advance(1500);
    finding = FINE;
    await time.advance(1500);
    expect(probes).toEqual(['0 1', '1001 1', '2002 1', '2503 1']);
    expect(changes).toEqual(['1 0 down L4CON 1', '2504 0 up L4OK 1']);
  });

  it('hurries after a first failure of a settled server', async () => {
    let finding = FINE;
    const { time, monitor, probes, changes } = scene([1], () => ({ finding, tookMs: 0 }));
    monitor.start();
    await time.advance(100);
    finding = REFUSED;
    await time.advance(4000);
    expect(probes.slice(0, 4)).toEqual(['0 1', '2000 1', '2500 1', '3000 1']);
    expect(changes).toEqual(['3000 0 down L4CON 0']);
  });

  it('has one probe at a time for each server', async () => {
    const { time, monitor, probes } = scene([1], () => ({ finding: FINE, tookMs: 60_000 }));
    monitor.start();
    await time.advance(59_000);
    expect(probes).toEqual(['0 1']);
  });

  it('strays by spread-checks', async () => {
    const { time, monitor } = scene([1], () => ({ finding: FINE, tookMs: 0 }), 50);
    monitor.start();
    await time.advance(0);
    expect(time.due).toEqual([3000]);
  });

  it('is silent after its stop, and ends what is under way', async () => {
    const { time, monitor, probes, changes } = scene([1, 2], () => ({ finding: REFUSED, tookMs: 50 }));
    monitor.start();
    await time.advance(10);
    monitor.stop();
    await time.advance(10_000);
    expect(probes).toEqual(['0 1', 'cancelled 1']);
    expect(changes).toEqual([]);
    expect(time.due).toEqual([]);
  });

  it('asks nobody who is in maintenance, and asks at once when it is over', async () => {
    const { time, monitor, probes, changes } = scene([1], () => ({ finding: FINE, tookMs: 10 }));
    monitor.start();
    await time.advance(5);
    expect(monitor.asks(0)).toBe(true);
    monitor.pause(0);
    expect(monitor.asks(0)).toBe(false);
    await time.advance(10_000);
    expect(probes).toEqual(['0 1', 'cancelled 1']);
    monitor.resume(0);
    monitor.resume(0);
    await time.advance(2020);
    // The probe that was cancelled has ended meanwhile, which starts no second row of them.
    expect(probes).toEqual(['0 1', 'cancelled 1', '10005 1', '12015 1']);
    expect(changes).toEqual([]);
  });

  it('can be hastened, but not slowed down', async () => {
    const { time, monitor, probes } = scene([1], () => ({ finding: FINE, tookMs: 0 }));
    monitor.start();
    await time.advance(100);
    monitor.hasten(0, 300);
    monitor.hasten(0, 3000);
    await time.advance(2500);
    expect(probes).toEqual(['0 1', '400 1', '2400 1']);
  });
});
