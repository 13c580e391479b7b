/**
 * Descriptors that systemd passed to this program, whether it serves itself or by its half in the background, which has them
 * under the same numbers.
 */
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

/** A pair that is alone: in the background it has none, as its other half has closed them. */
export function passedToPair(): PassedSockets {
  return new PassedSockets(isDetached() ? [] : ownPassed());
}

/** Before going into the background without them. */
export function closePassed(say: (sentence: string) => void): void {
  for (const sentence of new PassedSockets(ownPassed()).closeUnused()) say(sentence);
}
