/**
 * The converters of HAProxy 2.6: their arguments, what they take and what they give. Those of UNSUPPORTED are known by name.
 * Not here: running them (src/proxy/sample/converters.ts).
 */
import type { SampleType } from '../sample-model.ts';
import {
  dateUnit,
  decimalChunks,
  digestName,
  digestSize,
  hexChunks,
  jsonInput,
  operand,
  partOfText,
  queryEncoding,
  type SampleCheck,
  substitution,
} from './sample-checks.ts';

export interface SampleConverter {
  readonly word: string;
  readonly usage: string;
  readonly takes: SampleType;
  readonly gives: SampleType;
  readonly check: SampleCheck | null;
}

type Row = readonly [word: string, usage: string, takes: SampleType, gives: SampleType, check?: SampleCheck];

const ROWS: readonly Row[] = [
  ['add', 'string', 'sint', 'sint', operand],
  ['sub', 'string', 'sint', 'sint', operand],
  ['mul', 'string', 'sint', 'sint', operand],
  ['div', 'string', 'sint', 'sint', operand],
  ['mod', 'string', 'sint', 'sint', operand],
  ['and', 'string', 'sint', 'sint', operand],
  ['or', 'string', 'sint', 'sint', operand],
  ['xor', 'string', 'sint', 'sint', operand],
  ['neg', '', 'sint', 'sint'],
  ['cpl', '', 'sint', 'sint'],
  ['bool', '', 'sint', 'bool'],
  ['not', '', 'sint', 'bool'],
  ['odd', '', 'sint', 'bool'],
  ['even', '', 'sint', 'bool'],
  ['b64dec', '', 'str', 'bin'],
  ['base64', '', 'bin', 'str'],
  ['ub64dec', '', 'str', 'bin'],
  ['ub64enc', '', 'bin', 'str'],
  ['be2dec', 'string[,integer,integer]', 'bin', 'str', decimalChunks],
  ['be2hex', 'string[,integer,integer]', 'bin', 'str', hexChunks],
  ['hex', '', 'bin', 'str'],
  ['hex2i', '', 'str', 'sint'],
  ['htonl', '', 'sint', 'bin'],
  ['bytes', 'integer[,integer]', 'bin', 'bin'],
  ['length', '', 'str', 'sint'],
  ['lower', '', 'str', 'str'],
  ['upper', '', 'str', 'str'],
  ['field', 'integer,string[,integer]', 'str', 'str', partOfText],
  ['word', 'integer,string[,integer]', 'str', 'str', partOfText],
  ['ltrim', 'string', 'str', 'str'],
  ['rtrim', 'string', 'str', 'str'],
  ['cut_crlf', '', 'str', 'str'],
  ['regsub', 'regex,string[,string]', 'str', 'str', substitution],
  ['iif', 'string,string', 'bool', 'str'],
  ['json', 'string', 'str', 'str', jsonInput],
  ['language', 'string[,string]', 'str', 'str'],
  ['url_dec', '[integer]', 'str', 'str'],
  ['url_enc', 'string', 'str', 'str', queryEncoding],
  ['host_only', '', 'str', 'str'],
  ['port_only', '', 'str', 'sint'],
  ['ipmask', 'IPv4 mask[,IPv6 mask]', 'addr', 'ipv4'],
  ['ltime', 'string[,integer]', 'sint', 'str'],
  ['utime', 'string[,integer]', 'sint', 'str'],
  ['http_date', '[integer,string]', 'sint', 'str', dateUnit],
  ['crc32', '[integer]', 'bin', 'sint'],
  ['crc32c', '[integer]', 'bin', 'sint'],
  ['djb2', '[integer]', 'bin', 'sint'],
  ['sdbm', '[integer]', 'bin', 'sint'],
  ['wt6', '[integer]', 'bin', 'sint'],
  ['xxh32', '[integer]', 'bin', 'sint'],
  ['xxh64', '[integer]', 'bin', 'sint'],
  ['sha1', '', 'bin', 'bin'],
  ['sha2', '[integer]', 'bin', 'bin', digestSize],
  ['digest', 'string', 'bin', 'bin', digestName],
  ['nbsrv', '', 'str', 'sint'],
];

const UNSUPPORTED: readonly (readonly [note: string, words: RegExp])[] = [
  ['there are no stick tables here', /^(in_table|table_\w+)$/],
  ['there are no variables here', /^(set-var|unset-var|add_item|concat|strcmp|secure_memcmp)$/],
  ['there are no maps here', /^map(_\w+)?$/],
  ['there is no such cryptography here', /^(aes_gcm_dec|hmac|jwt_\w+)$/],
  ['other protocols are not read here', /^(fix_\w+|mqtt_\w+|protobuf|ungrpc)$/],
  ['it is not here yet', /^(json_query|xxh3|srv_queue|capture-re[qs]|debug)$/],
];

const BY_WORD: ReadonlyMap<string, SampleConverter> = new Map(
  ROWS.map(([word, usage, takes, gives, check]) => [word, { word, usage, takes, gives, check: check ?? null }]),
);

export function converterNamed(word: string): SampleConverter | undefined {
  return BY_WORD.get(word);
}

export function converterWords(): Iterable<string> {
  return BY_WORD.keys();
}

/** Why a converter that HAProxy has is not here; null where HAProxy has none of that name either. */
export function missingConverter(word: string): string | null {
  return UNSUPPORTED.find(([, words]) => words.test(word))?.[0] ?? null;
}
