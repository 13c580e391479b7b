/**
 * `bind <address>[,…] [parameter …]`: listeners of a frontend.
 *
 *   10.0.0.1:80  *:80  :80  [::]:80  :::80  ipv6@:80  *:8000-8010  /run/x.sock  unix@…  abns@name  fd@3  fd@${NAME}
 */
import type { Address } from '../../core/address.ts';
import type { Bind, Origin } from '../model.ts';
import { type Host, parseAddress } from './addresses.ts';
import { integerArgument, timeArgument } from './arguments.ts';
import type { Loading, Mutable, ProxyTarget } from './drafts.ts';
import { applyParameter, findKeyword, ignored, keywordTable, supported, unsupported } from './keyword.ts';
import { threadSet } from './number-sets.ts';
import type { Statement } from './statement.ts';

export type BindDraft = Mutable<Bind>;

export const BIND_PARAMETERS = keywordTable<BindDraft>('`bind <address> …`', 'bind parameter', [
  supported('name', '<name>', '', (s, at, bind) => {
    bind.name = s.text(at + 1);
  }),
  supported('id', '<number>', 'only with one address', (s, at, bind) => {
    if (bind.addresses.length > 1) s.error(at, 'bad-value', "'id' is only possible with one address and one port");
    bind.id = integerArgument(s, at + 1, { min: 1 });
  }),
  supported('interface', '<name>', 'SO_BINDTODEVICE', (s, at, bind) => {
    bind.interface = s.text(at + 1);
  }),
  supported('maxconn', '<number>', '0: no limit', (s, at, bind) => {
    bind.maxconn = integerArgument(s, at + 1, { min: 0 }) || null;
  }),
  supported('backlog', '<number>', '', (s, at, bind) => {
    bind.backlog = integerArgument(s, at + 1, { min: 0 }) || null;
  }),
  supported(
    'thread',
    '<set>',
    'which threads accept: `[1/]N`, `N-M`, `all`, `odd`, `even`; may be repeated',
    (s, at, bind) => {
      const [, group = '1', set = ''] = /^(?:([^/]*)\/)?(.*)$/.exec(s.text(at + 1)) ?? [];
      if (group === '1') addThreads(s, at + 1, set, bind);
      else s.error(at + 1, 'bad-value', `'thread ${s.text(at + 1)}': there is only thread group 1`);
    },
  ),
  supported('process', '1[/<set>]', 'an old way to write `thread <set>`', (s, at, bind) => {
    const [process = '', set] = s.text(at + 1).split('/', 2);
    if (!['1', '1-', '1-1', 'all', 'odd', 'even'].includes(process)) {
      s.error(at + 1, 'bad-value', `'process ${s.text(at + 1)}': there is only process 1`, "write 'thread' instead");
      return;
    }
    s.warning(
      at,
      'deprecated-keyword',
      "'process' on bind lines does not exist any more since HAProxy 2.7",
      "write 'thread' instead",
    );
    if (set !== undefined) addThreads(s, at + 1, set, bind);
  }),
  supported('v4v6', '', 'IPv4 clients on an IPv6 address too', (_s, _at, bind) => {
    bind.v4v6 = true;
  }),
  supported('v6only', '', '', (_s, _at, bind) => {
    bind.v6only = true;
  }),
  supported('mss', '<bytes>', 'TCP_MAXSEG', (s, at, bind) => {
    const mss = integerArgument(s, at + 1, { min: -65535, max: 65535 });
    if (mss === 0) s.error(at + 1, 'bad-value', "'mss' must not be 0");
    bind.mss = mss;
  }),
  supported('tcp-ut', '<time>', 'TCP_USER_TIMEOUT', (s, at, bind) => {
    bind.tcpUserTimeoutMs = timeArgument(s, at + 1);
  }),
  supported(
    'accept-proxy',
    '',
    'clients begin with a header of the PROXY protocol, version 1 or 2',
    (_s, _at, bind) => {
      bind.acceptProxy = true;
    },
  ),
  supported('mode', '<octal>', 'of a unix socket', (s, at, bind) => {
    if (/^[0-7]{1,4}$/.test(s.text(at + 1))) bind.mode = Number.parseInt(s.text(at + 1), 8);
    else s.error(at + 1, 'bad-value', `'mode' expects octal digits, not '${s.text(at + 1)}'`, 'like 660');
  }),
  supported('user', '<name>', 'of a unix socket', (s, at, bind) => {
    bind.user = s.text(at + 1);
  }),
  supported('uid', '<number>', 'of a unix socket', (s, at, bind) => {
    bind.uid = integerArgument(s, at + 1, { min: 0 });
  }),
  supported('group', '<name>', 'of a unix socket', (s, at, bind) => {
    bind.group = s.text(at + 1);
  }),
  supported('gid', '<number>', 'of a unix socket', (s, at, bind) => {
    bind.gid = integerArgument(s, at + 1, { min: 0 });
  }),
  ignored('defer-accept', '', 'a connection without data costs almost nothing here'),
  ignored('tfo', '', 'TCP fast open is not used'),
  ignored('nice', '<number>', 'all connections are equal'),
  ignored('shards', '<number>', 'each thread has a listening socket of its own'),
  ignored('level', '<level>', 'it belongs to the stats socket'),
  ignored('severity-output', '<format>', 'it belongs to the stats socket'),
  ignored('expose-fd', '<what>', 'it belongs to the stats socket'),
  ...unsupported<BindDraft>("'accept-proxy' is there", 'accept-netscaler-cip'),
  ...unsupported<BindDraft>('only HTTP/1 and TCP so far', 'proto'),
  ...unsupported<BindDraft>('it needs rights and routes that are not set up here', 'transparent'),
  ...unsupported<BindDraft>('start a Tandem in each namespace', 'namespace'),
  ...unsupported<BindDraft>(
    'there is no TLS yet',
    'ssl',
    'allow-0rtt',
    'alpn',
    'ca-file',
    'ca-ignore-err',
    'ca-sign-file',
    'ca-sign-pass',
    'ca-verify-file',
    'ciphers',
    'ciphersuites',
    'crl-file',
    'crt',
    'crt-ignore-err',
    'crt-list',
    'curves',
    'ecdhe',
    'force-sslv3',
    'force-tlsv10',
    'force-tlsv11',
    'force-tlsv12',
    'force-tlsv13',
    'generate-certificates',
    'no-ca-names',
    'no-sslv3',
    'no-tls-tickets',
    'no-tlsv10',
    'no-tlsv11',
    'no-tlsv12',
    'no-tlsv13',
    'npn',
    'prefer-client-ciphers',
    'ssl-max-ver',
    'ssl-min-ver',
    'strict-sni',
    'tls-ticket-keys',
    'verify',
    'quic-force-retry',
  ),
]);

