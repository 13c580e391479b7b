/**
 * The fetches of HAProxy 2.6: what takes which arguments, gives which type, and needs what of a stream. Those that stand in
 * UNSUPPORTED are known by name only.
 *
 * Not here: reading them (sample.ts), running them (src/proxy/sample/fetches.ts).
 */
import type { SampleType } from '../sample-model.ts';
import type { SampleCheck } from './sample-checks.ts';
import { binaryText, booleanText, dateUnit, fieldOccurrence, methodText, uuidVersion } from './sample-checks.ts';
import type { SampleNeed } from './sample-types.ts';

export interface SampleFetch {
  readonly word: string;
  /** Signature, see sample-arguments.ts. */
  readonly usage: string;
  readonly type: SampleType;
  readonly needs: readonly SampleNeed[];
  readonly check: SampleCheck | null;
}

/** Aliases share a row: the first word is what the data path knows. */
type Row = readonly [words: string, usage: string, type: SampleType, needs: string, check?: SampleCheck];

const ROWS: readonly Row[] = [
  ['always_false', '', 'bool', 'constant'],
  ['always_true', '', 'bool', 'constant'],
  ['env', 'string', 'str', 'constant'],
  ['date', '[integer,string]', 'sint', 'constant', dateUnit],
  ['date_us', '', 'sint', 'constant'],
  ['hostname', '', 'str', 'constant'],
  ['nbproc', '', 'sint', 'constant'],
  ['proc', '', 'sint', 'constant'],
  ['thread', '', 'sint', 'constant'],
  ['rand', '[integer]', 'sint', 'constant'],
  ['uuid', '[integer]', 'str', 'constant', uuidVersion],
  ['str', 'string', 'str', 'constant'],
  ['bool', 'string', 'bool', 'constant', booleanText],
  ['int', 'integer', 'sint', 'constant'],
  ['ipv4', 'IPv4 address', 'ipv4', 'constant'],
  ['ipv6', 'IPv6 address', 'ipv6', 'constant'],
  ['bin', 'string', 'bin', 'constant', binaryText],
  ['meth', 'string', 'meth', 'constant', methodText],
  ['stopping', '', 'bool', 'internal'],
  ['wait_end', '', 'bool', 'internal'],
  ['be_conn', 'backend', 'sint', 'internal'],
  ['be_conn_free', 'backend', 'sint', 'internal'],
  ['nbsrv', 'backend', 'sint', 'internal'],
  ['connslots', 'backend', 'sint', 'internal'],
  ['queue', 'backend', 'sint', 'internal'],
  ['avg_queue', 'backend', 'sint', 'internal'],
  ['fe_conn', 'frontend', 'sint', 'internal'],
  ['srv_conn', 'server', 'sint', 'internal'],
  ['srv_conn_free', 'server', 'sint', 'internal'],
  ['srv_is_up', 'server', 'bool', 'internal'],
  ['srv_queue', 'server', 'sint', 'internal'],
  ['srv_weight', 'server', 'sint', 'internal'],
  ['so_id', '', 'sint', 'listener'],
  ['so_name', '', 'str', 'listener'],
  ['fe_id', '', 'sint', 'frontend'],
  ['fe_name', '', 'str', 'frontend'],
  ['fe_defbe', '', 'str', 'frontend'],
  ['fe_client_timeout', '', 'sint', 'frontend'],
  ['be_id', '', 'sint', 'backend'],
  ['be_name', '', 'str', 'backend'],
  ['be_server_timeout', '', 'sint', 'backend'],
  ['be_tunnel_timeout', '', 'sint', 'backend'],
  ['srv_id', '', 'sint', 'server'],
  ['srv_name', '', 'str', 'server'],
  ['src fc_src', '', 'ipv4', 'client'],
  ['src_port fc_src_port', '', 'sint', 'client'],
  ['dst fc_dst', '', 'ipv4', 'client'],
  ['dst_port fc_dst_port', '', 'sint', 'client'],
  ['fc_http_major', '', 'sint', 'client'],
  ['ssl_fc', '', 'bool', 'session'],
  ['unique-id', '', 'str', 'constant'],
  ['method', '', 'meth', 'request-line'],
  ['http_first_req', '', 'bool', 'request-line'],
  ['req.proto_http req_proto_http', '', 'bool', 'request-line'],
  ['capture.req.hdr', 'integer', 'str', 'request-line'],
  ['capture.req.method', '', 'str', 'request-line'],
  ['capture.req.uri', '', 'str', 'request-line'],
  ['capture.req.ver', '', 'str', 'request-line'],
  ['capture.res.hdr', 'integer', 'str', 'response-line'],
  ['status', '', 'sint', 'response-line'],
  ['base', '', 'str', 'request-fields'],
  ['baseq', '', 'str', 'request-fields'],
  ['base32', '', 'sint', 'request-fields'],
  ['base32+src', '', 'bin', 'request-fields'],
  ['url', '', 'str', 'request-fields'],
  ['url32', '', 'sint', 'request-fields'],
  ['url32+src', '', 'bin', 'request-fields'],
  ['url_ip', '', 'ipv4', 'request-fields'],
  ['url_port', '', 'sint', 'request-fields'],
  ['path', '', 'str', 'request-fields'],
  ['pathq', '', 'str', 'request-fields'],
  ['query', '', 'str', 'request-fields'],
  ['url_param urlp', '[string,string]', 'str', 'request-fields'],
  ['urlp_val', '[string,string]', 'sint', 'request-fields'],
  ['req.ver req_ver', '', 'str', 'request-fields'],
  ['req.hdr', '[string,integer]', 'str', 'request-fields', fieldOccurrence],
  ['req.fhdr', '[string,integer]', 'str', 'request-fields', fieldOccurrence],
  ['req.hdr_cnt hdr_cnt', '[string]', 'sint', 'request-fields'],
  ['req.fhdr_cnt', '[string]', 'sint', 'request-fields'],
  ['req.hdr_ip hdr_ip', '[string,integer]', 'ipv4', 'request-fields', fieldOccurrence],
  ['req.hdr_val hdr_val', '[string,integer]', 'sint', 'request-fields', fieldOccurrence],
  ['req.hdr_names', '[string]', 'str', 'request-fields'],
  ['req.hdrs', '', 'bin', 'request-fields'],
  ['req.cook cook', '[string]', 'str', 'request-fields'],
  ['req.cook_cnt cook_cnt', '[string]', 'sint', 'request-fields'],
  ['req.cook_val cook_val', '[string]', 'sint', 'request-fields'],
  ['hdr', '[string,integer]', 'str', 'request-fields response-fields', fieldOccurrence],
  ['cookie', '[string]', 'str', 'request-fields response-fields'],
  ['res.ver resp_ver', '', 'str', 'response-fields'],
  ['res.hdr shdr', '[string,integer]', 'str', 'response-fields', fieldOccurrence],
  ['res.fhdr', '[string,integer]', 'str', 'response-fields', fieldOccurrence],
  ['res.hdr_cnt shdr_cnt', '[string]', 'sint', 'response-fields'],
  ['res.fhdr_cnt', '[string]', 'sint', 'response-fields'],
  ['res.hdr_ip shdr_ip', '[string,integer]', 'ipv4', 'response-fields', fieldOccurrence],
  ['res.hdr_val shdr_val', '[string,integer]', 'sint', 'response-fields', fieldOccurrence],
  ['res.hdr_names', '[string]', 'str', 'response-fields'],
  ['res.hdrs', '', 'bin', 'response-fields'],
  ['res.cook scook', '[string]', 'str', 'response-fields'],
  ['res.cook_cnt scook_cnt', '[string]', 'sint', 'response-fields'],
  ['res.cook_val scook_val', '[string]', 'sint', 'response-fields'],
];

