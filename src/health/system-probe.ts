/** The probes that really ask. */
import type { Clock, Timers } from '../core/clock.ts';
import { Patterns } from './patterns.ts';
import type { Probe } from './probe.ts';
import { RuleRun } from './rule-run.ts';

export function systemProbe(timers: Timers, clock: Clock): Probe {
  const tools = { timers, clock, patterns: new Patterns() };
  return (target) => new RuleRun(target.method, target, tools);
}
