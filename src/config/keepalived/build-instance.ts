/**
 * One `vrrp_instance`, resolved: its own words, else those of global_defs, else keepalived's defaults. What contradicts itself
 * is reported here, and changed the way keepalived changes it (vrrp.c, vrrp_complete_instance).
 */
import type {
  Authentication,
  IpFamily,
  NotifyScripts,
  ScriptCommand,
  VmacSettings,
  VrrpInstance,
} from '../pair-model.ts';
import { buildAddresses } from './build-addresses.ts';
import { buildTandem } from './build-tandem.ts';
import { buildAnnounce, resolveInterval, resolveVersion } from './build-timing.ts';
import { buildTracks, type WithoutWeights } from './build-tracks.ts';
import { buildTransport } from './build-transport.ts';
import type { InstanceDraft, NotifyDraft, SyncGroupDraft } from './instance-draft.ts';
import type { Loading } from './loading.ts';
import { resolvePreemption, resolvePriority, resolveStrict } from './resolve-election.ts';
import type { VmacNames } from './vmac-names.ts';

/** What an instance needs to know of the rest. */
export interface Surroundings {
  readonly loading: Loading;
  readonly group: SyncGroupDraft | null;
  readonly vmacNames: VmacNames;
}

const OWNER_PRIORITY = 255;
const PASSWORD_BYTES = 8;

export function buildInstance(draft: InstanceDraft, { loading, group, vmacNames }: Surroundings): VrrpInstance {
  const { global } = loading;
  checkRequired(draft);
  const family = resolveFamily(draft);
  const version = resolveVersion(draft, global, family);
  const advertIntervalCs = resolveInterval(draft, version);
  const strict = resolveStrict(draft, global, version);
  const { priority, wantedState } = resolvePriority(draft, strict);
  const transport = buildTransport(draft, global, family);
  const vmac = buildVmac(draft, family, transport.kind === 'unicast', vmacNames);
  const device = vmac?.name ?? draft.interface ?? '';
  const { addresses, excludedAddresses } = buildAddresses(draft, family, device);
  checkAddresses(draft, version, family, transport.kind === 'unicast');
  const groupMovesAsOne = group !== null && !group.trackingWeight;
  const without: WithoutWeights = groupMovesAsOne ? 'group' : priority === OWNER_PRIORITY ? 'owner' : null;
  leaveOutOwnInterface(draft);
  return {
    origin: draft.statement.origin,
    name: draft.name,
    interface: draft.interface ?? '',
    wantedState,
    virtualRouterId: draft.virtualRouterId ?? 0,
    version,
    family,
    priority,
    advertIntervalCs,
    authentication: buildAuthentication(draft, version, strict),
    addresses,
    excludedAddresses,
    routes: draft.routes,
    rules: draft.rules,
    promoteSecondaries: resolvePromote(draft),
    transport,
    sourceIp: draft.source?.value.family === family ? draft.source.value.ip : null,
    trackSourceIp: draft.trackSource && draft.source !== null,
    ...buildTracks(draft, loading, without),
    dontTrackPrimary: draft.dontTrackPrimary,
    tandem: buildTandem(draft.tandem, loading.tandem),
    ...resolvePreemption(draft, wantedState, priority, strict),
    vmac,
    nativeIpv6: draft.nativeIpv6,
    announce: buildAnnounce(draft, global, strict, advertIntervalCs),
    // keepalived's default is off, and leaves clients on the wrong box after a partition has healed.
    higherPrioSendAdvert: !strict && (draft.higherPrioSendAdvert ?? global.higherPrioSendAdvert ?? true),
    lowerPrioNoAdvert: strict || (draft.lowerPrioNoAdvert ?? global.lowerPrioNoAdvert ?? false),
    downTimerAdverts: strict ? 3 : (draft.downTimerAdverts ?? global.downTimerAdverts ?? 3),
    skipCheckAdvertAddresses: draft.skipCheckAdvertAddresses ?? global.skipCheckAdvertAddresses,
    checkUnicastSource: draft.checkUnicastSource || global.checkUnicastSource,
    v3ChecksumAsV2: version === 3 && family === 4 && (draft.v3ChecksumAsV2 ?? global.v3ChecksumAsV2),
    strict,
    accept: resolveAccept(draft, priority, version, strict),
    notify: buildNotify(
      draft,
      global.scriptUser,
      draft.notifyPriorityChanges ?? group?.notifyPriorityChanges ?? global.notifyPriorityChanges,
    ),
    smtpAlert: draft.smtpAlert ?? global.smtpAlertVrrp ?? global.smtpAlert ?? false,
    syncGroup: group?.name ?? null,
    debug: draft.debug,
  };
}

