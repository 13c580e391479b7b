/** What HAProxy says when an operator changes a server, in its words. Pure: before and after in, lines out. */
import { leftText, onlineText, type Standing, serverName } from '../health/words.ts';

const ALERT = 1;
const NOTICE = 5;

export interface Line {
  /** 0 emerg to 7 debug. */
  readonly level: number;
  readonly text: string;
}

/** What an operator wants of a server, and whether it is up. */
export interface Wish {
  readonly maint: boolean;
  readonly drain: boolean;
  readonly up: boolean;
}

/** Maintenance and drain came or went. */
export function adminLines(before: Wish, after: Wish, standing: Standing): readonly Line[] {
  const name = serverName(standing);
  if (after.maint) {
    if (before.maint) return [];
    return before.up
      ? [{ level: ALERT, text: `${name} is going DOWN for maintenance. ${leftText(standing)}` }]
      : [{ level: NOTICE, text: `${name} was DOWN and now enters maintenance.` }];
  }
  const up = after.up ? 'UP' : 'DOWN';
  if (before.maint) {
    const now = after.drain ? 'DRAIN' : 'READY';
    const lines = [{ level: NOTICE, text: `${name} is ${up}/${now} (leaving forced maintenance).` }];
    if (after.drain) lines.push({ level: NOTICE, text: `${name} remains in forced drain mode.` });
    return lines;
  }
  if (after.drain === before.drain) return [];
  return after.drain
    ? [{ level: NOTICE, text: `${name} enters drain state. ${onlineText(standing)}` }]
    : [{ level: NOTICE, text: `${name} is ${up} (leaving forced drain).` }];
}

/** `set server … health`. */
export function healthLine(health: 'up' | 'down' | 'stopping', standing: Standing): Line {
  const name = serverName(standing);
  if (health === 'down') return { level: ALERT, text: `${name} is DOWN, changed from CLI. ${leftText(standing)}` };
  const word = health === 'up' ? 'UP' : 'stopping';
  return { level: NOTICE, text: `${name} is ${word}, changed from CLI. ${onlineText(standing)}` };
}
