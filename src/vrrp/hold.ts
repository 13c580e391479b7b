/**
 * What an operator makes of a virtual router by hand, until it is released. Pure.
 *
 *   master   it has the highest priority that is nobody's own, and takes over from whoever has less
 *   backup   it gives up what it has, and takes nothing, whoever is there
 *   fault    it cannot be master, like anybody who has a fault
 */
import type { Standing } from './priority.ts';

export type Hold = 'master' | 'backup' | 'fault';

/** Below that of an owner, whose addresses are its own. */
const FORCED_PRIORITY = 254;

export function heldStanding(standing: Standing, hold: Hold | null, name: string): Standing {
  const what = `set vrrp ${name} ${hold}`;
  if (hold === 'fault') return { ...standing, faults: [...standing.faults, what] };
  if (hold !== 'master' || standing.priority >= FORCED_PRIORITY) return standing;
  const reasons = [...standing.reasons, { what, weight: FORCED_PRIORITY - standing.priority }];
  return { ...standing, reasons, priority: FORCED_PRIORITY, total: FORCED_PRIORITY };
}
