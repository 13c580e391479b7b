// One measurement of one peer: the load, and beside it what the proxy's processes and their cores did meanwhile.
import { coreMicroseconds, cpuMicroseconds, processTree } from './process-tree.mjs';

/** `drive()` puts the load on the peer and says what it got done. `NaN` is what cannot be known (of `direct`: CPU). */
export async function sample({ cores, sink }, { pid }, drive) {
  const pids = pid === undefined ? [] : processTree(pid);
  const linesBefore = sink?.lines() ?? 0;
  const coresBefore = coreMicroseconds(cores.proxy);
  const before = cpuMicroseconds(pids);
  const begunMs = performance.now();
  const done = await drive();
  const tookMicroseconds = (performance.now() - begunMs) * 1000;
  const after = cpuMicroseconds(pids);
  const coresAfter = coreMicroseconds(cores.proxy);
  const cpu = pid === undefined ? Number.NaN : after.total - before.total;
  // Nothing done: nothing to divide by.
  const units = done.units > 0 ? done.units : Number.NaN;
  const owned = pid === undefined ? Number.NaN : units;
  return {
    rate: done.units / done.seconds,
    cpu: cpu / units,
    user: (after.user - before.user) / owned,
    // Other programs on these cores are in it: beside `cpu` it shows work that the kernel did in nobody's name.
    cores: (coresAfter - coresBefore) / owned,
    busy: cpu / tookMicroseconds,
    p50Ms: done.latencyMs.p50,
    p90Ms: done.latencyMs.p90,
    p99Ms: done.latencyMs.p99,
    p999Ms: done.latencyMs.p999,
    ...(sink === undefined ? {} : { logLinesPerRequest: (sink.lines() - linesBefore) / units }),
    trouble: done.units > 0 ? done.trouble : ['nothing done', done.trouble].filter(Boolean).join(', '),
  };
}
