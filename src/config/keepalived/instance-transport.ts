/** Keywords of `vrrp_instance` about where adverts go and whom they come from. */
import type { InstanceDraft } from './instance-draft.ts';
import { block, type Keyword, supported } from './keyword.ts';
import { flag, integer } from './setters.ts';
import type { Statement } from './statement.ts';
import { readInteger, readIp } from './values.ts';

export const INSTANCE_TRANSPORT_KEYWORDS: readonly Keyword<InstanceDraft>[] = [
  block('unicast_peer', '', 'one peer a line: IP [min_ttl N] [max_ttl N]; instead of multicast', (s, instance) => {
    for (const line of s.children ?? []) readPeer(line, instance);
  }),
  supported('unicast_src_ip', '<ip>', "default: the interface's first address", readSource),
  supported('mcast_src_ip', '<ip>', "default: the interface's first address", readSource),
  flag('track_src_ip', 'trackSource', 'FAULT while the interface lacks that address'),
  supported('mcast_dst_ip', '<ip>', 'instead of vrrp_mcast_group4 or 6', (s, instance) => {
    const value = readIp(s, 1);
    if (value !== null) instance.mcastDestination = { statement: s, value };
  }),
  integer('unicast_ttl', 'unicastTtl', [1, 255], 'default 255'),
  flag('unicast_fault_no_peer', 'unicastFaultNoPeer', 'FAULT when the list of peers is empty'),
  flag('check_unicast_src', 'checkUnicastSource', 'always so here: peers only'),
];

function readSource(s: Statement, instance: InstanceDraft): void {
  const value = readIp(s, 1);
  if (value !== null) instance.source = { statement: s, value };
}

function readPeer(s: Statement, instance: InstanceDraft): void {
  const value = readIp(s, 0);
  if (value === null) return;
  const limits: { min_ttl: number | null; max_ttl: number | null } = { min_ttl: null, max_ttl: null };
  for (let at = 1; s.has(at); at += 2) {
    const word = s.text(at);
    if (word !== 'min_ttl' && word !== 'max_ttl') {
      s.error(
        at,
        'unknown-keyword',
        `unknown word '${word}' behind a peer`,
        'min_ttl N, max_ttl N; a line holds one peer',
      );
      return;
    }
    limits[word] = readInteger(s, at + 1, 0, 255);
    if (limits[word] === null) return;
  }
  if (limits.min_ttl !== null && limits.max_ttl !== null && limits.min_ttl > limits.max_ttl) {
    s.error(1, 'bad-number', 'min_ttl is more than max_ttl: no advert would ever be taken');
    return;
  }
  if (instance.peers.some(({ ip }) => ip === value.ip)) {
    s.warning(0, 'repeated-name', `${value.ip} is a peer already; this line is left out`);
    return;
  }
  instance.peers.push({ ...value, statement: s, minTtl: limits.min_ttl, maxTtl: limits.max_ttl });
}
