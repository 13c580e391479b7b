/**
 * What a keepalived.conf asks of this box, and what is likely wrong there: interfaces that are missing, addresses outside of
 * their subnet, rights that are missing, a packet filter that drops adverts. Warnings: the box may be another one when it
 * runs. Not here: what can be told from the file alone (src/config/keepalived), looking at the box (box-facts.ts).
 */
import type { Origin } from '../config/model.ts';
import type { PairModel, VirtualAddress, VrrpInstance } from '../config/pair-model.ts';
import type { Problem } from '../core/problem.ts';
import { subnetTest } from '../core/subnet.ts';
import type { AddressChange } from '../netlink/monitor-line.ts';
import { droppingChain, type FilterChain, type FilteredPacket } from '../netlink/packet-filter.ts';
import { type CapabilityName, hasCapability } from '../sys/capabilities.ts';
import { canonicalIp } from '../vrrp/ip-text.ts';
import type { BoxFacts } from './box-facts.ts';
import { boxWarning } from './box-warning.ts';
import { l4Problems } from './l4-preflight.ts';

export function pairProblems(model: PairModel, facts: BoxFacts): readonly Problem[] {
  const { interfaces, filter } = facts;
  return [
    ...model.instances.flatMap((instance) =>
      interfaces === null ? [] : interfaceProblems(instance, model, interfaces),
    ),
    ...trackProblems(model, interfaces),
    ...rightsProblems(model, facts),
    ...model.instances.flatMap((instance) => (filter === null ? [] : filterProblems(instance, filter))),
    ...firstOf(model).flatMap((origin) => facts.trouble.map((text) => boxWarning('missing-program', origin, text))),
    ...(facts.layer4 === null ? [] : l4Problems(model, facts.layer4, interfaces)),
  ];
}

/** Where to point at for what concerns all of it. */
function firstOf({ instances, virtualServers }: PairModel): readonly Origin[] {
  return [...instances, ...virtualServers].slice(0, 1).map(({ origin }) => origin);
}

/** What is tracked and is not there is down: a FAULT, or a lower priority, for ever. */
function trackProblems({ global, instances, syncGroups }: PairModel, interfaces: BoxFacts['interfaces']): Problem[] {
  if (interfaces === null || global.dynamicInterfaces) return [];
  const ours = instances.flatMap(({ vmac }) => vmac?.name ?? []);
  return [...instances, ...syncGroups].flatMap(({ name, trackInterfaces }) =>
    trackInterfaces
      .filter((track) => !interfaces.has(track.name) && !ours.includes(track.name))
      .map((track) => {
        const effect = track.weight === 0 ? 'FAULT' : 'another priority';
        const message = `'${name}' tracks the interface ${track.name}, which is not on this box: ${effect} until it comes`;
        return boxWarning('no-interface', track.origin, message);
      }),
  );
}

function interfaceProblems(
  instance: VrrpInstance,
  { global, instances }: PairModel,
  interfaces: ReadonlyMap<string, readonly AddressChange[]>,
): Problem[] {
  const { name, interface: base, vmac, addresses, excludedAddresses } = instance;
  if (!interfaces.has(base)) {
    if (global.dynamicInterfaces) return [];
    const message = `'${name}': there is no interface ${base} on this box`;
    return [boxWarning('no-interface', instance.origin, message, 'dynamic_interfaces, where it comes later')];
  }
  const virtual = new Set(
    instances.flatMap((one) => [...one.addresses, ...one.excludedAddresses]).map(({ ip }) => canonicalIp(ip)),
  );
  return [...addresses, ...excludedAddresses].flatMap((address) => {
    // On a macvlan it is in the subnet of what the macvlan is on.
    const device = address.device === vmac?.name ? base : address.device;
    const own = (interfaces.get(device) ?? []).filter(({ ip }) => !virtual.has(canonicalIp(ip)));
    return subnetProblem(address, device, own);
  });
}

function subnetProblem(address: VirtualAddress, device: string, own: readonly AddressChange[]): Problem[] {
  const { ip, family, prefixLength, origin } = address;
  const sameFamily = own.filter((one) => one.family === family);
  if (address.peer !== null || sameFamily.some((subnet) => subnetTest(subnet.ip, subnet.prefixLength)(ip))) return [];
  // Its own neighbours are those of the mask that it has; of none, where it is alone.
  const subnets = sameFamily.map((one) => `${one.ip}/${one.prefixLength}`).join(', ');
  const message = `${ip}/${prefixLength} is in no subnet of ${device} (${subnets === '' ? `no IPv${family} address` : subnets})`;
  const hint = 'only clients that have a route to it through this box will reach it; another interface: dev IF';
  return [boxWarning('outside-subnet', origin, message, hint)];
}

function rightsProblems(model: PairModel, { capabilities }: BoxFacts): Problem[] {
  const { instances, global } = model;
  const [first] = firstOf(model);
  if (first === undefined) return [];
  const needs: [CapabilityName, string][] =
    instances.length === 0
      ? [['CAP_NET_ADMIN', "to write the kernel's tables"]]
      : [
          ['CAP_NET_ADMIN', 'to set addresses'],
          ['CAP_NET_RAW', 'to send and hear adverts'],
        ];
  if (global.realtimePriority !== null) needs.push(['CAP_SYS_NICE', 'for vrrp_rt_priority']);
  if (global.noSwap) needs.push(['CAP_IPC_LOCK', 'for vrrp_no_swap']);
  return needs.flatMap(([name, what]) => {
    if (hasCapability(capabilities.effective, name)) return [];
    const obtainable = hasCapability(capabilities.bounding, name);
    const message = obtainable
      ? `this user lacks ${name}, which tandem run needs ${what}`
      : `nobody can have ${name} here, not even root; tandem run needs it ${what}`;
    const hint = obtainable
      ? `run it as root, or with AmbientCapabilities=${name} in its unit`
      : `give it to the container: --cap-add ${name.slice('CAP_'.length)}`;
    return [boxWarning('missing-capability', first, message, hint)];
  });
}

function filterProblems(instance: VrrpInstance, chains: readonly FilterChain[]): Problem[] {
  const packets = arriving(instance);
  for (const packet of packets) {
    const chain = droppingChain(chains, packet);
    if (chain === null) continue;
    const from = packet.multicast ? `to ${packet.destination}` : `from ${packet.source}`;
    const message = `'${instance.name}': the packet filter of this box drops adverts ${from} on ${packet.device} (${chain.title}): two masters`;
    return [boxWarning('firewalled', instance.origin, message, 'let protocol 112 in: the rules are below')];
  }
  return [];
}

function arriving({ transport, family, interface: device, sourceIp }: VrrpInstance): FilteredPacket[] {
  if (transport.kind === 'multicast') {
    return [{ family, device, source: null, destination: transport.group, multicast: true }];
  }
  return transport.peers.map(({ ip }) => {
    return { family, device, source: ip, destination: sourceIp, multicast: false };
  });
}
