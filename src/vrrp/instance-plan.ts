/** A virtual router of the model → what runs it: what is expected of peers, the election's numbers, addresses. Pure. */
import type { AnnounceSettings, KernelEntry, VirtualAddress, VrrpInstance } from '../config/pair-model.ts';
import { type AnnounceRules, SPREAD, type Volleys } from '../netlink/announcer.ts';
import type { KeptAddress } from '../netlink/kept-address.ts';
import type { Expectation } from './acceptance.ts';
import { authDataOf } from './auth-data.ts';
import type { ElectionConfig } from './election-types.ts';
import { canonicalIp } from './ip-text.ts';

/** keepalived's defaults: whoever has not written anything else gets our own scheme. */
const DEFAULT_DELAY_MS = 5000;
const DEFAULT_REPEAT = 5;

export function electionConfigOf(instance: VrrpInstance, sourceIp: string): ElectionConfig {
  return {
    name: instance.name,
    version: instance.version,
    priority: instance.priority,
    intervalCs: instance.advertIntervalCs,
    preempt: instance.preempt,
    preemptDelayMs: instance.preemptDelayMs,
    downTimerAdverts: instance.downTimerAdverts,
    higherPrioSendAdvert: instance.higherPrioSendAdvert,
    lowerPrioNoAdvert: instance.lowerPrioNoAdvert,
    sourceIp,
  };
}

export function expectationOf(instance: VrrpInstance, group: string): Expectation {
  const { transport, version } = instance;
  const peers = transport.kind === 'unicast' ? transport.peers : null;
  return {
    version,
    vrid: instance.virtualRouterId,
    intervalCs: instance.advertIntervalCs,
    authData: instance.authentication === null ? null : authDataOf(instance.authentication.password),
    addresses: instance.addresses.map(({ ip }) => canonicalIp(ip)),
    addressCheck: version === 3 ? 'tell' : 'drop',
    peers: peers?.map(({ ip, minTtl, maxTtl }) => ({ ip: canonicalIp(ip), minTtl, maxTtl })) ?? null,
    group: transport.kind === 'multicast' ? canonicalIp(transport.group) : canonicalIp(group),
  };
}

export function keptAddressOf(address: VirtualAddress): KeptAddress {
  const words: string[] = [];
  if (address.broadcast !== null) words.push('broadcast', address.broadcast);
  if (address.scope !== null) words.push('scope', String(address.scope));
  if (address.label !== null) words.push('label', address.label);
  const flags: string[] = [];
  if (address.home) flags.push('home');
  // Somebody had the address a moment ago: asking whether it is free would take a second, and fail.
  if (address.family === 6) flags.push('nodad');
  if (address.mngTmpAddr) flags.push('mngtmpaddr');
  if (address.noPrefixRoute) flags.push('noprefixroute');
  if (address.autoJoin) flags.push('autojoin');
  const { peer } = address;
  return {
    ip: canonicalIp(address.ip),
    family: address.family,
    prefixLength: address.prefixLength,
    device: address.device,
    words,
    peer: peer === null ? null : `${peer.ip}/${peer.prefixLength}`,
    flags,
    preferredLifetimeS: address.preferredLifetimeS === 'forever' ? null : address.preferredLifetimeS,
    untracked: address.noTrack,
  };
}

export function announceRulesOf(settings: AnnounceSettings): AnnounceRules {
  return {
    master: volleys(settings.masterDelayMs, settings.masterRepeat),
    lowerPriority: volleys(settings.lowerPrioDelayMs, settings.lowerPrioRepeat),
    refreshMs: settings.refreshMs,
    refreshRepeat: settings.refreshRepeat,
    garpIntervalMs: settings.garpIntervalMs,
    gnaIntervalMs: settings.gnaIntervalMs,
  };
}

function volleys(delayMs: number, repeat: number): Volleys {
  if (delayMs === DEFAULT_DELAY_MS && repeat === DEFAULT_REPEAT) return SPREAD;
  return { atMs: delayMs === 0 ? [0] : [0, delayMs], repeat };
}

export interface EntryCommands {
  readonly add: string;
  readonly remove: string;
}

export function routeCommands({ words }: KernelEntry): EntryCommands {
  return { add: ['route', 'replace', ...words].join(' '), remove: ['route', 'del', ...words].join(' ') };
}

export function ruleCommands({ words }: KernelEntry): EntryCommands {
  return { add: ['rule', 'add', ...words].join(' '), remove: ['rule', 'del', ...words].join(' ') };
}
