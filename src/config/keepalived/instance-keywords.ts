/** Keywords of `vrrp_instance`. Its timing and announcing: instance-timing.ts; where adverts go: instance-transport.ts. */
import { type AddressDraft, readAddressLine } from './address-line.ts';
import { AUTHENTICATION_KEYWORDS } from './authentication.ts';
import type { InstanceDraft } from './instance-draft.ts';
import { INSTANCE_TIMING_KEYWORDS } from './instance-timing.ts';
import { INSTANCE_TRANSPORT_KEYWORDS } from './instance-transport.ts';
import { readRule, readVirtualRoute } from './kernel-entry.ts';
import { applyBlock, block, ignored, type Keyword, keywordTable, supported, unsupported } from './keyword.ts';
import { notify, notifyKeywords, trackKeywords } from './notify-keywords.ts';
import { flag, integer, toggle } from './setters.ts';
import type { Statement } from './statement.ts';
import { newTandemDraft, TANDEM_KEYWORDS } from './tandem-block.ts';
import { readInteger, readInterface } from './values.ts';

const KEYWORDS: readonly Keyword<InstanceDraft>[] = [
  supported(
    'state',
    '<MASTER|BACKUP>',
    'a wish only: priorities decide; MASTER takes the meaning from nopreempt',
    readState,
  ),
  supported('interface', '<interface>', 'required', (s, instance) => {
    instance.interface = readInterface(s, 1) ?? instance.interface;
  }),
  integer('virtual_router_id', 'virtualRouterId', [1, 255], 'required; the same on both nodes'),
  integer('priority', 'priority', [1, 255], 'default 100; 255 is the owner of the addresses'),
  supported('version', '<2|3>', 'default: vrrp_version, and 3 for IPv6', (s, instance) => {
    const version = readInteger(s, 1, 2, 3);
    if (version !== null) instance.version = version === 2 ? 2 : 3;
  }),
  block('authentication', '', 'version 2 only', (s, instance) => {
    applyBlock(AUTHENTICATION_KEYWORDS, s.children, { statement: s, said: new Map(), instance });
  }),
  block('virtual_ipaddress', '', 'one address a line: IP[/LEN] [dev IF] [label L] [brd A] …', (s, instance) => {
    readAddresses(s, instance.addresses);
  }),
  block('virtual_ipaddress_excluded', '', 'not in the adverts; may be of the other family', (s, instance) => {
    readAddresses(s, instance.excluded);
  }),
  block('virtual_routes', '', 'as for `ip route`', (s, instance) => {
    for (const line of s.children ?? []) push(readVirtualRoute(line), instance.routes);
  }),
  block('virtual_rules', '', 'as for `ip rule`', (s, instance) => {
    for (const line of s.children ?? []) push(readRule(line), instance.rules);
  }),
  flag('promote_secondaries', 'promoteSecondaries', 'removing one address keeps the others of its subnet'),
  flag('dont_track_primary', 'dontTrackPrimary', 'faults of `interface` do not matter'),
  flag('nopreempt', 'nopreempt', 'a higher priority does not take over; needs state BACKUP'),
  supported('preempt', '', 'takes nopreempt back', (_s, instance) => {
    instance.nopreempt = false;
  }),
  supported('use_vmac', '[name] [mac]', 'the addresses move with a MAC of their own, on a macvlan', readVmac),
  flag('use_vmac_addr', 'vmacForAddresses', 'the same for addresses with a `dev`'),
  flag('vmac_xmit_base', 'vmacTransmitOnBase', 'adverts leave from `interface` all the same'),
  flag('native_ipv6', 'nativeIpv6', 'the addresses say it already'),
  toggle('strict_mode', 'strict', 'as vrrp_strict, for this instance'),
  supported('accept', '', 'packets to the addresses are taken: the default', (_s, instance) => {
    instance.accept = true;
  }),
  supported('no_accept', '', 'packets to the addresses are dropped', (_s, instance) => {
    instance.accept = false;
  }),
  supported('debug', '[level]', 'more in the log', (s, instance) => {
    if (!s.has(1) || (readInteger(s, 1, 0, 4) ?? 0) > 0) instance.debug = true;
  }),
  block('tandem', '', "for this instance, instead of the block at top level; see 'tandem'", (s, instance) => {
    instance.tandem ??= newTandemDraft(s, true);
    applyBlock(TANDEM_KEYWORDS, s.children, instance.tandem);
  }),
  ...INSTANCE_TIMING_KEYWORDS,
  ...INSTANCE_TRANSPORT_KEYWORDS,
  ...trackKeywords<InstanceDraft>(),
  ...notifyKeywords<InstanceDraft>(),
  notify('notify_master_rx_lower_pri', 'notifyLowerPrio', 'a master heard a lower priority'),
  ...ignored<InstanceDraft>(
    'an old word; conntrackd tells the other box of connections, see layer-4.md',
    'lvs_sync_daemon_interface',
  ),
  ...ignored<InstanceDraft>('buffers are sized by themselves', 'kernel_rx_buf_size'),
  ...ignored<InstanceDraft>('links report their state by netlink', 'linkbeat_use_polling'),
  ...unsupported<InstanceDraft>('use_vmac is', 'use_ipvlan', 'vrf'),
  ...unsupported<InstanceDraft>('it is of keepalived 2.4', 'auth_hmac'),
  ...unsupported<InstanceDraft>('checksums cover the real destination, as RFC 5798 wants', 'old_unicast_checksum'),
  ...unsupported<InstanceDraft>('write `garp_master_refresh`', 'garp_extra_if', 'vmac_garp_intvl'),
  ...unsupported<InstanceDraft>('leave it out', 'no_virtual_ipaddress', 'timer_expired_backup', 'owner_ignore_adverts'),
];

