/** What may stand at top level of a keepalived.conf. */
import { readAddressLine } from './address-line.ts';
import { GLOBAL_KEYWORDS } from './global-keywords.ts';
import { newInstanceDraft, newSyncGroupDraft } from './instance-draft.ts';
import { INSTANCE_KEYWORDS } from './instance-keywords.ts';
import { readRoute, readRule } from './kernel-entry.ts';
import { applyBlock, block, ignored, type Keyword, keywordTable, unsupported } from './keyword.ts';
import { readGroup } from './l4/group.ts';
import { readVirtualServer } from './l4/virtual-server-keywords.ts';
import { isNewName, type Loading } from './loading.ts';
import type { Statement } from './statement.ts';
import { SYNC_GROUP_KEYWORDS } from './sync-group.ts';
import { newTandemDraft, TANDEM_KEYWORDS } from './tandem-block.ts';
import { FILE_KEYWORDS, finishFile, newFileDraft } from './track-file.ts';
import { finishProcess, newProcessDraft, PROCESS_KEYWORDS } from './track-process.ts';
import { newScriptDraft, SCRIPT_KEYWORDS } from './vrrp-script.ts';

const KEYWORDS: readonly Keyword<Loading>[] = [
  block('global_defs', '', 'the process and the defaults of instances', (s, { global }) => {
    applyBlock(GLOBAL_KEYWORDS, s.children, global);
  }),
  block('vrrp_instance', '<name>', 'addresses that move', (s, loading) => {
    const isNew = isNewName(s, loading.instances);
    const instance = newInstanceDraft(s);
    applyBlock(INSTANCE_KEYWORDS, s.children, instance);
    if (isNew) loading.instances.push(instance);
  }),
  block('vrrp_sync_group', '<name>', 'instances that move together', (s, loading) => {
    const isNew = isNewName(s, loading.syncGroups);
    const group = newSyncGroupDraft(s);
    applyBlock(SYNC_GROUP_KEYWORDS, s.children, group);
    if (isNew) loading.syncGroups.push(group);
  }),
  block('vrrp_script', '<name>', 'a command whose result changes priorities', (s, loading) => {
    const isNew = isNewName(s, loading.scripts);
    const script = newScriptDraft(s);
    applyBlock(SCRIPT_KEYWORDS, s.children, script);
    if (isNew) loading.scripts.push(script);
  }),
  block('vrrp_track_process', '<name>', 'a program that has to run', (s, loading) => {
    const isNew = isNewName(s, loading.processes);
    const draft = newProcessDraft(s);
    applyBlock(PROCESS_KEYWORDS, s.children, draft);
    const value = finishProcess(draft);
    if (isNew && value !== null) loading.processes.push({ statement: s, value });
  }),
  block('track_file', '<name>', 'a file with a number in it', readTrackFile),
  block('vrrp_track_file', '<name>', 'the older name of track_file', readTrackFile),
  block('static_ipaddress', '', 'addresses that stay', (s, loading) => {
    for (const line of s.children ?? []) push(readAddressLine(line), loading.staticAddresses);
  }),
  block('static_routes', '', 'routes that stay; as for `ip route`', (s, loading) => {
    for (const line of s.children ?? []) push(readRoute(line), loading.staticRoutes);
  }),
  block('static_rules', '', 'rules that stay; as for `ip rule`', (s, loading) => {
    for (const line of s.children ?? []) push(readRule(line), loading.staticRules);
  }),
  block('virtual_server', '<ip|fwmark|group> ...', 'balanced by the kernel; its servers are checked', (s, loading) => {
    loading.virtualServers.push(readVirtualServer(s));
  }),
  block('virtual_server_group', '<name>', 'addresses that virtual servers have in common', (s, loading) => {
    const isNew = isNewName(s, loading.virtualServerGroups);
    const group = readGroup(s);
    if (isNew) loading.virtualServerGroups.push(group);
  }),
  block('tandem', '', 'our own words; keepalived does not know them', (s, loading) => {
    loading.tandem ??= newTandemDraft(s, false);
    applyBlock(TANDEM_KEYWORDS, s.children, loading.tandem);
  }),
  ...ignored<Loading>('processes end when they have ended', 'child_wait_time'),
  ...ignored<Loading>('links report their state by netlink', 'linkbeat_use_polling', 'linkbeat_interfaces'),
  ...unsupported<Loading>('leave it out: SSL_GET takes any certificate of a server, and shows none of its own', 'SSL'),
  ...unsupported<Loading>(
    'start the program inside: ip netns exec NAME tandem run …',
    'net_namespace',
    'net_namespace_ipvs',
    'namespace_with_ipsets',
  ),
  ...unsupported<Loading>('there is one process and one PID file', 'instance', 'use_pid_dir'),
  ...unsupported<Loading>('use vrrp_garp_interval', 'garp_group'),
  ...unsupported<Loading>('static addresses are not tracked', 'track_group'),
  ...unsupported<Loading>('there is no BFD', 'bfd_instance'),
  ...unsupported<Loading>('use preempt_delay', 'interface_up_down_delays'),
];

export const SECTIONS = keywordTable<Loading>('Top level', 'at top level', KEYWORDS);

function push<T>(item: T | null, list: T[]): void {
  if (item !== null) list.push(item);
}

function readTrackFile(s: Statement, loading: Loading): void {
  const isNew = isNewName(s, loading.files);
  const draft = newFileDraft(s);
  applyBlock(FILE_KEYWORDS, s.children, draft);
  const value = finishFile(draft);
  if (isNew && value !== null) loading.files.push({ statement: s, value });
}
