/** Keywords of `vrrp_instance` about time: adverts, taking over, announcing. */
import type { InstanceDraft } from './instance-draft.ts';
import { type Keyword, supported } from './keyword.ts';
import { integer, seconds, toggle, wholeSeconds } from './setters.ts';
import { readSeconds } from './values.ts';

const LONG_S = 4294;
const MANY = 1_000_000;

export const INSTANCE_TIMING_KEYWORDS: readonly Keyword<InstanceDraft>[] = [
  supported(
    'advert_int',
    '<seconds>',
    'default 1; version 2 whole seconds to 255, version 3 0.01 to 40.95',
    (s, instance) => {
      instance.advertIntervalUs = readSeconds(s, 1, 0.01, 255, 'us') ?? instance.advertIntervalUs;
    },
  ),
  seconds('preempt_delay', 'preemptDelayMs', [0, 1000], 'how long a higher priority waits; default 0'),
  integer('down_timer_adverts', 'downTimerAdverts', [1, 100], 'default 3'),
  wholeSeconds('garp_master_delay', 'garpMasterDelayMs', [0, LONG_S], 'default 5: the second volley'),
  integer('garp_master_repeat', 'garpMasterRepeat', [1, MANY], 'default 5'),
  wholeSeconds(
    'garp_master_refresh',
    'garpRefreshMs',
    [0, LONG_S],
    'default: about every second, four times with adverts at 0.25 s or less; keepalived none; 0: none',
  ),
  integer('garp_master_refresh_repeat', 'garpRefreshRepeat', [1, MANY], 'default 1'),
  wholeSeconds('garp_lower_prio_delay', 'garpLowerPrioDelayMs', [0, LONG_S], 'default: as for master'),
  integer('garp_lower_prio_repeat', 'garpLowerPrioRepeat', [0, MANY], 'default: as for master'),
  toggle('lower_prio_no_advert', 'lowerPrioNoAdvert', 'a lower priority is not answered'),
  toggle(
    'higher_prio_send_advert',
    'higherPrioSendAdvert',
    'a last advert before leaving to a higher priority; default on, keepalived off',
  ),
  toggle('skip_check_adv_addr', 'skipCheckAdvertAddresses', 'the list is checked once a master'),
  toggle('v3_checksum_as_v2', 'v3ChecksumAsV2', 'version 3, IPv4: checksum without pseudo-header (RFC 9568)'),
];
