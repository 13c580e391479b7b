/** A virtual router as the status tells of it: a backup that hears its master, unless said otherwise. */
import type { InstanceStatus } from '../../src/daemon/pair-status.ts';

export function instanceStatus(more: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    name: 'VRRP1',
    interface: 'eth0',
    family: 4,
    vrid: 51,
    version: 2,
    state: 'BACKUP',
    forced: null,
    addresses: ['192.0.2.10/24'],
    holds: false,
    configuredPriority: 100,
    effectivePriority: 100,
    reasons: [],
    faults: [],
    master: { address: '192.0.2.2', priority: 200, heardMsAgo: 400 },
    rival: null,
    refused: null,
    advertIntervalMs: 1000,
    lastTransitionMs: null,
    counters: { advertsReceived: 10, advertsSent: 0, becameMaster: 0, releasedMaster: 0, errors: 0 },
    ...more,
  };
}
