/** `virtual_server IP PORT | fwmark N | group NAME { … }`. */
import type { Forwarding, L4Place, RealServer, Scheduler, VirtualServer } from '../../l4-model.ts';
import type { ScriptCommand } from '../../pair-model.ts';
import {
  applyBlock,
  block,
  type Draft,
  ignored,
  type Keyword,
  keywordTable,
  supported,
  unsupported,
} from '../keyword.ts';
import { readCommand } from '../script-command.ts';
import type { Statement } from '../statement.ts';
import { readInteger, readIp, readSwitch } from '../values.ts';
import { readForwarding } from './forwarding.ts';
import type { VirtualServerGroup } from './group.ts';
import { placeText, readMark, readPlace } from './places.ts';
import { buildRealServer, MOST_WEIGHT, type RealServerDraft, readRealServer } from './real-server.ts';
import { newTiming, type TimingDraft, timingKeywords } from './timing.ts';

export interface VirtualServerDraft extends Draft {
  readonly timing: TimingDraft;
  family: 4 | 6 | null;
  protocol: VirtualServer['protocol'];
  scheduler: Scheduler;
  hashesPort: boolean;
  onePacket: boolean;
  forwarding: Forwarding;
  persistenceTimeoutS: number | null;
  /** Of a mask, or the length of a prefix. */
  granularity: { readonly statement: Statement; readonly prefixLength: number } | null;
  haSuspend: boolean;
  omega: boolean;
  quorum: number;
  hysteresis: number;
  quorumUp: ScriptCommand | null;
  quorumDown: ScriptCommand | null;
  smtpAlert: boolean | null;
  virtualHost: string | null;
  weight: number;
  inhibits: boolean;
  sorryServer: {
    readonly statement: Statement;
    readonly ip: string;
    readonly family: 4 | 6;
    readonly port: number;
  } | null;
  sorryForwarding: Forwarding | null;
  sorryInhibits: boolean;
  readonly realServers: RealServerDraft[];
}

/** What only the rest of the file knows. */
export interface VirtualServerHome {
  readonly groups: readonly VirtualServerGroup[];
  /** How many virtual servers of this group were built before. */
  readonly countOf: (group: VirtualServerGroup) => number;
  readonly smtpAlert: boolean;
  readonly asUser: (command: ScriptCommand | null) => ScriptCommand | null;
}

const SCHEDULERS: readonly Scheduler[] = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'sh', 'dh', 'mh'];
/** Known to the kernel's IPVS; what comes nearest here. */
const OTHER_SCHEDULERS: Readonly<Record<string, string>> = {
  lblc: 'dh',
  lblcr: 'dh',
  fo: 'a sorry_server',
  ovf: 'wlc and uthreshold',
  twos: 'wlc',
};
const DEFAULT_PERSISTENCE_S = 360;
const MOST_PERSISTENCE_S = 86_400 * 31;
const MOST_QUORUM = 4_294_967_295;

function applyScheduler(s: Statement, server: VirtualServerDraft): void {
  const word = s.text(1);
  const scheduler = SCHEDULERS.find((one) => one === word);
  const near = OTHER_SCHEDULERS[word];
  if (scheduler !== undefined) server.scheduler = scheduler;
  else if (near !== undefined)
    s.error(1, 'unsupported-value', `the scheduler '${word}' is not supported`, `use ${near}`);
  else s.error(1, 'bad-value', `there is no scheduler '${word}'`, SCHEDULERS.join(', '));
}

function applyForwarding(s: Statement, server: VirtualServerDraft): void {
  server.forwarding = readForwarding(s) ?? server.forwarding;
}

function portFlag(word: string, scheduler: Scheduler): Keyword<VirtualServerDraft> {
  return supported(word, '', `lb_algo ${scheduler}: the client’s port counts, too`, (s, server) => {
    if (server.scheduler === scheduler) server.hashesPort = true;
    else s.warning(0, 'no-effect', `'${word}' is for lb_algo ${scheduler}, and behind it`);
  });
}

