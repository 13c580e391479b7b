/** What a virtual router is before it has begun. */
import type { ElectionConfig, ElectionState } from './election-types.ts';

export function initialState(config: ElectionConfig): ElectionState {
  return {
    phase: 'init',
    priority: config.priority,
    masterIntervalCs: config.intervalCs,
    deadlineMs: null,
    preemptAtMs: null,
    master: null,
    listenedAgain: false,
    wanting: false,
    leaver: null,
    follower: null,
    worse: 'none',
    handing: false,
    returns: false,
  };
}
