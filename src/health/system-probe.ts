/** The probes that really ask. */
import type { CheckMethod } from '../config/model.ts';
import type { Timers } from '../core/clock.ts';
import { HttpProbes } from './http-probe.ts';
import type { Probe } from './probe.ts';
import { probeTcp } from './tcp-probe.ts';

/** Resolves when everything that `methods` need is loaded. */
export async function systemProbe(methods: readonly CheckMethod[], timers: Timers): Promise<Probe> {
  const http = new HttpProbes(timers);
  await http.prepare(methods);
  return (target) => {
    const { method } = target;
    return method.kind === 'tcp' ? probeTcp(target, timers) : http.probe(target, method);
  };
}
