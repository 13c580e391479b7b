/**
 * What virtual servers ask of this box, and what is likely wrong there: a kernel that does not pass packets on, or drops them
 * because of where they come in, or has no rules of that kind; servers that no interface leads to. Warnings, as in
 * pair-preflight.ts. Not here: looking at the box (l4-facts.ts).
 */
import type { RealServer, SorryServer, VirtualServer } from '../config/l4-model.ts';
import type { PairModel } from '../config/pair-model.ts';
import type { Problem } from '../core/problem.ts';
import { subnetTest } from '../core/subnet.ts';
import { isLoopback, isPlaceOf } from '../l4/own-address.ts';
import type { AddressChange } from '../netlink/monitor-line.ts';
import { boxWarning } from './box-warning.ts';
import type { L4Facts } from './l4-facts.ts';

/** A NAT'ed connection takes an entry, and keeps it for a while after its end. */
const CONNECTIONS_LEAST = 65_536;
const STRICT = 1;

export type Interfaces = ReadonlyMap<string, readonly AddressChange[]>;

export function l4Problems(model: PairModel, facts: L4Facts, interfaces: Interfaces | null): readonly Problem[] {
  const { virtualServers } = model;
  const [first] = virtualServers;
  if (first === undefined) return [];
  return [
    ...facts.missing.map((text) => boxWarning('missing-kernel-feature', first.origin, text)),
    ...forwardingProblems(model, facts),
    ...trackingProblems(virtualServers, facts),
    ...virtualServers.flatMap(loopbackProblems),
    ...(interfaces === null
      ? []
      : [
          ...virtualServers.flatMap((one) => wayProblems(one, model, interfaces)),
          ...virtualServers.flatMap((one) => reversePathProblems(one, model, facts, interfaces)),
        ]),
  ];
}

function serversOf({ realServers, sorryServer }: VirtualServer): readonly (RealServer | SorryServer)[] {
  return sorryServer === null ? realServers : [...realServers, sorryServer];
}

function hasNat(server: VirtualServer): boolean {
  return serversOf(server).some(({ forwarding }) => forwarding === 'NAT');
}

function forwardingProblems({ virtualServers, l4 }: PairModel, { forwards }: L4Facts): Problem[] {
  if (l4.setsForwarding) return [];
  return ([4, 6] as const).flatMap((family) => {
    const server = virtualServers.find((one) => one.family === family && hasNat(one));
    if (server === undefined || forwards[family] !== false) return [];
    const name = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
    const message = `this box does not pass IPv${family} packets on (${name} is 0): servers with NAT get none`;
    return [boxWarning('no-forwarding', server.origin, message, `tandem { ip_forward on }, or: sysctl -w ${name}=1`)];
  });
}

function trackingProblems(servers: readonly VirtualServer[], { connectionsMax, hasConntrack }: L4Facts): Problem[] {
  const problems: Problem[] = [];
  const nat = servers.find(hasNat);
  if (nat !== undefined && connectionsMax !== null && connectionsMax < CONNECTIONS_LEAST) {
    const message = `the kernel tracks at most ${connectionsMax} connections, and each with NAT is one: beyond that clients are dropped`;
    problems.push(
      boxWarning('few-connections', nat.origin, message, 'sysctl -w net.netfilter.nf_conntrack_max=262144, or more'),
    );
  }
  const udp = servers.find((one) => one.protocol === 'UDP' && hasNat(one));
  if (udp !== undefined && !hasConntrack) {
    const message =
      'without the program conntrack, clients of a UDP server that fails stay with it while they go on asking';
    problems.push(
      boxWarning('missing-program', udp.origin, message, 'install the package conntrack (conntrack-tools)'),
    );
  }
  return problems;
}

/** The kernel takes no packet for 127.0.0.1 that comes in from outside (IPVS refuses to make one, too). */
function loopbackProblems(server: VirtualServer): Problem[] {
  const word = (one: RealServer | SorryServer): string =>
    one === server.sorryServer ? 'sorry_server_lvs_method' : 'lvs_method';
  return serversOf(server).flatMap((one) => {
    const { forwarding, address, origin } = one;
    if (forwarding !== 'NAT' || !isLoopback(address.ip)) return [];
    const message = `${address.ip} gets nothing with NAT: the kernel drops packets from outside for it`;
    const advice = `${word(one)} DR, which leaves packets to this box as they are; or another address of this box`;
    return [boxWarning('loopback-server', origin, message, advice)];
  });
}

/** Packets for servers with DR are sent on to a neighbour. */
function wayProblems(server: VirtualServer, { instances }: PairModel, interfaces: Interfaces): Problem[] {
  const subnets = [
    ...[...interfaces.values()].flat(),
    ...instances.flatMap(({ addresses, excludedAddresses }) => [...addresses, ...excludedAddresses]),
  ].map((one) => subnetTest(one.ip, one.prefixLength));
  return serversOf(server).flatMap(({ forwarding, address, origin }) => {
    if (forwarding !== 'DR' || isLoopback(address.ip) || subnets.some((has) => has(address.ip))) return [];
    const message = `${address.ip} is in no subnet of this box: with DR a server has to be on a link with it`;
    return [boxWarning('no-way', origin, message, 'lb_kind NAT goes through routers, too')];
  });
}

/** Strict: a client is dropped that comes in by another interface than its answer would leave by. */
function reversePathProblems(
  server: VirtualServer,
  model: PairModel,
  { reversePath, defaultDevices }: L4Facts,
  interfaces: Interfaces,
): Problem[] {
  if (server.family !== 4 || !hasNat(server) || defaultDevices.length === 0) return [];
  return devicesOf(server, model, interfaces).flatMap((device) => {
    const mode = Math.max(reversePath.get('all') ?? 0, reversePath.get(device) ?? 0);
    if (mode !== STRICT || defaultDevices.includes(device)) return [];
    const others = defaultDevices.join(', ');
    const message = `clients of other networks come in by ${device}, where rp_filter is strict, and the default route leads through ${others}: the kernel drops them`;
    return [boxWarning('reverse-path', server.origin, message, `sysctl -w net.ipv4.conf.${device}.rp_filter=2`)];
  });
}

/** Interfaces with one of its addresses: now, or when this box is master. */
function devicesOf({ places }: VirtualServer, { instances }: PairModel, interfaces: Interfaces): readonly string[] {
  const own = [...interfaces].filter(([, addresses]) => addresses.some(({ ip }) => isPlaceOf(places, ip)));
  const virtual = instances.flatMap(({ addresses, excludedAddresses }) =>
    [...addresses, ...excludedAddresses].filter(({ ip }) => isPlaceOf(places, ip)).map(({ device }) => device),
  );
  return [...new Set([...own.map(([name]) => name), ...virtual])];
}
