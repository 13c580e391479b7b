/**
 * The virtual MAC 00:00:5e:00:01:VRID (IPv6: 02) on a macvlan of its own, as keepalived's use_vmac makes it: switches learn
 * where it is with the first advert, clients' ARP entries stay right.
 *
 * The base interface must not answer for addresses of the macvlan, and the macvlan must accept what comes from this box.
 *
 * The peer's adverts come from the same MAC. A macvlan of mode `private` (keepalived's, which listens there) would take them
 * all for itself; with mode `bridge` they reach the base interface, where ours are heard and where IGMP belongs: a backup
 * that reports its group from the virtual MAC would draw the switch to its own port.
 */
import { writeFileSync } from 'node:fs';
import type { VrrpInstance } from '../config/pair-model.ts';

export function virtualMac(instance: VrrpInstance): string {
  const last = instance.virtualRouterId.toString(16).padStart(2, '0');
  return instance.vmac?.macAddress ?? `00:00:5e:00:0${instance.family === 4 ? 1 : 2}:${last}`;
}

export function vmacCommands(instance: VrrpInstance, name: string): string[] {
  return [
    `link add ${name} link ${instance.interface} address ${virtualMac(instance)} type macvlan mode bridge`,
    `link set ${name} addrgenmode none`,
    `link set ${name} up`,
  ];
}

/** For one that somebody else has made. */
export function vmacAdoptCommands(name: string): string[] {
  return [`link set ${name} type macvlan mode bridge`, `link set ${name} up`];
}

export function vmacRemoveCommand(name: string): string {
  return `link del ${name}`;
}

/** null, or what could not be set. */
export function prepareVmac(base: string, name: string): string | null {
  const settings: readonly [string, string][] = [
    [`ipv4/conf/${base}/arp_ignore`, '1'],
    [`ipv4/conf/${base}/arp_filter`, '1'],
    [`ipv4/conf/${name}/accept_local`, '1'],
    [`ipv4/conf/${name}/rp_filter`, '0'],
  ];
  for (const [path, value] of settings) {
    try {
      writeFileSync(`/proc/sys/net/${path}`, value);
    } catch (error) {
      return `cannot set ${path}: ${error instanceof Error ? error.message : error}`;
    }
  }
  return null;
}
