/**
 * `virtual_server`, `virtual_server_group` and their blocks: read so that their mistakes are found and a model of them
 * exists, then refused: balancing in the kernel is not there yet.
 *
 * Words inside of checkers (`TCP_CHECK { … }`) are not looked at.
 */
import type { RealServer, VirtualServer } from '../pair-model.ts';
import { applyBlock, block, type Draft, type Keyword, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';
import { readInteger, readIp, readSeconds } from './values.ts';

type Values = { -readonly [K in keyof VirtualServer]: VirtualServer[K] };

interface VirtualServerDraft extends Draft {
  readonly value: Values;
  readonly realServers: RealServer[];
}

interface RealServerDraft extends Draft {
  weight: number;
}

const KINDS: Readonly<Record<string, VirtualServer['method']>> = { NAT: 'NAT', DR: 'DR', TUN: 'TUN' };

const kept = <T>(withBlock: boolean, list: string): Keyword<T>[] =>
  list.split(' ').map((word) => ({
    word,
    usage: '...',
    block: withBlock,
    several: true,
    support: 'supported',
    note: 'accepted; has no effect before virtual servers work',
    apply: null,
  }));

const method = (s: Statement, { value }: VirtualServerDraft): void => {
  const kind = KINDS[s.text(1)];
  if (kind === undefined) s.error(1, 'bad-value', `there is no lb_kind '${s.text(1)}'`, 'NAT, DR or TUN');
  else value.method = kind;
};

const CHECKERS = 'TCP_CHECK HTTP_GET SSL_GET MISC_CHECK SMTP_CHECK DNS_CHECK BFD_CHECK PING_CHECK UDP_CHECK FILE_CHECK';

export const REAL_SERVER_KEYWORDS = keywordTable<RealServerDraft>('real_server', 'in real_server', [
  supported('weight', '<number>', 'default 1', (s, real) => {
    real.weight = readInteger(s, 1, 0, 65_535) ?? real.weight;
  }),
  ...kept<RealServerDraft>(false, 'lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down alpha'),
  ...kept<RealServerDraft>(false, 'retry delay_before_retry warmup connect_timeout delay_loop smtp_alert virtualhost'),
  ...kept<RealServerDraft>(false, 'snmp_name nb_get_retry log_all_failures'),
  ...kept<RealServerDraft>(true, CHECKERS),
]);

export const VIRTUAL_SERVER_KEYWORDS = keywordTable<VirtualServerDraft>('virtual_server', 'in virtual_server', [
  supported('protocol', '<TCP|UDP|SCTP>', '', (s, { value }) => {
    const protocol = s.text(1);
    if (protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP') value.protocol = protocol;
    else s.error(1, 'bad-value', `there is no protocol '${protocol}'`, 'TCP, UDP or SCTP');
  }),
  supported('lb_algo', '<scheduler>', 'default wlc', (s, { value }) => {
    value.scheduler = s.text(1);
  }),
  supported('lvs_sched', '<scheduler>', 'the same', (s, { value }) => {
    value.scheduler = s.text(1);
  }),
  supported('lb_kind', '<NAT|DR|TUN> ...', 'default NAT', method),
  supported('lvs_method', '<NAT|DR|TUN> ...', 'the same', method),
  supported('delay_loop', '<seconds>', 'default 60', (s, { value }) => {
    value.delayLoopMs = readSeconds(s, 1, 0.000001, 4294) ?? value.delayLoopMs;
  }),
  supported('persistence_timeout', '[seconds]', 'default 360', (s, { value }) => {
    value.persistenceTimeoutS = s.has(1) ? readInteger(s, 1, 1, 4_294_967) : 360;
  }),
  block('real_server', '<ip> [port]', '', readRealServer),
  ...kept<VirtualServerDraft>(false, 'ip_family retry delay_before_retry warmup connect_timeout inhibit_on_failure'),
  ...kept<VirtualServerDraft>(false, 'hashed ops flag-1 flag-2 flag-3 sh-port sh-fallback mh-port mh-fallback'),
  ...kept<VirtualServerDraft>(false, 'persistence_engine persistence_granularity ha_suspend smtp_alert virtualhost'),
  ...kept<VirtualServerDraft>(false, 'snmp_name alpha omega quorum_up quorum_down quorum hysteresis weight'),
  ...kept<VirtualServerDraft>(false, 'sorry_server sorry_server_inhibit sorry_server_lvs_method nb_get_retry'),
]);

function readRealServer(s: Statement, draft: VirtualServerDraft): void {
  const ip = readIp(s, 1);
  const port = s.has(2) ? readInteger(s, 2, 1, 65_535) : 0;
  const real: RealServerDraft = { statement: s, said: new Map(), weight: 1 };
  applyBlock(REAL_SERVER_KEYWORDS, s.children, real);
  if (ip === null || port === null) return;
  draft.realServers.push({ origin: s.origin, ip: ip.ip, port, weight: real.weight });
}

/** null: reported. */
export function readVirtualServer(s: Statement): VirtualServer | null {
  s.error(0, 'unsupported-keyword', "'virtual_server' is not supported yet", 'use a listen section of haproxy.cfg');
  const target = readTarget(s);
  const value: Values = {
    origin: s.origin,
    target: target ?? { kind: 'group', name: '' },
    protocol: 'UDP',
    scheduler: 'wlc',
    method: 'NAT',
    delayLoopMs: 60_000,
    persistenceTimeoutS: null,
    realServers: [],
  };
  const draft: VirtualServerDraft = { statement: s, said: new Map(), value, realServers: [] };
  applyBlock(VIRTUAL_SERVER_KEYWORDS, s.children, draft);
  if (!draft.said.has('protocol') && draft.said.size > 0) {
    s.warning(0, 'missing-keyword', 'without `protocol` keepalived balances UDP', 'protocol TCP');
  }
  return target === null ? null : { ...value, realServers: draft.realServers };
}

function readTarget(s: Statement): VirtualServer['target'] | null {
  if (s.text(1) === 'group') return s.has(2) ? { kind: 'group', name: s.text(2) } : missing(s);
  if (s.text(1) === 'fwmark') {
    const mark = readInteger(s, 2, 1, 4_294_967_295);
    return mark === null ? null : { kind: 'fwmark', mark };
  }
  const ip = readIp(s, 1);
  const port = s.has(2) ? readInteger(s, 2, 1, 65_535) : 0;
  return ip === null || port === null ? null : { kind: 'address', ip: ip.ip, port };
}

function missing(s: Statement): null {
  s.error(s.words.length, 'missing-argument', "'virtual_server group' lacks the name");
  return null;
}
