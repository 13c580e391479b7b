// wrk on the load cores: how many requests, how fast, what went wrong.
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'wrk.lua');
const MIB = 1024 * 1024;
/** wrk counts a later answer as an error; its default of 2 s is short for 100 MiB. */
const ANSWER_WITHIN = '20s';

/** The line of JSON that wrk.lua prints, in the words of the bench. */
export function parseWrk(output) {
  const line = output.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk said nothing of its result:\n${output}`);
  const { requests, bytes, seconds, p50, p90, p99, p999, ...errors } = JSON.parse(line);
  const trouble = Object.entries(errors).filter(([, count]) => count > 0);
  return {
    requests,
    bytes,
    seconds,
    // No answer, no latency: wrk says 0.
    latencyMs: Object.fromEntries(
      Object.entries({ p50, p90, p99, p999 }).map(([name, microseconds]) => [
        name,
        requests > 0 ? microseconds / 1000 : Number.NaN,
      ]),
    ),
    trouble: trouble.map(([name, count]) => `${count} ${name} errors`).join(', '),
  };
}

/** One run. wrk knows whole seconds only: other durations are ended by the signal that makes it print its result. */
export async function runWrk({ programs, cores }, work, port, seconds, delayMs = 0) {
  const whole = Math.ceil(seconds);
  const threads = Math.min(cores.load.length, work.connections);
  const output = await programs.run(
    [
      ...[
        'wrk',
        `-t${threads}`,
        `-c${work.connections}`,
        `-d${whole + (whole === seconds ? 0 : 1)}s`,
        '--timeout',
        ANSWER_WITHIN,
        '-s',
        SCRIPT,
      ],
      ...(work.close ? ['-H', 'Connection: close'] : []),
      ...[`http://127.0.0.1:${port}${work.path}`, '--', String(work.upload ?? 0), delayMs.toFixed(3)],
    ],
    {
      cores: cores.load,
      timeoutMs: (seconds + 20) * 1000,
      interruptAfterMs: whole === seconds ? 0 : seconds * 1000,
    },
  );
  const result = parseWrk(output);
  // Of a large body the part that came counts, also when the run ends in its middle.
  const mib = work.upload ? (result.requests * work.upload) / MIB : result.bytes / MIB;
  return { ...result, units: work.per === 'MiB' ? mib : result.requests };
}

export async function load(context, work, port, seconds) {
  return runWrk(context, work, port, seconds);
}