export const VIRTUAL_SERVER_KEYWORDS = keywordTable<VirtualServerDraft>('virtual_server', 'in virtual_server', [
  supported('protocol', '<TCP|UDP|SCTP>', '', (s, server) => {
    const protocol = s.text(1).toUpperCase();
    if (protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP') server.protocol = protocol;
    else s.error(1, 'bad-value', `there is no protocol '${s.text(1)}'`, 'TCP, UDP or SCTP');
  }),
  supported('ip_family', '<inet|inet6>', 'of a firewall mark', (s, server) => {
    if (s.text(1) === 'inet' || s.text(1) === 'inet6') server.family = s.text(1) === 'inet' ? 4 : 6;
    else s.error(1, 'bad-value', `'${s.text(1)}' is no family of addresses`, 'inet or inet6');
  }),
  supported('lb_algo', '<scheduler>', `default wlc; ${SCHEDULERS.join(', ')}`, applyScheduler),
  supported('lvs_sched', '<scheduler>', 'the same', applyScheduler),
  supported('lb_kind', '<NAT|DR> ...', 'default NAT', applyForwarding),
  supported('lvs_method', '<NAT|DR> ...', 'the same', applyForwarding),
  portFlag('sh-port', 'sh'),
  portFlag('mh-port', 'mh'),
  supported('ops', '', 'UDP: each packet on its own', (_s, server) => {
    server.onePacket = true;
  }),
  supported('persistence_timeout', '[seconds]', `default ${DEFAULT_PERSISTENCE_S}`, (s, server) => {
    const seconds = s.has(1) ? readInteger(s, 1, 1, MOST_PERSISTENCE_S) : DEFAULT_PERSISTENCE_S;
    server.persistenceTimeoutS = seconds ?? server.persistenceTimeoutS;
  }),
  supported('persistence_granularity', '<mask|length>', 'a mask for IPv4, a length for IPv6', (s, server) => {
    const prefixLength = readGranularity(s);
    if (prefixLength !== null) server.granularity = { statement: s, prefixLength };
  }),
  supported('ha_suspend', '', 'no checks while this box has none of its addresses', (_s, server) => {
    server.haSuspend = true;
  }),
  supported('omega', '', 'at the end, notifiers run as if all went down', (_s, server) => {
    server.omega = true;
  }),
  supported('quorum', '<weight>', 'of servers that are up; default 1', (s, server) => {
    server.quorum = readInteger(s, 1, 1, MOST_QUORUM) ?? server.quorum;
  }),
  supported('hysteresis', '<weight>', 'default 0', (s, server) => {
    server.hysteresis = readInteger(s, 1, 0, MOST_QUORUM) ?? server.hysteresis;
  }),
  supported('quorum_up', '<command> ...', '', (s, server) => {
    server.quorumUp = readCommand(s, true) ?? server.quorumUp;
  }),
  supported('quorum_down', '<command> ...', '', (s, server) => {
    server.quorumDown = readCommand(s, true) ?? server.quorumDown;
  }),
  supported('smtp_alert', '[bool]', 'a mail about every change', (s, server) => {
    server.smtpAlert = readSwitch(s, 1) ?? server.smtpAlert;
  }),
  supported('virtualhost', '<name>', 'for HTTP_GET and SSL_GET', (s, server) => {
    server.virtualHost = s.text(1);
  }),
  supported('weight', '<number>', 'of servers that have none of their own; default 1', (s, server) => {
    server.weight = readInteger(s, 1, 1, MOST_WEIGHT) ?? server.weight;
  }),
  supported('inhibit_on_failure', '', 'a failure makes a weight 0: connections stay', (_s, server) => {
    server.inhibits = true;
  }),
  supported('sorry_server', '<ip> [port]', 'when the quorum is lost', (s, server) => {
    const ip = readIp(s, 1);
    const port = s.has(2) ? readInteger(s, 2, 1, 65_535) : 0;
    if (ip !== null && port !== null) server.sorryServer = { statement: s, ...ip, port };
  }),
  supported('sorry_server_inhibit', '', 'it stays, with weight 0', (_s, server) => {
    server.sorryInhibits = true;
  }),
  supported('sorry_server_lvs_method', '<NAT|DR> ...', '', (s, server) => {
    server.sorryForwarding = readForwarding(s) ?? server.sorryForwarding;
  }),
  block('real_server', '<ip> [port]', '', (s, server) => {
    server.realServers.push(readRealServer(s));
  }),
  ...timingKeywords<VirtualServerDraft>().filter(({ word }) => word !== 'log_all_failures'),
  ...ignored<VirtualServerDraft>('connections are hashed as they are', 'hashed', 'sh-fallback', 'mh-fallback'),
  ...ignored<VirtualServerDraft>('there is no SNMP', 'snmp_name'),
  ...unsupported<VirtualServerDraft>('of IPVS alone', 'flag-1', 'flag-2', 'flag-3', 'persistence_engine'),
]);

/** Of a mask that is one, the number of its bits. */
function readGranularity(s: Statement): number | null {
  const text = s.text(1);
  if (/^\d{1,3}$/.test(text)) return readInteger(s, 1, 1, 128);
  const ip = readIp(s, 1);
  if (ip === null) return null;
  const bits = ip.ip
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  const [, ones = ''] = /^(1*)0*$/.exec(bits) ?? [];
  if (ip.family === 4 && ones !== '') return ones.length;
  s.error(1, 'bad-value', `'${text}' is no mask of a network`, '255.255.255.0, or for IPv6 a length');
  return null;
}

export function readVirtualServer(s: Statement): VirtualServerDraft {
  const server: VirtualServerDraft = {
    ...{ statement: s, said: new Map(), timing: newTiming(), family: null },
    ...{ protocol: 'UDP', scheduler: 'wlc', hashesPort: false, onePacket: false, forwarding: 'NAT' },
    ...{ persistenceTimeoutS: null, granularity: null, haSuspend: false, omega: false, quorum: 1, hysteresis: 0 },
    ...{ quorumUp: null, quorumDown: null, smtpAlert: null, virtualHost: null, weight: 1, inhibits: false },
    ...{ sorryServer: null, sorryForwarding: null, sorryInhibits: false, realServers: [] },
  };
  applyBlock(VIRTUAL_SERVER_KEYWORDS, s.children, server);
  return server;
}

/** null: something of it was wrong, and reported. */
export function buildVirtualServer(draft: VirtualServerDraft, home: VirtualServerHome): VirtualServer | null {
  const { statement, said, protocol } = draft;
  const target = readTarget(draft, home);
  if (!said.has('protocol') && said.size > 0)
    statement.warning(0, 'missing-keyword', 'without `protocol` it balances UDP, as in keepalived', 'protocol TCP');
  if (target === null) return null;
  const family = familyOf(draft, target.places);
  if (family === null) return null;
  const { timing, weight, forwarding, inhibits, virtualHost } = draft;
  const smtpAlert = draft.smtpAlert ?? home.smtpAlert;
  const { asUser } = home;
  const servers = { timing, weight, forwarding, inhibits, virtualHost, smtpAlert, asUser };
  const realServers = draft.realServers.flatMap((real) => buildRealServer(real, servers) ?? []);
  checkServers(draft, family);
  const sorryServer = sorryOf(draft);
  if (target.marks.length > 0) checkMarks(draft, [...realServers, ...(sorryServer === null ? [] : [sorryServer])]);
  const { granularity, persistenceTimeoutS } = draft;
  const persistent = persistenceTimeoutS !== null || granularity !== null;
  const whole = family === 4 ? 32 : 128;
  if (granularity !== null && granularity.prefixLength > whole)
    granularity.statement.error(1, 'bad-value', 'for IPv4 this is a mask', '255.255.255.0');
  if (!persistent && target.places.some(({ firstPort }) => firstPort === 0))
    statement.error(2, 'missing-argument', 'without a port it has to be persistent', 'persistence_timeout 360');
  return {
    origin: statement.origin,
    name: target.name,
    places: target.places,
    marks: target.marks,
    family,
    protocol,
    scheduler: draft.scheduler,
    hashesPort: draft.hashesPort,
    onePacket: draft.onePacket,
    persistence: persistent
      ? { timeoutS: persistenceTimeoutS ?? DEFAULT_PERSISTENCE_S, prefixLength: granularity?.prefixLength ?? whole }
      : null,
    haSuspend: draft.haSuspend,
    alpha: timing.alpha ?? false,
    omega: draft.omega,
    quorum: draft.quorum,
    hysteresis: draft.hysteresis,
    quorumUp: asUser(draft.quorumUp),
    quorumDown: asUser(draft.quorumDown),
    smtpAlert,
    sorryServer,
    realServers,
  };
}

function sorryOf({
  sorryServer,
  sorryForwarding,
  sorryInhibits,
  forwarding,
}: VirtualServerDraft): VirtualServer['sorryServer'] {
  if (sorryServer === null) return null;
  const { statement, ip, family, port } = sorryServer;
  const address = { family, ip, port };
  return { origin: statement.origin, address, forwarding: sorryForwarding ?? forwarding, inhibits: sorryInhibits };
}

type Target = Pick<VirtualServer, 'name' | 'places' | 'marks'>;

function readTarget(draft: VirtualServerDraft, { groups, countOf }: VirtualServerHome): Target | null {
  const { statement: s, protocol } = draft;
  switch (s.text(1)) {
    case 'group': {
      const group = groups.find(({ name }) => name === s.text(2));
      if (group !== undefined)
        return { name: `[${group.name}]:${countOf(group)}`, places: group.places, marks: group.marks };
      if (s.has(2)) s.error(2, 'unknown-name', `there is no virtual_server_group '${s.text(2)}'`);
      else s.error(s.words.length, 'missing-argument', "'virtual_server group' lacks the name");
      return null;
    }
    case 'fwmark': {
      const mark = readMark(s, 2);
      return mark === null ? null : { name: `FWM ${mark.mark}`, places: [], marks: [mark] };
    }
    default: {
      const place = readPlace(s, 1);
      return place === null ? null : { name: placeText(place, protocol), places: [place], marks: [] };
    }
  }
}

/** Of its addresses, else what it says, else of its servers. null: reported. */
function familyOf(draft: VirtualServerDraft, places: readonly L4Place[]): 4 | 6 | null {
  const families = new Set(places.map(({ family }) => family));
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

function checkServers({ realServers, sorryServer, statement }: VirtualServerDraft, family: 4 | 6): void {
  const wrong = `the virtual server is IPv${family}`;
  for (const { statement: s, address } of realServers)
    if (address !== null && address.family !== family) s.error(1, 'mixed-families', wrong);
  if (sorryServer !== null && sorryServer.family !== family) sorryServer.statement.error(1, 'mixed-families', wrong);
  const names = realServers.map(({ address }) => (address === null ? '' : `${address.ip} ${address.port}`));
  realServers.forEach(({ statement: s }, at) => {
    if (names[at] !== '' && names.indexOf(names[at] ?? '') < at)
      s.error(1, 'repeated-name', 'this real_server is there already');
  });
  if (realServers.length === 0 && sorryServer === null)
    statement.warning(0, 'no-server', 'a virtual server without servers refuses all connections');
}
