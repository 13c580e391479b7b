/**
 * The pid file: one line, the pid. HAProxy leaves it there at the end, and so does whoever takes its place: supervisors
 * check whether the pid is alive. keepalived takes it away.
 */
import { unlinkSync, writeFileSync } from 'node:fs';

/** null, or why not. A new file each time: a symbolic link that somebody put there is not followed. */
export function writePidFile(path: string, pid: number): string | null {
  try {
    unlinkSync(path);
  } catch {
    // Not there yet.
  }
  try {
    writeFileSync(path, `${pid}\n`, { mode: 0o644, flag: 'wx' });
    return null;
  } catch (error) {
    return `Cannot create pidfile ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function removePidFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody was faster.
  }
}