function checkRequired(draft: InstanceDraft): void {
  const { statement, name } = draft;
  if (draft.virtualRouterId === null && !draft.said.has('virtual_router_id')) {
    const hint = 'virtual_router_id 1 to 255, the same on both nodes';
    statement.error(1, 'missing-keyword', `'${name}' has no virtual_router_id`, hint);
  }
  if (draft.interface === 'lo') {
    draft.said.get('interface')?.error(1, 'bad-interface', 'adverts cannot go through the loopback interface');
  } else if (draft.interface === null && !draft.said.has('interface')) {
    statement.error(1, 'missing-keyword', `'${name}' has no interface`, 'interface eth0');
  }
}

/** keepalived: of the first address that is written, whatever it is for. */
function resolveFamily(draft: InstanceDraft): IpFamily {
  const [address] = draft.addresses;
  const [peer] = draft.peers;
  const family = address?.family ?? peer?.family ?? draft.source?.value.family ?? (draft.nativeIpv6 ? 6 : 4);
  if (draft.source !== null && draft.source.value.family !== family) {
    const message = `${draft.source.value.ip} is IPv${draft.source.value.family}, the adverts are IPv${family}`;
    draft.source.statement.error(1, 'mixed-families', message);
  }
  if (draft.nativeIpv6 && family === 4) {
    draft.said.get('native_ipv6')?.error(0, 'mixed-families', 'native_ipv6 and IPv4 addresses do not go together');
  }
  return family;
}

function checkAddresses(draft: InstanceDraft, version: 2 | 3, family: IpFamily, unicast: boolean): void {
  const { statement, name } = draft;
  const [first] = draft.addresses;
  if (first === undefined) {
    const message = `'${name}' has no virtual_ipaddress`;
    if (draft.said.has('virtual_ipaddress') && draft.excluded.length === 0 && version === 2) {
      statement.warning(1, 'no-address', message);
    } else if (version === 3) statement.error(1, 'no-address', message, 'version 3 wants at least one');
    else statement.warning(1, 'no-address', message, 'virtual_ipaddress { ADDRESS/MASK }');
  } else if (family === 6 && !unicast && !/^fe[89ab]/i.test(first.ip)) {
    const hint = 'RFC 9568 5.2.9; write fe80::…/64 first where other makes of routers listen';
    first.statement.warning(0, 'first-not-link-local', 'the first IPv6 address should be a link-local one', hint);
  }
}

function buildAuthentication(draft: InstanceDraft, version: 2 | 3, strict: boolean): Authentication | null {
  const place = draft.said.get('authentication');
  const { authType, authPass } = draft;
  if (place === undefined) return null;
  if (strict || version === 3) {
    const why = strict ? 'strict mode has no authentication' : 'version 3 has no authentication';
    if (authType !== null) place.warning(0, 'authentication-ignored', `${why}: it is ignored`);
    return null;
  }
  if (authType === null) {
    if (authPass !== null)
      place.warning(0, 'password-unused', 'without auth_type the password is not used', 'auth_type PASS');
    return null;
  }
  if (authPass === null || authPass.text === '') {
    place.warning(
      0,
      'authentication-ignored',
      'there is no password: adverts go without authentication',
      'auth_pass …',
    );
    return null;
  }
  const bytes = Buffer.from(authPass.text);
  if (bytes.length <= PASSWORD_BYTES) return { type: 'PASS', password: authPass.text };
  const kept = bytes.subarray(0, PASSWORD_BYTES).toString('utf8');
  const message = `a password has ${PASSWORD_BYTES} bytes; the ${bytes.length - PASSWORD_BYTES} behind them are cut off`;
  if (Buffer.byteLength(kept) !== PASSWORD_BYTES) {
    authPass.statement.error(1, 'password-cut', `${message}, in the middle of a character`, 'write a shorter one');
    return null;
  }
  authPass.statement.warning(1, 'password-cut', message, 'the other node cuts it too: nothing has to change');
  return { type: 'PASS', password: kept };
}

