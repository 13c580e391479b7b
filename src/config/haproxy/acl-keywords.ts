/**
 * Words that stand for a fetch with its match method, `path_beg` for `path -m beg`, and ACLs that are there without being
 * written. Not here: reading them (acl.ts, acl-condition.ts).
 */
import type { MatchMethod } from '../acl-model.ts';

export interface AclKeyword {
  readonly fetch: string;
  readonly method: MatchMethod;
}

const FAMILIES: readonly (readonly [word: string, fetch: string])[] = [
  ['base', 'base'],
  ['cook', 'req.cook'],
  ['hdr', 'req.hdr'],
  ['path', 'path'],
  ['scook', 'res.cook'],
  ['shdr', 'res.hdr'],
  ['url', 'url'],
  ['urlp', 'urlp'],
];
const METHODS = ['beg', 'dir', 'dom', 'end', 'len', 'reg', 'sub'] as const;

const BY_WORD: ReadonlyMap<string, AclKeyword> = new Map<string, AclKeyword>([
  ...FAMILIES.flatMap(([word, fetch]): [string, AclKeyword][] => [
    [word, { fetch, method: 'str' }],
    ...METHODS.map((method): [string, AclKeyword] => [`${word}_${method}`, { fetch, method }]),
  ]),
  ['method', { fetch: 'method', method: 'meth' }],
  ['req_ver', { fetch: 'req.ver', method: 'str' }],
  ['resp_ver', { fetch: 'res.ver', method: 'str' }],
]);

export function aclKeyword(word: string): AclKeyword | undefined {
  return BY_WORD.get(word);
}

/** `{ … }` of each; one that is defined in the proxy goes before it. */
const PREDEFINED: Readonly<Record<string, readonly string[]>> = {
  TRUE: ['always_true'],
  FALSE: ['always_false'],
  LOCALHOST: ['src', '127.0.0.1/8', '::1'],
  HTTP: ['req.proto_http'],
  'HTTP_1.0': ['req.ver', '1.0'],
  'HTTP_1.1': ['req.ver', '1.1'],
  'HTTP_2.0': ['req.ver', '2.0'],
  METH_CONNECT: ['method', 'CONNECT'],
  METH_DELETE: ['method', 'DELETE'],
  METH_GET: ['method', 'GET', 'HEAD'],
  METH_HEAD: ['method', 'HEAD'],
  METH_OPTIONS: ['method', 'OPTIONS'],
  METH_POST: ['method', 'POST'],
  METH_PUT: ['method', 'PUT'],
  METH_TRACE: ['method', 'TRACE'],
  HTTP_URL_ABS: ['url_reg', '^[^/:]*://'],
  HTTP_URL_SLASH: ['url_beg', '/'],
  HTTP_URL_STAR: ['url', '*'],
  HTTP_CONTENT: ['req.hdr_val(content-length)', 'gt', '0'],
  RDP_COOKIE: ['req.rdp_cookie_cnt', 'gt', '0'],
  REQ_CONTENT: ['req.len', 'gt', '0'],
  WAIT_END: ['wait_end'],
};

export function predefinedAcl(name: string): readonly string[] | undefined {
  return Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined;
}

export function predefinedNames(): readonly string[] {
  return Object.keys(PREDEFINED);
}
