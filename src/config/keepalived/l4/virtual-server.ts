/** A virtual server that was read → the model: `virtual_server IP PORT | fwmark N | group NAME { … }`. */
import type { FlowTimeouts, RealServer, VirtualServer } from '../../l4-model.ts';
import type { ScriptCommand, TrackedFile } from '../../pair-model.ts';
import {
  haSuspendOf,
  onePacketOf,
  persistenceOf,
  quorumOf,
  reportDefaults,
  reportProtocol,
  sorryInhibits,
  withPort,
} from './corrections.ts';
import type { VirtualServerGroup } from './group.ts';
import { placeText, readMark, readPlace } from './places.ts';
import { buildRealServer, type RealServerHome } from './real-server.ts';
import type { VirtualServerDraft } from './virtual-server-draft.ts';

/** What only the rest of the file knows. */
export interface VirtualServerHome {
  readonly groups: readonly VirtualServerGroup[];
  /** How many virtual servers of this group were built before. */
  readonly countOf: (group: VirtualServerGroup) => number;
  /** Of global_defs; null: not said. */
  readonly smtpAlert: boolean | null;
  readonly logAllFailures: boolean;
  readonly flowTimeouts: FlowTimeouts;
  readonly files: readonly TrackedFile[];
  readonly asUser: (command: ScriptCommand | null) => ScriptCommand | null;
}

/** null: it has no servers, or something of it was wrong; reported. */
export function buildVirtualServer(draft: VirtualServerDraft, home: VirtualServerHome): VirtualServer | null {
  const { statement } = draft;
  const target = readTarget(draft, home);
  const family = target === null ? null : familyOf(draft, target);
  if (target === null || family === null) return null;
  const { places, marks } = target;
  checkServers(draft, family);
  if (draft.realServers.length === 0) {
    statement.warning(0, 'no-server', 'a virtual server without real servers is left out, as in keepalived');
    return null;
  }
  const isOfMarks = places.length === 0;
  reportDefaults(draft);
  reportProtocol(draft, isOfMarks);
  const realServers = serversOf(draft, home, target);
  const sorryServer = sorryOf(draft, realServers, target);
  if (marks.length > 0) checkMarks(draft, [...realServers, ...(sorryServer === null ? [] : [sorryServer])]);
  checkGranularity(draft, family);
  const onePacket = onePacketOf(draft, isOfMarks);
  if (onePacket && realServers.some(({ forwarding }) => forwarding === 'NAT'))
    draft.said
      .get('ops')
      ?.warning(0, 'no-effect', "'ops' is for DR: with NAT, conntrack keeps packets of a client together");
  const { protocol, scheduler, hashesPort, timing, omega } = draft;
  return {
    ...{
      origin: statement.origin,
      name: target.name,
      places,
      marks,
      family,
      protocol,
      scheduler,
      hashesPort,
      onePacket,
    },
    persistence: persistenceOf(draft, family, places),
    flowTimeouts: home.flowTimeouts,
    haSuspend: haSuspendOf(draft, marks.length > 0),
    alpha: timing.alpha ?? false,
    omega,
    ...quorumOf(draft, realServers),
    quorumUp: home.asUser(draft.quorumUp),
    quorumDown: home.asUser(draft.quorumDown),
    smtpAlert: draft.smtpAlert ?? home.smtpAlert ?? false,
    sorryServer,
    realServers,
  };
}

function serversOf(draft: VirtualServerDraft, home: VirtualServerHome, target: Target): readonly RealServer[] {
  const { timing, weight, forwarding, inhibits, virtualHost } = draft;
  const { asUser, files, logAllFailures } = home;
  // Not that of the virtual server, as in keepalived.
  const smtpAlert = home.smtpAlert ?? true;
  const { places, isGroup } = target;
  const own: RealServerHome['withPort'] = (address, method, s) => withPort(address, method, places, isGroup, s);
  const servers = {
    timing,
    weight,
    forwarding,
    inhibits,
    virtualHost,
    smtpAlert,
    logAllFailures,
    files,
    withPort: own,
    asUser,
  };
  return draft.realServers.flatMap((real) => buildRealServer(real, servers) ?? []);
}

