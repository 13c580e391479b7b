/** `cpu-map` → which CPUs each data thread may run on, as HAProxy documents it. */
import type { CpuBinding } from '../config/model.ts';

/** By the index of the thread; null: not pinned. */
export function pinnings(cpuMap: readonly CpuBinding[], threads: number): (readonly number[] | null)[] {
  const group = cpuMap.findLast((binding) => binding.threads === null)?.cpus;
  return Array.from({ length: threads }, (_, index) => {
    const own = cpuMap.findLast((binding) => binding.threads?.includes(index + 1))?.cpus;
    const cpus = own === undefined || group === undefined ? (own ?? group) : own.filter((cpu) => group.includes(cpu));
    return cpus === undefined || cpus.length === 0 ? null : cpus;
  });
}
