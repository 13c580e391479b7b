/**
 * `npm run differential`: worlds by the thousand beside haproxy, and replays.
 *
 *   --seed S      default 1
 *   --count M     worlds, default 1000
 *   --at N        the first world's number; with --count 1 a replay
 *   --batch B     worlds of one configuration file, default 40
 *   --self        haproxy against itself: what depends on the moment
 *   --show        says what a world is, and what happened in it
 *
 * A signal ends it after the configuration that is running.
 * A difference is made as small as it gets, printed, and the run goes on; one of a kind is enough.
 */
import { parseArgs } from 'node:util';
import { programPath } from '../../support/peers.ts';
import { Comparison, type Verdict } from './comparison.ts';
import { randomWorld } from './random-world.ts';
import { smaller } from './smaller-worlds.ts';
import type { World } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    at: { type: 'string', default: '0' },
    batch: { type: 'string', default: '40' },
    self: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    big: { type: 'boolean', default: false },
  },
});

/** A world that takes longer waits for something that it should not. */
const SLOW_MS = 5000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const requestsOf = (world: World): number => world.clients.reduce((sum, client) => sum + client.requests.length, 0);

/** A line of a kind is counted once; of a server only its parameters matter. */
const withoutNumbers = (line: string): string => line.replace(/^server \S+ \S+/, 'server').replaceAll(/\d+/g, 'N');

async function main(): Promise<void> {
  const seed = Number(values.seed);
  const first = Number(values.at);
  const count = Number(values.count);
  const batch = Number(values.batch);
  const comparison = await (values.self ? Comparison.open(programPath('haproxy')) : Comparison.open());
  const tally = new Map<string, number>();
  const add = (what: string, by = 1): void => {
    tally.set(what, (tally.get(what) ?? 0) + by);
  };
  const known = new Set<string>();
  const report = async (world: World, at: number, verdict: Verdict & { kind: 'different' }): Promise<void> => {
    add(`different: ${verdict.about}`);
    if (known.has(verdict.about)) {
      say(`again (${verdict.about}): --seed ${seed} --at ${at} --count 1`);
      return;
    }
    known.add(verdict.about);
    const small = values.big ? { world, verdict } : await smaller(comparison, world, verdict);
    say(`FOUND (${verdict.about}): npm run differential -- --seed ${seed} --at ${at} --count 1`);
    if (small === null) {
      say(`  not the second time:\n${verdict.detail}`);
      return;
    }
    say(comparison.configuration(small.world).replace(/^[\s\S]*?(?=^(?:listen|frontend) w0)/m, ''));
    say(JSON.stringify(small.world));
    say(small.verdict.detail);
    process.exitCode = 1;
  };
  const started = performance.now();
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopped = true));
  for (let at = first; at < first + count && !stopped; at += batch) {
    const numbers = Array.from({ length: Math.min(batch, first + count - at) }, (_, i) => at + i);
    const worlds = numbers.map((number) => randomWorld(seed, number));
    for (const [i, { world, refusals, verdict, ms }] of (await comparison.compare(worlds)).entries()) {
      for (const { by, line, says } of refusals) {
        add(`refused by ${by}: ${withoutNumbers(line)}`);
        if (by === 'haproxy' || values.show) say(`refused by ${by} (--at ${at + i}): ${line}: ${says}`);
      }
      if (world === null) {
        add('worlds left out');
        continue;
      }
      if (values.show) {
        say(`${comparison.configuration(world)}\n${JSON.stringify(world.clients, null, 1)}`);
        if (verdict.kind === 'same') say(verdict.transcript.join('\n'));
      }
      add('requests', requestsOf(world));
      if (ms > SLOW_MS) say(`${Math.round(ms)} ms: --at ${at + i}`);
      if (verdict.kind === 'different') await report(world, at + i, verdict);
      else add('same');
    }
  }
  await comparison.close();
  say(`${count} worlds of seed ${seed} from ${first}, ${Math.round((performance.now() - started) / 1000)} s`);
  for (const [what, times] of [...tally].sort(([, a], [, b]) => b - a)) say(`${String(times).padStart(7)}  ${what}`);
}

await main();
