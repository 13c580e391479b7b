/** Where the adverts of an instance go: multicast, or the peers that are named. */
import type { IpFamily, Transport, UnicastPeer } from '../pair-model.ts';
import { DEFAULT_MCAST_GROUP4, DEFAULT_MCAST_GROUP6 } from './build-global.ts';
import type { GlobalDraft } from './global-draft.ts';
import type { InstanceDraft } from './instance-draft.ts';

const DEFAULT_TTL = 255;
const UNICAST_WORDS = ['unicast_src_ip', 'unicast_peer', 'unicast_ttl', 'check_unicast_src', 'unicast_fault_no_peer'];

export function buildTransport(draft: InstanceDraft, global: GlobalDraft, family: IpFamily): Transport {
  const peers = draft.peers.filter(({ ip, family: own, statement }) => {
    if (own === family) return true;
    statement.error(
      0,
      'mixed-families',
      `the peer ${ip} is IPv${own}, the adverts of '${draft.name}' are IPv${family}`,
    );
    return false;
  });
  if (peers.length === 0 && !draft.unicastFaultNoPeer) return multicast(draft, global, family);
  draft.mcastDestination?.statement.warning(
    0,
    'multicast-with-unicast',
    'mcast_dst_ip is ignored: adverts go to the peers',
  );
  const ttl = draft.unicastTtl ?? DEFAULT_TTL;
  return {
    kind: 'unicast',
    // Who sends with less than 255 expects to be heard beyond the link, and so will the peer.
    peers: peers.map((peer): UnicastPeer => {
      const minTtl = peer.minTtl ?? (ttl < DEFAULT_TTL ? 1 : DEFAULT_TTL);
      return { origin: peer.statement.origin, ip: peer.ip, minTtl, maxTtl: peer.maxTtl ?? 255 };
    }),
    ttl,
    faultWithoutPeer: draft.unicastFaultNoPeer,
  };
}

function multicast(draft: InstanceDraft, global: GlobalDraft, family: IpFamily): Transport {
  const word = UNICAST_WORDS.find((one) => draft.said.has(one));
  if (word !== undefined && draft.peers.length === 0) {
    const message = `without peers '${word}' means nothing: adverts go to the multicast group`;
    draft.said.get(word)?.warning(0, 'unicast-without-peer', message, 'unicast_peer { ADDRESS }');
  }
  const group =
    family === 4 ? (global.mcastGroup4 ?? DEFAULT_MCAST_GROUP4) : (global.mcastGroup6 ?? DEFAULT_MCAST_GROUP6);
  if (draft.mcastDestination === null) return { kind: 'multicast', group };
  const { statement, value } = draft.mcastDestination;
  if (value.family !== family) {
    statement.error(1, 'mixed-families', `${value.ip} is IPv${value.family}, the adverts are IPv${family}`);
  } else if (!isMulticast(value.ip, family)) {
    statement.error(1, 'bad-address', `${value.ip} is no multicast address${family === 6 ? ' of the link' : ''}`);
  }
  return { kind: 'multicast', group: value.ip };
}

function isMulticast(ip: string, family: IpFamily): boolean {
  if (family === 6) return /^ff[0-9a-f]2:/i.test(ip);
  const first = Number(ip.split('.')[0]);
  return first >= 224 && first < 240;
}