/** Known to HAProxy, and why they are not here. */
const UNSUPPORTED: readonly (readonly [note: string, words: RegExp])[] = [
  ['there is no TLS here', /^(ssl_|req[._]ssl_|res\.ssl_|rep_ssl_)/],
  ['there are no stick tables here', /^(sc[0-2]?_|src_(?!port|is_local)|table_)/],
  ['there are no variables here', /^var$/],
  ['there are no user lists here', /^http_auth/],
  ['rates are not counted here', /^(be|fe|srv)_(sess|req)_rate$/],
  ['there is no cache and no compression here', /^res\.(cache_|comp)/],
  ['there is no FastCGI here', /^fcgi\./],
  ['internals of HAProxy', /^(internal\.|cpu_|lat_|last_rule_|prio_)/],
  ['the client connection is not looked into', /^(fc_|src_is_local$|dst_is_local$|dst_conn$)/],
  ['the server connection is not looked into', /^(bc_|cur_|srv_[iu]weight$)/],
  ['bytes of a connection are not looked into', /^(payload|capture\.res\.ver|req\.|req_len$|res\.|rdp_cookie|distcc_)/],
];

const BY_WORD: ReadonlyMap<string, SampleFetch> = new Map(
  ROWS.flatMap(([words, usage, type, needs, check]) => {
    const names = words.split(' ');
    const row = { word: names[0] ?? '', usage, type, needs: needs.split(' ') as SampleNeed[], check: check ?? null };
    return names.map((name) => [name, row] as const);
  }),
);

export function fetchNamed(word: string): SampleFetch | undefined {
  return BY_WORD.get(word);
}

export function fetchWords(): Iterable<string> {
  return BY_WORD.keys();
}

/** Why a fetch that HAProxy has is not here; null where HAProxy has none of that name either. */
export function missingFetch(word: string): string | null {
  if (BY_WORD.has(word)) return null;
  return UNSUPPORTED.find(([, words]) => words.test(word))?.[0] ?? null;
}
