/**
 * How soon and where the kernel lets a thread run: the calling one only.
 *
 *   control   sooner than others when it wakes (sched_setscheduler(2), setpriority(2)); its children not, as the data
 *             process must not get ahead of what decides about it
 *   data      on the CPUs that `cpu-map` gives it (sched_setaffinity(2))
 */
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

const SCHED_OTHER = 0;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
const PRIO_PROCESS = 0;

/** `realtime`: SCHED_RR priority 1 to 99, null: the ordinary scheduler. false: not permitted. */
export function raisePriority(nice: number, realtime: number | null): boolean {
  scratchBytes.writeInt32LE(realtime ?? 0, 0);
  const policy = (realtime === null ? SCHED_OTHER : SCHED_RR) | SCHED_RESET_ON_FORK;
  if (libc.schedSetscheduler(0, policy, scratchAddress) < 0) return false;
  return realtime !== null || libc.setpriority(PRIO_PROCESS, 0, nice) === 0;
}

/** A cpu_set_t has 1024 bits. */
const CPU_SET_BYTES = 128;

/** This thread runs nowhere else from now on. false: there is none of these CPUs, or none that this process may use. */
export function pinThread(cpus: readonly number[]): boolean {
  scratchBytes.fill(0, 0, CPU_SET_BYTES);
  for (const cpu of cpus) {
    const byte = cpu >> 3;
    scratchBytes[byte] = (scratchBytes[byte] ?? 0) | (1 << (cpu & 7));
  }
  return libc.schedSetaffinity(0, CPU_SET_BYTES, scratchAddress) === 0;
}

const MCL_CURRENT = 1;
const MCL_FUTURE = 2;
/** Only what is used: Node reserves far more than there is memory. */
const MCL_ONFAULT = 4;

/** What we run on is never swapped out (mlockall(2)). false: not permitted. */
export function forbidSwapping(): boolean {
  return libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) === 0;
}
