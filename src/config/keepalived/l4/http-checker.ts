/** `HTTP_GET { … }` and `SSL_GET { … }`: pages that a real server has to answer with. */
import { isIP } from 'node:net';
import { pcreExpression } from '../../../core/pcre.ts';
import type { CheckedUrl, HttpCheck } from '../../l4-model.ts';
import {
  applyBlock,
  block,
  type Draft,
  ignored,
  type Keyword,
  type KeywordTable,
  keywordTable,
  once,
  supported,
} from '../keyword.ts';
import { splitQuoted } from '../script-command.ts';
import type { Statement } from '../statement.ts';
import { readInteger, readSwitch } from '../values.ts';
import {
  type CheckDraft,
  type ConnectionDraft,
  connectionKeywords,
  connectionOf,
  newConnectionDraft,
  timingOf,
} from './checker.ts';

interface UrlDraft extends Draft {
  path: string | null;
  host: string | null;
  digest: string | null;
  statuses: { from: number; to: number }[];
  regex: { readonly statement: Statement; readonly source: string } | null;
  regexFlags: string;
  mustMatch: boolean;
  fromByte: number;
  toByte: number | null;
}

interface HttpDraft extends ConnectionDraft {
  version: HttpCheck['version'];
  host: string | null;
  fastRecovery: boolean;
  sendsName: boolean;
  serverName: string | null;
  readonly urls: UrlDraft[];
}

const MD5 = /^[0-9a-f]{32}$/i;
/** The body is looked at so far. */
const MOST_OFFSET = 1_048_576;
const VERSIONS = ['1.0', '1.0C', '1.1'] as const;
/** Of keepalived's words those that mean something to JavaScript's expressions. */
const REGEX_FLAGS: Readonly<Record<string, string>> = { caseless: 'i', dotall: 's', multiline: 'm', utf: 'u' };

const URL_KEYWORDS = keywordTable<UrlDraft>('url', 'in url', [
  supported('path', '<path>', '', (s, url) => {
    url.path = s.text(1);
  }),
  once(
    supported('digest', '<md5>', 'of the body, as genhash writes it', (s, url) => {
      if (MD5.test(s.text(1))) url.digest = s.text(1).toLowerCase();
      else s.error(1, 'bad-value', `'${s.text(1)}' is no MD5 digest`, '32 hexadecimal digits');
    }),
  ),
  supported('status_code', '<status|range> ...', 'default 200-299', readStatuses),
  supported('virtualhost', '<name>', 'default: that of the servers', (s, url) => {
    url.host = s.text(1);
  }),
  supported('regex', '<pattern> ...', 'the body has to match; quotes and backslashes as in a shell', readRegex),
  supported('regex_no_match', '', 'the body must not match', (_s, url) => {
    url.mustMatch = false;
  }),
  supported('regex_options', '<option> ...', `${Object.keys(REGEX_FLAGS).join(', ')}`, (s, url) => {
    for (let at = 1; s.has(at); at++) {
      const flag = REGEX_FLAGS[s.text(at)];
      if (flag === undefined)
        s.error(
          at,
          'unsupported-value',
          `the option '${s.text(at)}' is not supported`,
          Object.keys(REGEX_FLAGS).join(', '),
        );
      else if (!url.regexFlags.includes(flag)) url.regexFlags += flag;
    }
  }),
  supported('regex_min_offset', '<bytes>', 'where a match may begin', (s, url) => {
    url.fromByte = readInteger(s, 1, 0, MOST_OFFSET) ?? url.fromByte;
  }),
  supported('regex_max_offset', '<bytes>', 'where a match may begin at the latest', (s, url) => {
    url.toByte = readInteger(s, 1, 0, MOST_OFFSET) ?? url.toByte;
  }),
  ...ignored<UrlDraft>('it has what stack it needs', 'regex_stack'),
  ...ignored<UrlDraft>('connections end as TLS wants it', 'tls_compliant'),
]);

