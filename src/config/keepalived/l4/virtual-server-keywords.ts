/** The words of `virtual_server { … }`, read into a draft. */
import type { Forwarding, Scheduler } from '../../l4-model.ts';
import { applyBlock, block, ignored, type Keyword, keywordTable, once, supported, unsupported } from '../keyword.ts';
import { readCommand } from '../script-command.ts';
import type { Statement } from '../statement.ts';
import { readInteger, readIp, readPort, readSwitch } from '../values.ts';
import { readForwarding } from './forwarding.ts';
import { MOST_WEIGHT, readRealServer } from './real-server.ts';
import { timingKeywords } from './timing.ts';
import { newVirtualServerDraft, type VirtualServerDraft } from './virtual-server-draft.ts';

/** Seconds, where only `persistence_timeout` is written. */
export const DEFAULT_PERSISTENCE_S = 360;

const SCHEDULERS: readonly Scheduler[] = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'sh', 'dh', 'mh'];
/** Known to the kernel's IPVS; what comes nearest here. */
const OTHER_SCHEDULERS: Readonly<Record<string, string>> = {
  lblc: 'dh',
  lblcr: 'dh',
  fo: 'a sorry_server',
  ovf: 'wlc and uthreshold',
  twos: 'wlc',
};
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

/** keepalived takes those of `sh` for `mh`, and the other way round, without a word, and the others not. */
function hashFlag(
  word: string,
  schedulers: readonly Scheduler[],
  note: string,
  apply: (server: VirtualServerDraft) => void,
): Keyword<VirtualServerDraft> {
  return supported(word, '', note, (s, server) => {
    if (schedulers.includes(server.scheduler)) return apply(server);
    const code = server.scheduler === 'sh' || server.scheduler === 'mh' ? 'no-effect' : 'hash-flag';
    s.warning(0, code, `'${word}' is for lb_algo ${schedulers.join(' and ')}, and behind it`);
  });
}

function portFlag(word: string, scheduler: Scheduler): Keyword<VirtualServerDraft> {
  return hashFlag(word, [scheduler], `lb_algo ${scheduler}: the client’s port counts, too`, (server) => {
    server.hashesPort = true;
  });
}

const ALWAYS_SO = 'always so: who is down has no part of the hashes';

export const VIRTUAL_SERVER_KEYWORDS = keywordTable<VirtualServerDraft>('virtual_server', 'in virtual_server', [
  supported('protocol', '<TCP|UDP|SCTP>', 'default UDP; of firewall marks all', (s, server) => {
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
  hashFlag('sh-fallback', ['sh'], ALWAYS_SO, () => {}),
  hashFlag('mh-fallback', ['mh'], ALWAYS_SO, () => {}),
  hashFlag('hashed', ['sh', 'mh'], 'always so', () => {}),
  supported('ops', '', 'UDP with DR: each packet on its own; with NAT conntrack keeps them together', (_s, server) => {
    server.onePacket = true;
  }),
  supported('persistence_timeout', '[seconds]', `default ${DEFAULT_PERSISTENCE_S}`, (s, server) => {
    const seconds = s.has(1) ? readInteger(s, 1, 1, MOST_PERSISTENCE_S) : DEFAULT_PERSISTENCE_S;
    server.persistenceTimeoutS = seconds ?? server.persistenceTimeoutS;
  }),
  supported('persistence_granularity', '<mask|length>', 'a mask for IPv4, a length for IPv6', (s, server) => {
    server.granularity = readGranularity(s) ?? server.granularity;
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
  once(
    supported('quorum_up', '<command> ...', 'when it is reached', (s, server) => {
      server.quorumUp = readCommand(s, true) ?? server.quorumUp;
    }),
  ),
  once(
    supported('quorum_down', '<command> ...', 'when it is lost', (s, server) => {
      server.quorumDown = readCommand(s, true) ?? server.quorumDown;
    }),
  ),
  supported('smtp_alert', '[bool]', 'mails about the quorum; default off', (s, server) => {
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
    const port = readPort(s, 2);
    if (ip === null || port === null) return;
    server.sorryServer = { statement: s, ...ip, port };
    server.sorryForwarding = forwardingSoFar(server);
  }),
  supported('sorry_server_inhibit', '', 'it stays, with weight 0', (s, server) => {
    if (isBehindSorryServer(s, server)) server.sorryInhibits = true;
  }),
  supported('sorry_server_lvs_method', '<NAT|DR> ...', 'default: that of the virtual server', (s, server) => {
    if (isBehindSorryServer(s, server)) server.sorryForwarding = readForwarding(s) ?? server.sorryForwarding;
  }),
  block('real_server', '<ip> [port]', 'default port: that of the virtual server', (s, server) => {
    const real = readRealServer(s);
    real.forwarding ??= forwardingSoFar(server);
    server.realServers.push(real);
  }),
  // `alpha off` would be on for keepalived.
  ...timingKeywords<VirtualServerDraft>(1)
    .filter(({ word }) => word !== 'log_all_failures')
    .map((keyword) => (keyword.word === 'alpha' ? { ...keyword, usage: '' } : keyword)),
  ...ignored<VirtualServerDraft>('there is no SNMP', 'snmp_name').map((word) => ({ ...word, usage: '<name>' })),
  ...unsupported<VirtualServerDraft>('of IPVS alone: leave it out', 'flag-1', 'flag-2', 'flag-3', 'persistence_engine'),
]);

/** Of several `lb_kind` a server has the one before it. null: none yet, so the one behind it. */
function forwardingSoFar({ said, forwarding }: VirtualServerDraft): Forwarding | null {
  return said.has('lb_kind') || said.has('lvs_method') ? forwarding : null;
}

/** keepalived takes the words before `sorry_server` for nobody's. */
function isBehindSorryServer(s: Statement, { sorryServer }: VirtualServerDraft): boolean {
  if (sorryServer !== null) return true;
  s.warning(0, 'sorry-server-first', `'${s.keyword}' belongs behind the line with sorry_server: it is ignored`);
  return false;
}

/** Of a mask that is one, the number of its bits. */
function readGranularity(s: Statement): VirtualServerDraft['granularity'] {
  const text = s.text(1);
  if (/^\d{1,3}$/.test(text)) {
    const prefixLength = readInteger(s, 1, 1, 128);
    return prefixLength === null ? null : { statement: s, family: 6, prefixLength };
  }
  const ip = readIp(s, 1);
  if (ip === null) return null;
  const bits = ip.ip
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  const [, ones = ''] = /^(1*)0*$/.exec(bits) ?? [];
  if (ip.family === 4 && ones !== '') return { statement: s, family: 4, prefixLength: ones.length };
  s.error(1, 'bad-value', `'${text}' is no mask of a network`, '255.255.255.0, or for IPv6 a length');
  return null;
}

export function readVirtualServer(s: Statement): VirtualServerDraft {
  const server = newVirtualServerDraft(s);
  applyBlock(VIRTUAL_SERVER_KEYWORDS, s.children, server);
  return server;
}