function sorryOf(
  draft: VirtualServerDraft,
  realServers: readonly RealServer[],
  { places, isGroup }: Target,
): VirtualServer['sorryServer'] {
  if (draft.sorryServer === null) return null;
  const { statement: s, ip, family, port } = draft.sorryServer;
  const forwarding = draft.sorryForwarding ?? draft.forwarding;
  const address = withPort({ family, ip, port }, forwarding, places, isGroup, s);
  const sorry = { origin: s.origin, address, forwarding, inhibits: draft.sorryInhibits };
  return sorryInhibits(sorry, realServers, s);
}

function checkGranularity({ granularity }: VirtualServerDraft, family: 4 | 6): void {
  if (granularity === null || granularity.family === family) return;
  const [message, hint] =
    family === 4
      ? ['for IPv4 this is a mask', '255.255.255.0']
      : ['for IPv6 this is the length of a prefix, without a slash', '64'];
  granularity.statement.error(1, 'bad-value', message, hint);
}

type Target = Pick<VirtualServer, 'name' | 'places' | 'marks'> & { readonly isGroup: boolean };

function readTarget(draft: VirtualServerDraft, { groups, countOf }: VirtualServerHome): Target | null {
  const { statement: s, protocol } = draft;
  switch (s.text(1)) {
    case 'group': {
      const group = groups.find(({ name }) => name === s.text(2));
      if (group !== undefined) {
        const { places, marks } = group;
        return { name: `[${group.name}]:${countOf(group)}`, places, marks, isGroup: true };
      }
      if (s.has(2)) s.error(2, 'unknown-name', `there is no virtual_server_group '${s.text(2)}'`);
      else s.error(s.words.length, 'missing-argument', "'virtual_server group' lacks the name");
      return null;
    }
    case 'fwmark': {
      const mark = readMark(s, 2);
      return mark === null ? null : { name: `FWM ${mark.mark}`, places: [], marks: [mark], isGroup: false };
    }
    default: {
      const place = readPlace(s, 1);
      return place === null ? null : { name: placeText(place, protocol), places: [place], marks: [], isGroup: false };
    }
  }
}

/** Of its addresses, else what it says, else of its servers. null: reported. */
function familyOf(draft: VirtualServerDraft, { places, marks }: Target): 4 | 6 | null {
  const families = new Set([...places, ...marks].flatMap(({ family }) => family ?? []));
  const [own = null, another = null] = families;
  if (another !== null) {
    draft.statement.error(0, 'mixed-families', 'a group with IPv4 and IPv6 needs tunnels', 'a group for each');
    return null;
  }
  const family = own ?? draft.family;
  if (draft.family !== null && family !== draft.family) {
    draft.said.get('ip_family')?.error(1, 'mixed-families', `its addresses are IPv${own}`);
    return null;
  }
  return (
    family ??
    draft.realServers.find(({ address }) => address !== null)?.address?.family ??
    draft.sorryServer?.family ??
    4
  );
}

/** Packets for servers with DR are sent on where they come in, before anybody has marked them. */
function checkMarks({ statement }: VirtualServerDraft, servers: readonly Pick<RealServer, 'forwarding'>[]): void {
  if (servers.every(({ forwarding }) => forwarding === 'NAT')) return;
  const message = 'firewall marks come too late for servers with DR: packets for them are sent on as they come in';
  statement.error(1, 'mark-with-direct', message, 'lb_kind NAT, or the address and port in place of the mark');
}

function checkServers({ realServers, sorryServer }: VirtualServerDraft, family: 4 | 6): void {
  const wrong = `the virtual server is IPv${family}`;
  for (const { statement: s, address } of realServers)
    if (address !== null && address.family !== family) s.error(1, 'mixed-families', wrong);
  if (sorryServer !== null && sorryServer.family !== family) sorryServer.statement.error(1, 'mixed-families', wrong);
  const names = realServers.map(({ address }) => (address === null ? '' : `${address.ip} ${address.port}`));
  realServers.forEach(({ statement: s }, at) => {
    if (names[at] !== '' && names.indexOf(names[at] ?? '') < at)
      s.error(1, 'repeated-name', 'this real_server is there already');
  });
}