const HTTP_KEYWORDS = keywordTable<HttpDraft>('HTTP_GET, SSL_GET', 'in this check', [
  ...connectionKeywords<HttpDraft>(),
  block('url', '', 'a page; several are asked for one after the other', (s, check) => {
    const url: UrlDraft = {
      ...{ statement: s, said: new Map(), path: null, host: null, digest: null },
      ...{ statuses: [], regex: null, regexFlags: '', mustMatch: true, fromByte: 0, toByte: null },
    };
    applyBlock(URL_KEYWORDS, s.children, url);
    check.urls.push(url);
  }),
  supported('nb_get_retry', '<number>', 'the old name of `retry`', (s, check) => {
    s.warning(0, 'old-keyword', "'nb_get_retry' is an old name", 'write retry');
    check.timing.retries = readInteger(s, 1, 0, 4_294_967_295) ?? check.timing.retries;
  }),
  supported('virtualhost', '<name>', '', (s, check) => {
    check.host = s.text(1);
  }),
  supported('http_protocol', '<version>', `default 1.0; ${VERSIONS.join(', ')}`, (s, check) => {
    const version = VERSIONS.find((one) => one === s.text(1).toUpperCase());
    if (version === undefined) s.error(1, 'bad-value', `there is no version '${s.text(1)}'`, VERSIONS.join(', '));
    else check.version = version;
  }),
  supported('fast_recovery', '[bool]', 'no pause between pages', (s, check) => {
    check.fastRecovery = readSwitch(s, 1) ?? check.fastRecovery;
  }),
  supported('enable_sni', '[bool]', 'SSL_GET: the virtualhost as the name', (s, check) => {
    check.sendsName = readSwitch(s, 1) ?? check.sendsName;
  }),
  supported('sni_name', '<name>', 'SSL_GET', (s, check) => {
    check.serverName = s.text(1);
  }),
  ...ignored<HttpDraft>('connections end as TLS wants it', 'tls_compliant'),
]);

function readHttpCheck(s: Statement, kind: HttpCheck['kind']): CheckDraft {
  const check: HttpDraft = {
    ...newConnectionDraft(s),
    ...{ version: '1.0', host: null, fastRecovery: false, sendsName: false, serverName: null, urls: [] },
  };
  applyBlock(HTTP_KEYWORDS, s.children, check);
  if (!check.said.has('url')) s.error(0, 'missing-keyword', `${s.keyword} has no url`, 'url { path / }');
  for (const { statement, path } of check.urls) {
    if (path === null) statement.error(0, 'missing-keyword', 'this url has no path', 'path /');
  }
  return (home) => {
    const connection = connectionOf(check, home);
    if (connection === null) return null;
    const host = check.host ?? home.virtualHost;
    const { version, fastRecovery } = check;
    const timing = timingOf(check, home, { retries: 1, retryDelayMs: 3000 });
    const urls = check.urls.flatMap((url) => buildUrl(url, host, check) ?? []);
    return { origin: s.origin, kind, connection, version, urls, fastRecovery, timing };
  };
}

function readRegex(s: Statement, url: UrlDraft): void {
  const words = splitQuoted(s.raw.text) ?? [];
  const [, source] = words;
  if (source === undefined || words.length > 2)
    s.error(1, 'bad-value', 'a regex is one word, or in quotes that close', 'regex "^all is well"');
  else url.regex = { statement: s, source };
}

/** JavaScript's expressions are nearly those of PCRE; what they are not is reported. */
function patternOf({ said, regex, regexFlags: flags, mustMatch, fromByte, toByte }: UrlDraft): CheckedUrl['pattern'] {
  if (regex === null) return null;
  const { statement, source } = regex;
  try {
    pcreExpression(source, flags);
  } catch {
    statement.error(1, 'bad-value', `'${source}' is no regular expression of JavaScript`);
  }
  if (toByte !== null && toByte < fromByte)
    said.get('regex_max_offset')?.error(1, 'bad-value', 'regex_max_offset is before regex_min_offset');
  return { source, flags, mustMatch, fromByte, toByte };
}

/** A name of TLS is never an address (RFC 6066 3). */
function tlsName(name: string | null): string | null {
  return name === null || isIP(name) !== 0 ? null : name;
}

function buildUrl(url: UrlDraft, checkHost: string | null, check: HttpDraft): CheckedUrl | null {
  const { path, digest, statuses } = url;
  if (path === null) return null;
  const host = url.host ?? checkHost;
  return {
    path,
    host,
    serverName: tlsName(check.serverName ?? (check.sendsName ? host : null)),
    digest,
    statuses: statuses.length === 0 ? [{ from: 200, to: 299 }] : statuses,
    pattern: patternOf(url),
  };
}

function readStatuses(s: Statement, url: UrlDraft): void {
  for (let at = 1; s.has(at); at++) {
    const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(s.text(at)) ?? [];
    if (from === '' || Number(from) > Number(to) || Number(from) < 100 || Number(to) > 599)
      s.error(at, 'bad-value', `'${s.text(at)}' is neither a status nor a range of them`, '200, 200-299');
    else url.statuses.push({ from: Number(from), to: Number(to) });
  }
}

export function httpBlocks<T>(add: (target: T, check: CheckDraft) => void): Keyword<T>[] {
  return [
    block('HTTP_GET', '', 'pages', (s, target: T) => add(target, readHttpCheck(s, 'http'))),
    block('SSL_GET', '', 'pages over TLS', (s, target: T) => add(target, readHttpCheck(s, 'https'))),
  ];
}

/** Their keywords, for the document. */
export const HTTP_TABLES = [HTTP_KEYWORDS, URL_KEYWORDS] as readonly KeywordTable<never>[];
