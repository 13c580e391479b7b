/**
 * HAProxy's words for servers that come and go. Pure. Tools and people read these lines: they are copied to the letter.
 */
import { type CheckResult, hasCode, RESULT_TEXTS, verdictOf } from './result.ts';

/** HAProxy keeps this many characters of what a server says. */
export const INFO_MAX_LENGTH = 127;

export interface Standing {
  readonly backend: string;
  readonly server: string;
  readonly isBackup: boolean;
  /** Of the backend, after the change. */
  readonly activeServers: number;
  readonly backupServers: number;
  readonly sessions: number;
  /** Waiting requests that went elsewhere (down), or that came here (up). */
  readonly requeued: number;
  readonly queued: number;
}

/** A result, words of somebody else's (`changed from CLI`), or nothing: then it follows another server, or nobody asks. */
export type Reason = CheckResult | string | null;

/** What follows the news: why, or whose news it is; then what remains of the backend. */
export function statusText(reason: Reason, via: string | null): string {
  if (typeof reason === 'string') return `, ${reason}`;
  if (reason !== null) return reasonText(reason);
  return via === null ? '' : ` via ${via}`;
}

export interface Judged {
  readonly backend: string;
  readonly server: string;
  readonly isBackup: boolean;
  readonly isAgent: boolean;
  readonly health: number;
  readonly rise: number;
  readonly fall: number;
  /** Its weight is 0. */
  readonly drains: boolean;
}

/** `option log-health-checks`. */
export function checkText(judged: Judged, result: CheckResult): string {
  const { backend, server, isBackup, isAgent, health, rise, fall, drains } = judged;
  const verdict = verdictOf(result);
  const how = `${verdict === 'conditional' ? 'conditionally ' : ''}${verdict === 'failed' ? 'failed' : 'succeeded'}`;
  const standing =
    health >= rise ? `${health - rise + 1}/${fall} ${drains ? 'DRAIN' : 'UP'}` : `${health}/${rise} DOWN`;
  const name = `${isBackup ? 'backup ' : ''}server ${backend}/${server}`;
  return `${isAgent ? 'Agent' : 'Health'} check for ${name} ${how}${reasonText(result)}, status: ${standing}.`;
}

/** What remains after one has gone. */
export function leftText(standing: Standing): string {
  const { sessions, requeued, queued } = standing;
  return `${counts(standing, 'left')} ${sessions} sessions active, ${requeued} requeued, ${queued} remaining in queue.`;
}

/** What is there after one has come, or stays for those that it has. */
export function onlineText(standing: Standing): string {
  const { requeued, queued } = standing;
  return `${counts(standing, 'online')} ${requeued} sessions requeued, ${queued} total in queue.`;
}

export function serverName({ isBackup, backend, server }: Standing): string {
  return `${isBackup ? 'Backup ' : ''}Server ${backend}/${server}`;
}

function counts({ activeServers, backupServers }: Standing, word: 'left' | 'online'): string {
  const onBackup = backupServers > 0 && activeServers === 0 ? ' Running on backup.' : '';
  return `${activeServers} active and ${backupServers} backup servers ${word}.${onBackup}`;
}

function reasonText({ result, status, info, durationMs }: CheckResult): string {
  // HAProxy gives the code where an answer was understood.
  const code = hasCode(result) ? `, code: ${status}` : '';
  const words = info === '' ? '' : `, info: "${printable(info)}"`;
  const duration = durationMs < 0 ? '' : `, check duration: ${Math.floor(durationMs)}ms`;
  return `, reason: ${RESULT_TEXTS[result]}${code}${words}${duration}`;
}

/** Servers' words must not end the quotes or the line: `"` is `<22>`, as HAProxy writes it. */
function printable(text: string): string {
  return text
    .slice(0, INFO_MAX_LENGTH)
    .replace(/[^\x20-\x7e]|["<>]/g, (c) => `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`);
}
