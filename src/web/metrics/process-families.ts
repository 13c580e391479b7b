/** HAProxy's families of the process, from the fields of `show info`. */
import { INFO_FIELDS } from '../../admin/info-fields.ts';
import { infoValues } from '../../admin/info-values.ts';
import type { ProcessView } from '../../daemon/views.ts';
import { type Family, headerText, labelsText, sampleText } from './exposition.ts';
import type { MetricsQuery } from './metrics-query.ts';

/** Field of `show info`, type, name. */
const ROWS = `
Nbthread gauge nbthread
Nbproc gauge nbproc
Process_num gauge relative_process_id
Uptime_sec gauge uptime_seconds
PoolFailed counter pool_failures_total
Ulimit-n gauge max_fds
Maxsock gauge max_sockets
Maxconn gauge max_connections
Hard_maxconn gauge hard_max_connections
CurrConns gauge current_connections
CumConns counter connections_total
CumReq counter requests_total
MaxSslConns gauge max_ssl_connections
CurrSslConns gauge current_ssl_connections
CumSslConns counter ssl_connections_total
Maxpipes gauge max_pipes
PipesUsed counter pipes_used_total
PipesFree counter pipes_free_total
ConnRate gauge current_connection_rate
ConnRateLimit gauge limit_connection_rate
MaxConnRate gauge max_connection_rate
SessRate gauge current_session_rate
SessRateLimit gauge limit_session_rate
MaxSessRate gauge max_session_rate
SslRate gauge current_ssl_rate
SslRateLimit gauge limit_ssl_rate
MaxSslRate gauge max_ssl_rate
SslFrontendKeyRate gauge current_frontend_ssl_key_rate
SslFrontendMaxKeyRate gauge max_frontend_ssl_key_rate
SslFrontendSessionReuse_pct gauge frontend_ssl_reuse
SslBackendKeyRate gauge current_backend_ssl_key_rate
SslBackendMaxKeyRate gauge max_backend_ssl_key_rate
SslCacheLookups counter ssl_cache_lookups_total
SslCacheMisses counter ssl_cache_misses_total
CompressBpsIn counter http_comp_bytes_in_total
CompressBpsOut counter http_comp_bytes_out_total
CompressBpsRateLim gauge limit_http_comp
ZlibMemUsage gauge current_zlib_memory
MaxZlibMemUsage gauge max_zlib_memory
Tasks gauge current_tasks
Run_queue gauge current_run_queue
Idle_pct gauge idle_time_percent
Stopping gauge stopping
Jobs gauge jobs
Unstoppable_Jobs gauge unstoppable_jobs
Listeners gauge listeners
ActivePeers gauge active_peers
ConnectedPeers gauge connected_peers
DroppedLogs counter dropped_logs_total
BusyPolling gauge busy_polling_enabled
FailedResolutions counter failed_resolutions
TotalBytesOut counter bytes_out_total
TotalSplicdedBytesOut counter spliced_bytes_out_total
BytesOutRate gauge bytes_out_rate
CumRecvLogs counter recv_logs_total
Build_info gauge build_info
Memmax_bytes gauge max_memory_bytes
PoolAlloc_bytes gauge pool_allocated_bytes
PoolUsed_bytes gauge pool_used_bytes
Start_time_sec gauge start_time_seconds
`;

/** Of fields that `show info` does not have: they belong to a library that is not compiled in, there as here. */
const NOT_COMPILED: Readonly<Record<string, string>> = {
  ZlibMemUsage: 'Amount of memory currently used by HTTP compression on the current worker process (in bytes)',
  MaxZlibMemUsage:
    'Limit on the amount of memory used by HTTP compression above which it is automatically disabled (in bytes, see global.maxzlibmem)',
};

interface ProcessFamily extends Family {
  readonly field: string;
}

const HELP = new Map(INFO_FIELDS.map(({ name, description }) => [name.replaceAll(' ', '_'), description]));

export const PROCESS_FAMILIES: readonly ProcessFamily[] = ROWS.trim()
  .split('\n')
  .map((row) => {
    const [field = '', type = '', name = ''] = row.split(' ');
    const help = NOT_COMPILED[field] ?? HELP.get(field) ?? '';
    return { name: `haproxy_process_${name}`, type: type === 'counter' ? 'counter' : 'gauge', help, field };
  });

/** `version`: as `show info` says it. */
export function processText(view: ProcessView, version: string, { wants }: MetricsQuery): string {
  const values = infoValues(view, version);
  let text = '';
  for (const family of PROCESS_FAMILIES) {
    if (!wants(family.name)) continue;
    const { field, name } = family;
    text += headerText(family);
    if (field === 'Build_info') text += sampleText(name, labelsText([['version', version]]), 1);
    else if (field in NOT_COMPILED) text += sampleText(name, '', 'NaN');
    else text += sampleText(name, '', values[field] ?? values[field.replaceAll('_', ' ')] ?? 0);
  }
  return text;
}
