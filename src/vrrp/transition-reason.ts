/** Why a virtual router changed its state, in a few words for people. Pure. */
import type { Effect, ElectionEvent, ElectionState } from './election-types.ts';

export interface Happened {
  readonly event: ElectionEvent;
  readonly before: ElectionState;
  readonly effects: readonly Effect[];
  /** Own ones. */
  readonly faults: readonly string[];
}

export function transitionReason(happened: Happened): string {
  const { kind } = happened.event;
  // What the election says then is what it does.
  if (kind === 'stop' || kind === 'step-aside') return wordsFor(happened);
  return saidBefore(happened.effects) ?? wordsFor(happened);
}

/** What the election said before it said where it went. */
function saidBefore(effects: readonly Effect[]): string | null {
  let said: string | null = null;
  for (const effect of effects) {
    if (effect.kind !== 'log') continue;
    const text = effect.text.replace(/^\([^)]*\) /, '');
    if (text.startsWith('Entering ')) break;
    said = text;
  }
  return said;
}

function wordsFor({ event, before, faults }: Happened): string {
  switch (event.kind) {
    case 'start':
      return 'it has started';
    case 'timer':
      if (before.phase === 'leaving') return 'no successor was heard in time';
      return before.worse === 'none' ? 'no master was heard' : 'the master that is heard has a lower priority';
    case 'prepared':
      return 'the master before it leaves';
    case 'fault':
      return faults.length === 0 ? 'its sync group has a fault' : faults.join('; ');
    case 'recover':
      return 'its faults are over';
    case 'follow':
      return 'with its sync group';
    case 'step-aside':
      return 'it is held as backup';
    case 'stop':
      return 'it was told to stop';
    case 'advert':
    case 'word':
    case 'handed-over':
      return 'its successor is there';
    case 'priority':
      return 'its priority changed';
  }
}
