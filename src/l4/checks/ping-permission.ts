/**
 * Whether we may have ICMP sockets (icmp(7)): the kernel asks for our group in net.ipv4.ping_group_range, of each network
 * namespace. Where it is not in it, it is put into it, as keepalived does; it stays there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Journal } from '../../core/journal.ts';

const FILE = '/proc/sys/net/ipv4/ping_group_range';

let asked = false;

/** Once a process; what is refused is said when the socket is. */
export function allowEchoSockets(journal: Journal, file = FILE): void {
  if (asked) return;
  asked = true;
  try {
    const wider = widerRange(readFileSync(file, 'utf8'), process.getegid?.() ?? 0);
    if (wider === null) return;
    writeFileSync(file, wider);
    journal.info(`net.ipv4.ping_group_range is ${wider} now, for PING_CHECK`);
  } catch {
    // Read only, or not ours to change.
  }
}

/** `1 0` is nobody; null: we are in it. */
export function widerRange(text: string, group: number): string | null {
  const [first = 1, last = 0] = text.trim().split(/\s+/).map(Number);
  if (first > last) return `${group} ${group}`;
  if (group >= first && group <= last) return null;
  return `${Math.min(first, group)} ${Math.max(last, group)}`;
}
