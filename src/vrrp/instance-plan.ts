/** A virtual router of the model → what runs it: what is expected of peers, the election's numbers, addresses. Pure. */
import type { AnnounceSettings, KernelEntry, VirtualAddress, VrrpInstance } from '../config/pair-model.ts';
import { type AnnounceRules, SPREAD, type Volleys } from '../netlink/announcer.ts';
import type { KeptAddress } from '../netlink/kept-address.ts';
import type { Expectation } from './acceptance.ts';
import type { OwnSide } from './alarms.ts';
import { authDataOf } from './auth-data.ts';
import type { ElectionConfig } from './election-types.ts';
import { canonicalIp } from './ip-text.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, type Word } from './packet.ts';

/** keepalived's defaults: whoever has not written anything else gets our own scheme. */
const DEFAULT_DELAY_MS = 5000;
const DEFAULT_REPEAT = 5;

/** `proxies`: connections that can be finished are known of. */
export function electionConfigOf(instance: VrrpInstance, sourceIp: string, proxies: boolean): ElectionConfig {
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
    // A virtual MAC goes where it speaks: nobody can be kept on the old box.
    lingers: instance.vmac === null && instance.accept,
    gentle: proxies && instance.vmac === null && instance.accept,
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

/** For alarms. */
export function ownSideOf(model: VrrpInstance, { addresses }: Expectation): OwnSide {
  return {
    name: model.name,
    version: model.version,
    vrid: model.virtualRouterId,
    intervalCs: model.advertIntervalCs,
    hasPassword: model.authentication !== null,
    addresses,
    unicast: model.transport.kind === 'unicast',
  };
}

/** What is sent: an advert, or a word to another Tandem. */
export function advertOf(model: VrrpInstance, expected: Expectation, priority: number, word?: Word): Advert {
  return {
    version: model.version,
    vrid: model.virtualRouterId,
    priority,
    intervalCs: model.advertIntervalCs,
    addresses: expected.addresses,
    authType: expected.authData === null ? AUTH_NONE : AUTH_PASS,
    authData: expected.authData ?? new Uint8Array(0),
    ...(word && { word }),
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
  readonly family: 4 | 6;
  readonly add: string;
  readonly remove: string;
}

export function routeCommands({ family, words }: KernelEntry): EntryCommands {
  return { family, add: ['route', 'replace', ...words].join(' '), remove: ['route', 'del', ...words].join(' ') };
}

export function ruleCommands({ family, words }: KernelEntry): EntryCommands {
  return { family, add: ['rule', 'add', ...words].join(' '), remove: ['rule', 'del', ...words].join(' ') };
}

/** What comes with the addresses, in the order in which it comes; it goes the other way round. */
export function entryCommands({ routes, rules }: VrrpInstance): readonly EntryCommands[] {
  return [...routes.map(routeCommands), ...rules.map(ruleCommands)];
}
