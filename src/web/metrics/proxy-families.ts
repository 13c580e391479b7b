/**
 * HAProxy's families of frontends, backends and servers: each is a column of `show stat`, so what they say is what that says.
 * Their names, their order, and what they say where a column has words are HAProxy 2.6's.
 */
import { STAT_COLUMNS } from '../../admin/stat-columns.ts';
import type { Family } from './exposition.ts';

export type ProxyScope = 'frontend' | 'backend' | 'server';

/** What is made of a column. */
export type Meaning =
  /** The number; NaN where there is none. */
  | 'number'
  /** Milliseconds are seconds with six digits. */
  | 'seconds'
  /** One of the states is 1. */
  | 'state'
  | 'check-state'
  | 'check-code'
  | 'check-seconds'
  /** Six columns in one. */
  | 'codes'
  /** How many servers are in which state. */
  | 'states'
  | 'check-states';

/** Column of `show stat`, whose it is (frontends, backends, servers), type, name, what is made of it, and `http`: only there. */
const ROWS = `
qcur BS gauge current_queue
qmax BS gauge max_queue
scur FBS gauge current_sessions
smax FBS gauge max_sessions
slim FBS gauge limit_sessions
stot FBS counter sessions_total
bin FBS counter bytes_in_total
bout FBS counter bytes_out_total
dreq FB counter requests_denied_total
dresp FBS counter responses_denied_total
ereq F counter request_errors_total
econ BS counter connection_errors_total
eresp BS counter response_errors_total
wretr BS counter retry_warnings_total
wredis BS counter redispatch_warnings_total
status FBS gauge status state
weight BS gauge weight
act B gauge active_servers
bck B gauge backup_servers
chkfail S counter check_failures_total
chkdown BS counter check_up_down_total
lastchg BS gauge check_last_change_seconds
downtime BS counter downtime_seconds_total
qlimit S gauge queue_limit
throttle S gauge current_throttle
lbtot BS counter loadbalanced_total
rate_lim F gauge limit_session_rate
rate_max FBS gauge max_session_rate
check_status S gauge check_status check-state
check_code S gauge check_code check-code
check_duration S gauge check_duration_seconds check-seconds
hrsp_1xx FBS counter http_responses_total codes http
req_rate_max F gauge http_requests_rate_max number http
req_tot FB counter http_requests_total number http
cli_abrt BS counter client_aborts_total
srv_abrt BS counter server_aborts_total
comp_in FB counter http_comp_bytes_in_total number http
comp_out FB counter http_comp_bytes_out_total number http
comp_byp FB counter http_comp_bytes_bypassed_total number http
comp_rsp FB counter http_comp_responses_total number http
lastsess BS gauge last_session_seconds
qtime BS gauge queue_time_average_seconds seconds
ctime BS gauge connect_time_average_seconds seconds
rtime BS gauge response_time_average_seconds seconds
ttime BS gauge total_time_average_seconds seconds
conn_rate_max F gauge connections_rate_max
conn_tot F counter connections_total
intercepted F counter intercepted_requests_total number http
dcon F counter denied_connections_total
dses F counter denied_sessions_total
wrew FBS counter failed_header_rewriting_total
connect BS counter connection_attempts_total
reuse BS counter connection_reuses_total
cache_lookups FB counter http_cache_lookups_total number http
cache_hits FB counter http_cache_hits_total number http
srv_icur S gauge idle_connections_current
src_ilim S gauge idle_connections_limit
qtime_max BS gauge max_queue_time_seconds seconds
ctime_max BS gauge max_connect_time_seconds seconds
rtime_max BS gauge max_response_time_seconds seconds
ttime_max BS gauge max_total_time_seconds seconds
eint FBS counter internal_errors_total
idle_conn_cur S gauge unsafe_idle_connections_current
safe_conn_cur S gauge safe_idle_connections_current
used_conn_cur S gauge used_connections_current
need_conn_est S gauge need_connections_current
uweight BS gauge uweight
agg_server_status B gauge agg_server_status states
agg_server_check_status B gauge agg_server_check_status states
agg_check_status B gauge agg_check_status check-states
`;

/** Where it is not what `show stat` says of the column. */
const HELP: Readonly<Record<string, string>> = {
  status: 'Current status of the service, per state label value.',
  check_status: 'Status of last health check, per state label value.',
  check_code: 'layer5-7 code, if available of the last health check.',
  check_duration: 'Total duration of the latest server health check, in seconds.',
  qtime: 'Avg. queue time for last 1024 successful connections.',
  ctime: 'Avg. connect time for last 1024 successful connections.',
  rtime: 'Avg. response time for last 1024 successful connections.',
  ttime: 'Avg. total time for last 1024 successful connections.',
  qtime_max: 'Maximum observed time spent in the queue',
  ctime_max: 'Maximum observed time spent waiting for a connection to complete',
  rtime_max: 'Maximum observed time spent waiting for a server response',
  ttime_max: 'Maximum observed total request+response time (request+queue+connect+response+processing)',
};

/** Of frontends and backends. */
export const PROXY_STATES = ['DOWN', 'UP'] as const;
export const SERVER_STATES = ['DOWN', 'UP', 'MAINT', 'DRAIN', 'NOLB'] as const;
/** Results of checks. */
export const CHECK_STATES: readonly string[] =
  'HANA SOCKERR L4OK L4TOUT L4CON L6OK L6TOUT L6RSP L7TOUT L7RSP L7OK L7OKC L7STS PROCERR PROCTOUT PROCOK'.split(' ');
export const CODE_COLUMNS = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'] as const;
const CODES: readonly string[] = CODE_COLUMNS.map((column) => column.slice(5));

export interface ProxyFamily extends Family {
  readonly column: string;
  readonly meaning: Meaning;
  /** Not of proxies in mode tcp. */
  readonly http: boolean;
  /** What is behind the names of proxy and server; null: nothing. */
  readonly split: { readonly label: string; readonly values: readonly string[] } | null;
}

const DESCRIPTIONS = new Map(STAT_COLUMNS.map(({ name, description }) => [name, description]));

export function proxyFamilies(scope: ProxyScope): readonly ProxyFamily[] {
  const letter = scope[0]?.toUpperCase() ?? '';
  return ROWS.trim()
    .split('\n')
    .map((row) => row.split(' '))
    .filter(([, scopes = '']) => scopes.includes(letter))
    .map(([column = '', , type, name, meaning = 'number', http]) => ({
      name: `haproxy_${scope}_${name}`,
      type: type === 'counter' ? 'counter' : 'gauge',
      help: HELP[column] ?? DESCRIPTIONS.get(column) ?? '',
      column,
      meaning: meaning as Meaning,
      http: http === 'http',
      split: splitOf(meaning, scope),
    }));
}

function splitOf(meaning: string, scope: ProxyScope): ProxyFamily['split'] {
  switch (meaning) {
    case 'state':
      return { label: 'state', values: scope === 'server' ? SERVER_STATES : PROXY_STATES };
    case 'states':
      return { label: 'state', values: SERVER_STATES };
    case 'check-state':
    case 'check-states':
      return { label: 'state', values: CHECK_STATES };
    case 'codes':
      return { label: 'code', values: CODES };
    default:
      return null;
  }
}
