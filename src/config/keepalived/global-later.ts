/** Keywords of `global_defs` that mean nothing here, and those that are not supported. */
import type { GlobalDraft } from './global-draft.ts';
import { ignored, type Keyword, unsupported } from './keyword.ts';

const ONE_PROCESS = 'there is one control process and it has the name of the program';
const CHECKER =
  'checks are made by the control process, for which there are vrrp_priority, vrrp_rt_priority and vrrp_no_swap';
const BUFFERS = 'buffers are sized by themselves';
const FIREWALL =
  'VMACs need no rules; no_accept has an nftables table of its own, tandem_NAME, and so has a hand-over, while it lasts';

export const LATER_GLOBAL_KEYWORDS: readonly Keyword<GlobalDraft>[] = [
  ...ignored(
    CHECKER,
    ...words('checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity checker_rlimit_rttime'),
    ...words('checker_rlimit_rtime'),
  ),
  ...ignored(
    'conntrackd tells the other box of connections, see layer-4.md; without it they end when addresses move',
    'lvs_sync_daemon',
  ),
  ...ignored('tables of nftables are our own, and brought up to date at every start; IPVS is not touched', 'lvs_flush'),
  ...ignored(
    'virtual servers are rules of nftables anyhow',
    ...words('nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark'),
  ),
  ...ignored('there is no SNMP', ...words('snmp_vs_stats_update_interval snmp_rs_stats_update_interval')),
  ...ignored(
    'there is no BFD process',
    ...words('bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime'),
  ),
  ...ignored(
    ONE_PROCESS,
    ...words('process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name'),
  ),
  ...ignored(
    BUFFERS,
    ...words('vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs'),
    ...words('vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force'),
    ...words('lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs'),
    ...words('process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier'),
  ),
  ...ignored(
    FIREWALL,
    ...words('nftables nftables_priority nftables_counters nftables_ifindex vrrp_iptables vrrp_ipsets'),
  ),
  ...ignored(
    'the control process raises its priority at its start where it may, and measures how late it wakes',
    ...words('max_auto_priority min_auto_priority_delay'),
  ),
  ...ignored(
    'the configuration is read once, into memory',
    ...words('tmp_config_directory config_save_dir random_seed'),
  ),
  ...ignored(
    'dumps are keepalived.data, keepalived.stats and keepalived.json in TMPDIR or /tmp',
    ...words('data_use_instance state_dump_file stats_dump_file json_dump_file'),
  ),
  ...ignored('keepalived.json is of version 1', 'json_version'),
  ...ignored('files are made with modes of their own, dumps for their owner alone', 'umask'),
  ...unsupported(
    'there is no SNMP',
    ...words('snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc'),
    ...words('enable_snmp_rfcv2 enable_snmp_rfcv3'),
  ),
  ...unsupported('there is no D-Bus', ...words('enable_dbus dbus_service_name dbus_no_interface_name')),
  ...unsupported(
    'write `garp_master_refresh` where tables of switches must be kept fresh',
    ...words('vrrp_garp_extra_if vrrp_vmac_garp_intvl'),
  ),
  ...unsupported('the CPUs of a process are the business of its systemd unit', ...words('vrrp_cpu_affinity')),
  ...unsupported('there is no such limit', ...words('vrrp_rlimit_rttime vrrp_rlimit_rtime')),
  ...unsupported(
    'leave it out',
    ...words('vrrp_owner_ignore_adverts disable_local_igmp fifo_write_vrrp_states_on_reload vmac_addr_prefix'),
    ...words('set_supplementary_groups use_symlink_paths iproute_usr_dir iproute_etc_dir reload_time_file'),
    ...words('reload_repeat reload_file include_check'),
  ),
];

function words(list: string): string[] {
  return list.split(' ');
}
