/** What the kernel is told, or asked, about an interface through /proc/sys (ip-sysctl). */
import { readFileSync, writeFileSync } from 'node:fs';

/** The first address of a subnet takes its others along when it leaves; unless. null, or what could not be set. */
export function promoteSecondaries(device: string): string | null {
  try {
    writeFileSync(`/proc/sys/net/ipv4/conf/${device}/promote_secondaries`, '1');
    return null;
  } catch (error) {
    return `promote_secondaries: ${error instanceof Error ? error.message : error}`;
  }
}

/** It routes IPv6: neighbours are told that they see a router. */
export function forwards(device: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv6/conf/${device}/forwarding`, 'utf8').startsWith('1');
  } catch {
    return false;
  }
}
