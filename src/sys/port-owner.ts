/**
 * Who listens on a TCP port, from /proc (proc(5)): for the message "address already in use". Best effort: other users'
 * processes are invisible without root, and then nobody is named.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/** `nginx (pid 1234)`, or null when it cannot be known. */
export function portOwner(port: number): string | null {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return null;
  for (const pid of entries('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of entries(`/proc/${pid}/fd`)) {
      if (!inodes.has(linkTarget(`/proc/${pid}/fd/${fd}`))) continue;
      return `${text(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
    }
  }
  return null;
}

/** As they stand in /proc/PID/fd: `socket:[12345]`. */
function listeningInodes(port: number): Set<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of text(table).split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(wanted) && fields[3] === LISTEN) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