/** Several sets are one. */
function addThreads(s: Statement, at: number, set: string, bind: BindDraft): void {
  const threads = threadSet(set);
  if (threads === null) {
    s.error(
      at,
      'bad-value',
      `'${set}' is no set of threads`,
      "'all', 'odd', 'even', a number from 1 to 64, or a range like 1-4",
    );
  } else bind.threads = [...new Set([...(bind.threads ?? []), ...threads])].sort((a, b) => a - b);
}

export function applyBind(s: Statement, _at: number, { proxy, loading }: ProxyTarget): void {
  const bind = newBind(s, parseListenAddresses(s, 1, loading) ?? []);
  for (let at = 2; s.has(at); ) {
    const keyword = findKeyword(BIND_PARAMETERS, s, at);
    // What follows an unknown parameter may be its value: one error is enough.
    if (keyword === null) break;
    at = applyParameter(BIND_PARAMETERS, keyword, s, at, bind);
  }
  const sameId = bind.id !== null && proxy.binds.some((other) => other.id === bind.id);
  if (sameId) s.error(0, 'duplicate', `the id ${bind.id} is already used by another bind of ${proxy.name}`);
  proxy.binds.push(bind);
}

/** A line before its parameters. */
export function newBind({ origin }: { readonly origin: Origin }, addresses: readonly Address[]): BindDraft {
  return {
    origin,
    addresses,
    name: null,
    id: null,
    interface: null,
    maxconn: null,
    backlog: null,
    threads: null,
    v4v6: false,
    v6only: false,
    mss: null,
    acceptProxy: false,
    tcpUserTimeoutMs: null,
    mode: null,
    user: null,
    uid: null,
    group: null,
    gid: null,
  };
}

/** The addresses of the word `at`; null: there is something wrong with them, which was said. */
export function parseListenAddresses(s: Statement, at: number, loading: Loading): Address[] | null {
  const out: Address[] = [];
  for (const written of s.text(at).split(',')) {
    if (written === '') continue;
    const error = addListenAddress(out, written, loading);
    if (error === null) continue;
    s.error(at, 'bad-address', error.message, error.hint);
    return null;
  }
  if (out.length > 0) return out;
  s.error(at, 'bad-address', `'${s.text(at - 1)}' expects an address and a port`, 'like 192.0.2.1:80 or *:80');
  return null;
}

interface AddressError {
  readonly message: string;
  readonly hint?: string;
}

function addListenAddress(out: Address[], written: string, loading: Loading): AddressError | null {
  const { address, error } = parseAddress(written, loading.env, loading.global.unixBindPrefix);
  if (error !== null) return { message: error };
  if (address.kind === 'fd') {
    out.push({ family: 'fd', fd: address.fd });
    return null;
  }
  if (address.transport === 'quic') return { message: `'${written}': QUIC is not supported yet` };
  if (address.transport === 'datagram') return { message: `'${written}': a proxy does not listen on datagrams` };
  if (address.kind === 'unix') {
    out.push({ family: 'unix', path: address.path });
    return null;
  }
  const { host, port } = address;
  if (port.kind === 'offset') return { message: `'${written}': an offset is only possible for servers` };
  if (port.kind === 'none') return { message: `'${written}' has no port`, hint: `write ${written}:80` };
  if (port.first === 0) return { message: `'${written}': the port must not be 0` };
  if (host.kind === 'name' && host.name !== 'localhost') {
    return { message: `'${host.name}' is a name; listeners are given by address`, hint: 'write its IP address' };
  }
  const { family, ip } = listenHost(host);
  for (let number = port.first; number <= port.last; number++) out.push({ family, ip, port: number });
  return null;
}

function listenHost(host: Host): { readonly family: 4 | 6; readonly ip: string } {
  switch (host.kind) {
    case 'any':
      return { family: host.family, ip: host.family === 4 ? '0.0.0.0' : '::' };
    case 'ip4':
      return { family: 4, ip: host.ip };
    case 'ip6':
      return { family: 6, ip: host.ip };
    case 'name':
      return { family: 4, ip: '127.0.0.1' };
  }
}
