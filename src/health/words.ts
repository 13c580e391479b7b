/**
 * HAProxy's words for servers that come and go. Pure. Tools and people read these lines: they are copied to the letter.
 */
import { type CheckResult, RESULT_TEXTS } from './result.ts';

/** HAProxy keeps this many characters of what a server says. */
const INFO_MAX_LENGTH = 127;

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

export function downText(standing: Standing, result: CheckResult): string {
  return `${serverName(standing)} is DOWN${reason(result)}. ${leftText(standing)}`;
}

export function upText(standing: Standing, result: CheckResult): string {
  return `${serverName(standing)} is UP${reason(result)}. ${onlineText(standing)}`;
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

function reason({ result, status, info, durationMs }: CheckResult): string {
  // HAProxy gives the code where an answer was understood.
  const code = result === 'L7OK' || result === 'L7STS' ? `, code: ${status}` : '';
  const words = info === '' ? '' : `, info: "${printable(info)}"`;
  return `, reason: ${RESULT_TEXTS[result]}${code}${words}, check duration: ${Math.floor(durationMs)}ms`;
}

/** Servers' words must not end the quotes or the line: `"` is `<22>`, as HAProxy writes it. */
function printable(text: string): string {
  return text
    .slice(0, INFO_MAX_LENGTH)
    .replace(/[^\x20-\x7e]|["<>]/g, (c) => `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`);
}
