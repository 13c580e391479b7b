/** Everything that was read → the model. Problems between blocks: cross-checks.ts. */
import type { NotifyFifo, PairModel, TrackedFile, VrrpScript, VrrpSyncGroup } from '../pair-model.ts';
import { nearestWord } from '../suggest.ts';
import { finishAddress } from './build-addresses.ts';
import { buildGlobal, flowTimeoutsOf } from './build-global.ts';
import { asUser, buildInstance, buildNotify } from './build-instance.ts';
import { buildTandem } from './build-tandem.ts';
import { buildTracks } from './build-tracks.ts';
import { checkBetween } from './cross-checks.ts';
import type { InstanceDraft, SyncGroupDraft } from './instance-draft.ts';
import { RulePreferences } from './kernel-entry.ts';
import type { VirtualServerGroup } from './l4/group.ts';
import { checkTaken } from './l4/taken-places.ts';
import { buildVirtualServer, type VirtualServerHome } from './l4/virtual-server.ts';
import type { Loading } from './loading.ts';
import { resolveVirtualServerTracks } from './tandem-virtual-server.ts';
import { VmacNames } from './vmac-names.ts';
import type { ScriptDraft } from './vrrp-script.ts';

export function buildPairModel(loading: Loading, hostname: string): PairModel {
  const global = buildGlobal(loading.global, hostname);
  const groupOf = assignGroups(loading);
  const vmacNames = new VmacNames(loading.global.vmacPrefix ?? 'vrrp');
  const preferences = new RulePreferences();
  const staticRules = preferences.complete(loading.staticRules);
  const groupUses = new Map<VirtualServerGroup, number>();
  const virtualServerHome: VirtualServerHome = {
    groups: loading.virtualServerGroups,
    countOf: (group) => {
      const before = groupUses.get(group) ?? 0;
      groupUses.set(group, before + 1);
      return before;
    },
    smtpAlert: loading.global.smtpAlertChecker ?? loading.global.smtpAlert,
    logAllFailures: loading.global.logAllFailures,
    flowTimeouts: flowTimeoutsOf(loading.global),
    files: loading.files.map(({ value }) => value),
    asUser: (command) => asUser(command, global.scriptUser),
  };
  const virtualServers = loading.virtualServers.flatMap((draft) => {
    const server = buildVirtualServer(draft, virtualServerHome);
    return server === null ? [] : [{ statement: draft.statement, server }];
  });
  checkTaken(virtualServers);
  for (const tandem of [loading.tandem, ...loading.instances.map((draft) => draft.tandem)])
    if (tandem !== null)
      tandem.virtualServers = resolveVirtualServerTracks(
        tandem.namedVirtualServers,
        virtualServers,
        loading.virtualServers,
      );
  const instances = loading.instances.map((draft) => {
    const group = groupOf.get(draft.name) ?? null;
    const instance = buildInstance(draft, { loading, group, vmacNames });
    return { ...instance, rules: preferences.complete(instance.rules) };
  });
  const readAs = (fifo: NotifyFifo) => ({ ...fifo, script: asUser(fifo.script, global.scriptUser) });
  const trackedFiles: readonly TrackedFile[] = loading.files.map(({ value }) => value);
  const model: PairModel = {
    global: {
      ...global,
      startupScript: asUser(global.startupScript, global.scriptUser),
      shutdownScript: asUser(global.shutdownScript, global.scriptUser),
      notifyFifos: global.notifyFifos.map(readAs),
      lvsNotifyFifos: global.lvsNotifyFifos.map(readAs),
    },
    instances,
    syncGroups: loading.syncGroups.map((draft) => buildGroup(draft, loading, groupOf)),
    scripts: loading.scripts.flatMap((draft) => buildScript(draft, loading) ?? []),
    trackedProcesses: loading.processes.map(({ value }) => value),
    trackedFiles,
    staticAddresses: loading.staticAddresses.map((draft) => finishAddress(draft, global.defaultInterface)),
    staticRoutes: loading.staticRoutes,
    staticRules,
    virtualServers: virtualServers.map(({ server }) => server),
    l4: {
      setsForwarding: loading.tandem?.setsForwarding ?? false,
      keepsAtStop: loading.tandem?.keepsVirtualServers ?? false,
    },
    tandem: buildTandem(null, loading.tandem),
    http: loading.tandem?.http ?? [],
    sockets: loading.tandem?.sockets ?? [],
  };
  checkBetween(loading, model);
  return model;
}

/** Instance name → its group. */
function assignGroups(loading: Loading): ReadonlyMap<string, SyncGroupDraft> {
  const groupOf = new Map<string, SyncGroupDraft>();
  const names = loading.instances.map(({ name }) => name);
  for (const group of loading.syncGroups) {
    for (const { statement, at, name } of group.members) {
      const before = groupOf.get(name);
      if (!names.includes(name)) {
        const near = nearestWord(name, names);
        const hint = near === null ? undefined : `did you mean '${near}'?`;
        statement.error(at, 'unknown-name', `there is no vrrp_instance '${name}'`, hint);
      } else if (before !== undefined) {
        statement.error(at, 'repeated-name', `'${name}' is in the sync group '${before.name}' already`);
      } else groupOf.set(name, group);
    }
  }
  return groupOf;
}

function buildGroup(
  draft: SyncGroupDraft,
  loading: Loading,
  groupOf: ReadonlyMap<string, SyncGroupDraft>,
): VrrpSyncGroup {
  const { global } = loading;
  const members = draft.members.map(({ name }) => name).filter((name) => groupOf.get(name) === draft);
  const unique = [...new Set(members)];
  if (draft.members.length === 0) {
    draft.statement.error(1, 'empty-group', `the sync group '${draft.name}' has no instance`, 'group { NAME }');
  } else if (unique.length === 1) {
    draft.statement.warning(1, 'group-of-one', `the sync group '${draft.name}' has one instance only`);
  }
  warnAboutOwners(
    draft,
    loading.instances.filter(({ name }) => unique.includes(name)),
  );
  return {
    origin: draft.statement.origin,
    name: draft.name,
    members: unique,
    ...buildTracks(draft, loading, null),
    notify: buildNotify(draft, global.scriptUser, draft.notifyPriorityChanges ?? global.notifyPriorityChanges),
    smtpAlert: draft.smtpAlert ?? global.smtpAlertVrrp ?? global.smtpAlert ?? false,
    trackingWeight: draft.trackingWeight,
  };
}

function warnAboutOwners(group: SyncGroupDraft, members: readonly InstanceDraft[]): void {
  const owners = members.filter(({ priority }) => priority === 255).length;
  if (owners === 0 || owners === members.length) return;
  const message = `in the sync group '${group.name}' some instances have priority 255 and some have not`;
  group.statement.warning(1, 'group-with-owner', message, 'they cannot move together');
}

function buildScript(draft: ScriptDraft, loading: Loading): VrrpScript | null {
  const { statement, name } = draft;
  if (draft.command === null) {
    if (!draft.said.has('script')) statement.error(1, 'missing-keyword', `'${name}' has no script`, 'script "COMMAND"');
    return null;
  }
  const intervalMs = draft.intervalMs ?? 1000;
  const command = { ...draft.command, user: draft.user, group: draft.group };
  return {
    origin: statement.origin,
    name,
    command: asUser(command, loading.global.scriptUser) ?? command,
    intervalMs,
    timeoutMs: draft.timeoutMs ?? intervalMs,
    weight: draft.weight,
    reverse: draft.reverse,
    rise: draft.rise ?? 1,
    fall: draft.fall ?? 1,
    initFail: draft.initFail,
  };
}
