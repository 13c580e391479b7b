// autocannon in a process of its own: node autocannon-client.mjs NODE_MODULES PORT CONNECTIONS SECONDS. Latencies are
// taken from its events: its own table has whole milliseconds.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { percentile } from '../statistics.mjs';

const [modules, port, connections, seconds] = process.argv.slice(2);
const autocannon = createRequire(join(modules, 'from-here.cjs'))('autocannon');

const latencies = [];
const begun = performance.now();
const run = autocannon({
  url: `http://127.0.0.1:${port}/`,
  connections: Number(connections),
  duration: Number(seconds),
  sampleInt: 100,
});
run.on('response', (_client, _status, _bytes, tookMs) => latencies.push(tookMs));
const result = await run;
const took = (performance.now() - begun) / 1000;
latencies.sort((a, b) => a - b);
const bad = result.errors + result.timeouts + result.non2xx;
const line = {
  requests: latencies.length,
  seconds: took,
  latencyMs: {
    p50: percentile(latencies, 0.5),
    p90: percentile(latencies, 0.9),
    p99: percentile(latencies, 0.99),
    p999: percentile(latencies, 0.999),
  },
  trouble: bad === 0 ? '' : `${result.errors} errors, ${result.timeouts} timeouts, ${result.non2xx} not 2xx`,
};
console.log(`\n${JSON.stringify(line)}`);
process.exit(0);
