/**
 * `npm run fuzz`: hours of fuzzing by hand, and replays.
 *
 *   --target NAME   one of the list that --help prints; default: all, in turn
 *   --hours H       default 0.01; fractions are fine
 *   --seed S        default 1
 *   --count N       inputs a turn instead of a time
 *   --at N          one input only: number N of that seed
 *   --file PATH     one input only: these bytes
 *   --text T        one input only: as the findings print it
 *
 * Not here: the run itself (engine/campaign.ts).
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Found, judge, makeInput, type Outcome, run } from './engine/campaign.ts';
import { fromPrintable, printable } from './engine/printable.ts';
import { Tally } from './engine/tally.ts';
import type { Target } from './engine/target.ts';
import { TARGETS } from './targets.ts';

const TURN = 5000;
const MS_PER_HOUR = 3_600_000;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    hours: { type: 'string', default: '0.01' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    at: { type: 'string' },
    file: { type: 'string' },
    text: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function report(target: Target, found: Found): void {
  say(`FOUND by ${target.name}: ${found.kind}`);
  say(`  ${found.detail.replaceAll('\n', '\n  ')}`);
  say(`  input:  ${printable(found.shrunk)}`);
  say(`  replay: npm run fuzz -- --target ${target.name} --seed ${found.seed} --at ${found.at}`);
}

async function replay(target: Target, input: string): Promise<void> {
  say(`input (${input.length} bytes): ${printable(input)}`);
  const tally = new Tally();
  const verdict = await judge(target, input, tally);
  for (const [what] of tally.entries()) say(`  ${what}`);
  say(verdict === null ? 'nothing wrong' : `${verdict.kind}\n${verdict.detail}`);
  if (verdict !== null) process.exitCode = 1;
}

function summary(target: Target, outcome: Outcome): void {
  say(`${target.name}: ${outcome.inputs} inputs, ${outcome.found.length} kinds of findings`);
  for (const found of outcome.found) say(`  ${found.times} x ${found.kind}`);
  for (const [what, count, sample] of outcome.tally.entries()) {
    say(
      `  ${String(count).padStart(9)}  ${what}${sample === undefined ? '' : `   e.g. ${printable(sample).slice(0, 160)}`}`,
    );
  }
}

async function main(): Promise<void> {
  const names = Object.keys(TARGETS);
  if (values.help) {
    say(`npm run fuzz -- [--target NAME] [--hours H] [--seed S] [--count N] [--at N | --file PATH | --text T]`);
    say(`targets: ${names.join(', ')}`);
    return;
  }
  const chosen = values.target === undefined ? names : values.target.split(',');
  const seed = Number(values.seed);
  for (const name of chosen) if (TARGETS[name] === undefined) throw new Error(`no target ${name}: ${names.join(', ')}`);
  const single = values.at ?? values.file ?? values.text;
  const share = (Number(values.hours) * MS_PER_HOUR) / chosen.length;
  for (const name of chosen) {
    const staged = await TARGETS[name]?.();
    if (staged === undefined) continue;
    try {
      if (single !== undefined) {
        const input =
          values.at !== undefined
            ? makeInput(staged, seed, Number(values.at))
            : values.file !== undefined
              ? readFileSync(values.file, 'latin1')
              : fromPrintable(values.text ?? '');
        await replay(staged, input);
        continue;
      }
      const started = performance.now();
      let nextWord = TURN;
      let inputs = 0;
      let last = 0;
      let slowest = { ms: 0, at: 0 };
      const outcome = await run(staged, {
        seed,
        count: values.count === undefined ? Number.MAX_SAFE_INTEGER : Number(values.count),
        stop: () => {
          const elapsed = performance.now() - started;
          if (inputs > 0 && elapsed - last > slowest.ms) slowest = { ms: elapsed - last, at: inputs - 1 };
          last = elapsed;
          inputs++;
          if (elapsed > nextWord) {
            nextWord += TURN * 2;
            say(`${name}: ${inputs} inputs, ${Math.round((inputs * 1000) / elapsed)} a second`);
          }
          return values.count === undefined && elapsed > share;
        },
        onFound: (found) => report(staged, found),
      });
      summary(staged, outcome);
      say(`  the slowest took ${Math.round(slowest.ms)} ms: --seed ${seed} --at ${slowest.at}`);
      if (outcome.found.length > 0) process.exitCode = 1;
    } finally {
      await staged.stop?.();
    }
  }
}

await main();
