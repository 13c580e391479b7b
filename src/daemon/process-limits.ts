/** Carries out what limits.ts decides: this process's descriptor limit, which the data process inherits. */
import type { Global } from '../config/model.ts';
import { descriptorLimit, setDescriptorLimit } from '../sys/limits.ts';
import { decideLimits, type LimitInput, type Limits } from './limits.ts';

export function applyLimits(
  global: Global,
  maxconn: number | null,
  memoryBytes: number,
  threads: number,
  listeners: number,
): Limits {
  const input = limitInput(global, maxconn, memoryBytes, threads, listeners);
  const limits = decideLimits(input);
  if (limits.setDescriptors === null || setDescriptorLimit(limits.setDescriptors)) return limits;
  // Root in a container that may not raise it (or beyond fs.nr_open): then with what there is.
  return decideLimits({ ...input, root: false, ulimitN: null });
}

/** What `applyLimits` would come to; nothing is changed. */
export function expectedLimits(...input: Parameters<typeof limitInput>): Limits {
  return decideLimits(limitInput(...input));
}

function limitInput(
  global: Global,
  maxconn: number | null,
  memoryBytes: number,
  threads: number,
  listeners: number,
): LimitInput {
  return {
    maxconn: maxconn ?? global.maxconn,
    ulimitN: global.ulimitN,
    descriptors: descriptorLimit(),
    root: process.getuid?.() === 0,
    memoryBytes,
    bufferSizeBytes: global.bufferSizeBytes,
    threads,
    listeners,
  };
}
