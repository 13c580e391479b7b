/**
 * The data path, simulated: threads, sessions, pools, queues and timers over engines, clocks, clients and servers that
 * follow from a seed. TANDEM_SIMULATION_REQUESTS says how many requests (a million in CI), TANDEM_SIMULATION_SEED where to
 * begin; `npm run simulate` runs on for hours (docs/simulation.md).
 */
import { describe, expect, it } from 'vitest';
import { describeFailure, runCampaign } from './campaign.ts';
import { World } from './world.ts';

const requests = Number(
  process.env['TANDEM_SIMULATION_REQUESTS'] ?? (process.env['CI'] === 'true' ? 1_000_000 : 50_000),
);
const seed = Number(process.env['TANDEM_SIMULATION_SEED'] ?? 1);
/** Not a measure of speed: what a machine that is slow and busy may take, and then some. */
const TIMEOUT_MS = 60_000 + requests * 2;

describe('the data path, simulated', () => {
  it(
    `keeps its word in ${requests} requests from seed ${seed} on`,
    () => {
      const { counts, failure } = runCampaign({ seed, requests });
      expect(failure === null ? '' : describeFailure(failure)).toBe('');
      // It was no stroll: all this has happened, again and again.
      const { refused, truncated, unanswered, abandoned, tunnels, interim, repeated, reused, retries } = counts;
      const { resent, redispatches, crashes, stops, exchanges, answered } = counts;
      const events = { refused, truncated, unanswered, abandoned, tunnels, interim, repeated, resent, reused, retries };
      const least = Math.min(...Object.values({ ...events, redispatches, crashes, stops, exchanges }));
      expect(least, String(counts)).toBeGreaterThan(0);
      expect(answered).toBeGreaterThan(requests * 0.7);
    },
    TIMEOUT_MS,
  );

  it('is the same again from the same seed, whatever ran before', () => {
    const trace = (world: World, one: number): string[] => {
      const lines: string[] = [];
      world.tracing = true;
      world.print = (line) => lines.push(line);
      world.run(one, 200);
      return lines;
    };
    const used = new World();
    for (let before = 1; before <= 20; before++) used.run(before, 200);
    for (const one of [3, 7, 11, 12, 16]) {
      const again = trace(used, one);
      expect(again.length).toBeGreaterThan(100);
      expect(again).toEqual(trace(new World(), one));
    }
  });
});