export const INSTANCE_KEYWORDS = keywordTable<InstanceDraft>('vrrp_instance', 'in vrrp_instance', KEYWORDS);

function push<T>(item: T | null, list: T[]): void {
  if (item !== null) list.push(item);
}

function readState(s: Statement, instance: InstanceDraft): void {
  const state = s.text(1);
  if (state === 'MASTER' || state === 'BACKUP') {
    instance.state = state;
    return;
  }
  const upper = state.toUpperCase();
  const hint = upper === 'MASTER' || upper === 'BACKUP' ? `write ${upper}` : 'MASTER or BACKUP';
  s.error(1, 'bad-state', `there is no state '${state}'`, hint);
}

function readAddresses(s: Statement, list: AddressDraft[]): void {
  for (const line of s.children ?? []) {
    const address = readAddressLine(line);
    if (address === null) continue;
    if (list.some(({ ip, ownDevice }) => ip === address.ip && ownDevice === address.ownDevice)) {
      line.warning(0, 'repeated-name', `${address.ip} is in the list already; this line is left out`);
      continue;
    }
    list.push(address);
  }
}

function readVmac(s: Statement, instance: InstanceDraft): void {
  let name: string | null = null;
  let mac: string | null = null;
  for (const at of [1, 2]) {
    if (!s.has(at)) continue;
    const isName = !s.text(at).includes(':');
    if (isName && name !== null) {
      s.error(at, 'extra-argument', `'use_vmac' has a name already: '${name}'`);
      return;
    }
    if (isName) name = readInterface(s, at);
    else mac = readMac(s, at);
    if (name === null && mac === null) return;
  }
  instance.vmac = { statement: s, name, mac };
}

function readMac(s: Statement, at: number): string | null {
  const written = s.text(at).replace(/:$/, '');
  const bytes = written
    .split(':')
    .map((part) => (/^[0-9a-f]{1,2}$/i.test(part) ? Number.parseInt(part, 16) : Number.NaN));
  const fine = (bytes.length === 5 || bytes.length === 6) && bytes.every((byte) => byte >= 0);
  if (!fine || ((bytes[0] ?? 0) & 1) === 1) {
    s.error(at, 'bad-address', `'${s.text(at)}' is no MAC address of one interface`);
    return null;
  }
  const mac = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  if (!/^00:00:5e:00:0[12]:/.test(mac) && !/^00:00:5e:00:0[12]$/.test(mac)) return mac;
  s.error(at, 'bad-address', `${mac} is one of those that RFC 5798 gives out itself`, 'leave it out');
  return null;
}
