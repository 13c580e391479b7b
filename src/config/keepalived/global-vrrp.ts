/** Keywords of `global_defs` that are defaults for every instance. */
import { isIPv4, isIPv6 } from 'node:net';
import type { GlobalDraft } from './global-draft.ts';
import { type Keyword, supported } from './keyword.ts';
import { flag, integer, seconds, text, toggle, wholeSeconds } from './setters.ts';
import type { Statement } from './statement.ts';
import { readInteger } from './values.ts';

const LONG_S = 4294;
const MANY = 1_000_000;

export const GLOBAL_VRRP_KEYWORDS: readonly Keyword<GlobalDraft>[] = [
  supported('vrrp_version', '<2|3>', 'default 2, and 3 for IPv6', (s, global) => {
    const version = readInteger(s, 1, 2, 3);
    if (version !== null) global.version = version === 2 ? 2 : 3;
  }),
  supported('vrrp_mcast_group4', '<ip>', 'default 224.0.0.18', readGroup4),
  supported('vrrp_mcast_group6', '<ip>', 'default ff02::12', readGroup6),
  wholeSeconds('vrrp_garp_master_delay', 'garpMasterDelayMs', [0, LONG_S], 'default 5'),
  integer('vrrp_garp_master_repeat', 'garpMasterRepeat', [1, MANY], 'default 5'),
  wholeSeconds(
    'vrrp_garp_master_refresh',
    'garpRefreshMs',
    [0, LONG_S],
    'default: about every second, four times with adverts at 0.25 s or less; keepalived none; 0: none',
  ),
  integer('vrrp_garp_master_refresh_repeat', 'garpRefreshRepeat', [1, MANY], 'default 1'),
  wholeSeconds('vrrp_garp_lower_prio_delay', 'garpLowerPrioDelayMs', [0, LONG_S], 'default: as for master'),
  integer('vrrp_garp_lower_prio_repeat', 'garpLowerPrioRepeat', [0, MANY], 'default: as for master'),
  toggle('vrrp_min_garp', 'minGarp', 'one packet, no second volley'),
  seconds('vrrp_garp_interval', 'garpIntervalMs', [0, LONG_S], 'least distance on an interface; default 0'),
  seconds('vrrp_gna_interval', 'gnaIntervalMs', [0, LONG_S], 'the same for IPv6'),
  integer('vrrp_down_timer_adverts', 'downTimerAdverts', [1, 100], 'default 3'),
  toggle('vrrp_lower_prio_no_advert', 'lowerPrioNoAdvert', 'a lower priority is not answered'),
  toggle(
    'vrrp_higher_prio_send_advert',
    'higherPrioSendAdvert',
    'a last advert before leaving to a higher priority; default on, keepalived off',
  ),
  toggle('vrrp_skip_check_adv_addr', 'skipCheckAdvertAddresses', 'the list is checked once a master'),
  flag('vrrp_check_unicast_src', 'checkUnicastSource', 'always so here: peers only'),
  flag('vrrp_strict', 'strict', 'RFC to the letter; drops what is sent to the addresses: rarely what is wanted'),
  toggle('v3_checksum_as_v2', 'v3ChecksumAsV2', 'version 3, IPv4: checksum without pseudo-header (RFC 9568)'),
  toggle('vrrp_notify_priority_changes', 'notifyPriorityChanges', 'FIFOs hear of priorities too'),
  seconds('vrrp_startup_delay', 'startupDelayMs', [0.001, LONG_S], 'default 0'),
  seconds('vrrp_delay_after_boot', 'delayAfterBootMs', [0.001, LONG_S], 'the same, from the boot'),
  flag('log_unknown_vrids', 'logUnknownVrids', 'adverts that nobody waits for are logged'),
  text('vmac_prefix', '<name>', 'vmacPrefix', 'default vrrp'),
];

function readGroup4(s: Statement, global: GlobalDraft): void {
  const group = s.text(1);
  const first = Number(group.split('.')[0]);
  if (isIPv4(group) && first >= 224 && first < 240) global.mcastGroup4 = group;
  else s.error(1, 'bad-address', `'${group}' is no IPv4 multicast address`);
}

function readGroup6(s: Statement, global: GlobalDraft): void {
  const group = s.text(1);
  if (isIPv6(group) && /^ff[0-9a-f]2:/i.test(group)) global.mcastGroup6 = group;
  else s.error(1, 'bad-address', `'${group}' is no IPv6 multicast address of the link`, 'ff02::…');
}
