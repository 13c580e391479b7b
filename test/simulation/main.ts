/** The campaign as a program: see scripts/simulate.mjs, which compiles and starts it, part by part. */
import { parseArgs } from 'node:util';
import { describeFailure, REQUESTS_PER_SEED, runCampaign } from './campaign.ts';
import { World } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: String(REQUESTS_PER_SEED) },
    seconds: { type: 'string', default: '0' },
    trace: { type: 'boolean', default: false },
  },
});

const world = new World();
if (values.trace) {
  world.tracing = true;
  world.print = (line) => console.log(line);
}
const seconds = Number(values.seconds);
const endsMs = seconds > 0 ? performance.now() + seconds * 1000 : Number.POSITIVE_INFINITY;
const outcome = runCampaign(
  { seed: Number(values.seed), requests: Number(values.requests), isOver: () => performance.now() > endsMs },
  world,
);
const { requests, nextSeed, counts, failure } = outcome;
if (failure !== null) {
  if (values.trace) world.traceOpen();
  console.error(describeFailure(failure));
}
// For whoever started this, and adds up.
console.log(JSON.stringify({ requests, nextSeed, failed: failure?.seed ?? null, counts: String(counts) }));
process.exitCode = failure === null ? 0 : 1;
