// wrk held to 70 % of the rate that haproxy reaches, for latencies of a proxy that is busy but not overrun. Each
// connection waits between an answer and its next request; how long is found once, through haproxy, and is the same
// for every peer. wrk counts, for a late answer, the requests that could not be sent meanwhile as late too.
import { runWrk } from './wrk.mjs';

const SHARE = 0.7;
const TRIES = 4;
const PEAK_RUNS = 3;

/** The next pause, from the rate that the last one made: connections ÷ rate = pause + latency. */
export function nextPauseMs(connections, pauseMs, rate, wantedRate) {
  const latencyMs = Math.max(0, (connections / rate) * 1000 - pauseMs);
  return Math.max(0.1, (connections / wantedRate) * 1000 - latencyMs);
}

export async function prepare(context, work, base, seconds) {
  let peak = 0;
  for (let run = 0; run < PEAK_RUNS; run++) {
    const { requests, seconds: took } = await runWrk(context, work, base.port, seconds);
    peak = Math.max(peak, requests / took);
  }
  const wanted = peak * SHARE;
  let pauseMs = (work.connections / wanted) * 1000;
  for (let tries = 0; tries < TRIES; tries++) {
    const { requests, seconds: took } = await runWrk(context, work, base.port, seconds, pauseMs);
    pauseMs = nextPauseMs(work.connections, pauseMs, requests / took, wanted);
  }
  const note = `${base.name} reaches ${peak.toFixed(0)}/s; ${work.connections} connections that pause ${pauseMs.toFixed(1)} ms make about ${wanted.toFixed(0)}/s`;
  return { pauseMs, note };
}

export async function load(context, work, port, seconds, { pauseMs }) {
  return runWrk(context, work, port, seconds, pauseMs);
}
