/** The probes that really ask. */
import type { Timers } from '../core/clock.ts';
import { probeHttp } from './http-probe.ts';
import type { Probe } from './probe.ts';
import { probeTcp } from './tcp-probe.ts';

export function systemProbe(timers: Timers): Probe {
  return (target) => {
    const { method } = target;
    return method.kind === 'tcp' ? probeTcp(target, timers) : probeHttp(target, method, timers);
  };
}
