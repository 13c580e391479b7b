/**
 * Descriptors that systemd passed to this program, whether it serves itself or by its half in the background, which has them
 * under the same numbers.
 */
import type { Journal } from '../daemon/journal.ts';
import { type PassedDescriptor, PassedSockets, passedDescriptors } from '../daemon/passed-sockets.ts';
import { environment } from './environment.ts';

/** Set for the half that runs in the background. */
export const DETACHED = 'TANDEM_DETACHED';

export function isDetached(): boolean {
  return environment[DETACHED] === '1' && process.send !== undefined;
}

export function ownPassed(): readonly PassedDescriptor[] {
  return passedDescriptors(environment, [process.pid, ...(isDetached() ? [process.ppid] : [])]);
}

/** Where nothing listens. */
export function closePassed(say: Journal['warning']): void {
  // They are the other half's, which has done this.
  if (isDetached()) return;
  for (const sentence of new PassedSockets(ownPassed()).closeUnused()) say(sentence);
}