function buildVmac(draft: InstanceDraft, family: IpFamily, unicast: boolean, names: VmacNames): VmacSettings | null {
  if (draft.vmac === null) {
    const place = draft.said.get('vmac_xmit_base');
    place?.warning(0, 'vmac-keyword', "without 'use_vmac' adverts leave from the interface anyway");
    return null;
  }
  const { statement, name, mac } = draft.vmac;
  const vrid = draft.virtualRouterId ?? 0;
  if (unicast && !draft.vmacTransmitOnBase) {
    statement.warning(
      0,
      'vmac-unicast',
      'with unicast peers adverts leave from the interface itself',
      'vmac_xmit_base',
    );
  }
  return {
    name: names.take(name, vrid, family),
    macAddress: mac === null || mac.length === 17 ? mac : `${mac}:${vrid.toString(16).padStart(2, '0')}`,
    transmitOnBase: draft.vmacTransmitOnBase || unicast,
    forAddresses: draft.vmacForAddresses,
  };
}

function leaveOutOwnInterface(draft: InstanceDraft): void {
  draft.interfaces = draft.interfaces.filter(({ name, statement }) => {
    if (name !== draft.interface) return true;
    statement.warning(0, 'own-interface', `'${name}' is the instance's own interface and is tracked anyway`);
    return false;
  });
}

function resolvePromote(draft: InstanceDraft): boolean {
  if (!draft.promoteSecondaries || draft.vmac === null) return draft.promoteSecondaries;
  draft.said.get('promote_secondaries')?.warning(0, 'vmac-keyword', 'a VMAC has it anyway');
  return false;
}

/** 5798 6.4.3 (645): who owns the addresses accepts what is sent to them, whatever Accept_Mode is. */
function resolveAccept(draft: InstanceDraft, priority: number, version: 2 | 3, strict: boolean): boolean {
  if (priority === OWNER_PRIORITY) {
    const message = 'no_accept means nothing for an owner (priority 255)';
    if (draft.accept === false) draft.said.get('no_accept')?.warning(0, 'no-accept-ignored', message);
    return true;
  }
  if (draft.accept === true && strict && version === 2) {
    draft.said.get('accept')?.warning(0, 'strict-mode', 'strict mode of version 2 does not accept packets');
    return false;
  }
  return draft.accept ?? !strict;
}

export function buildNotify(
  draft: NotifyDraft,
  user: { readonly user: string; readonly group: string | null } | null,
  onPriorityChange: boolean,
): NotifyScripts {
  const as = (command: ScriptCommand | null): ScriptCommand | null => asUser(command, user);
  return {
    master: as(draft.notifyMaster),
    backup: as(draft.notifyBackup),
    fault: as(draft.notifyFault),
    stop: as(draft.notifyStop),
    deleted: as(draft.notifyDeleted),
    general: as(draft.notifyGeneral),
    masterHeardLower: as(draft.notifyLowerPrio),
    onPriorityChange,
  };
}

/** A command without a user of its own gets that of script_user. */
export function asUser(
  command: ScriptCommand | null,
  user: { readonly user: string; readonly group: string | null } | null,
): ScriptCommand | null {
  if (command === null || command.user !== null || user === null) return command;
  return { ...command, user: user.user, group: user.group };
}
