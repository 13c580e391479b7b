/**
 * Keywords of proxies that HAProxy 2.6 knows and this version does not: an error by name, grouped by what they wait for;
 * and those that HAProxy itself removed, with what to write instead.
 */
import type { ProxyTarget } from './drafts.ts';
import { type Keyword, removed, unsupported } from './keyword.ts';

export const PROXY_LATER: readonly Keyword<ProxyTarget>[] = [
  ...unsupported<ProxyTarget>(
    'rules and conditions come in a later version',
    'http-response',
    'http-after-response',
    'tcp-request',
    'tcp-response',
    'redirect',
    'http-send-name-header',
    'monitor',
    'monitor-uri',
  ),
  ...unsupported<ProxyTarget>('persistence beyond cookies comes in a later version', 'stick', 'stick-table', 'persist'),
  ...unsupported<ProxyTarget>("'capture request header' and its kin are there, rules that capture are not", 'declare'),
  ...unsupported<ProxyTarget>("'errorfile' is there", 'http-error'),
  ...unsupported<ProxyTarget>('changes of state are in the logs', 'email-alert'),
  ...unsupported<ProxyTarget>(
    'server states are not kept over a restart yet',
    'load-server-state-from-file',
    'server-state-file-name',
  ),
  ...unsupported<ProxyTarget>('write a server line', 'dispatch'),
  ...unsupported<ProxyTarget>("it stands behind 'source <address>', on the same line", 'usesrc'),
  ...unsupported<ProxyTarget>('it needs rights and routes that are not set up here', 'transparent'),
  ...unsupported<ProxyTarget>('bodies are passed on as they come', 'compression', 'filter', 'use-fcgi-app'),
  ...unsupported<ProxyTarget>(
    'a limit that would be silently missing is worse than an error',
    'rate-limit',
    'max-session-srv-conns',
  ),
  removed('clitimeout', "write 'timeout client'"),
  removed('contimeout', "write 'timeout connect'"),
  removed('srvtimeout', "write 'timeout server'"),
  removed('redispatch', "write 'option redispatch'"),
  removed('redisp', "write 'option redispatch'"),
  removed('grace', "use 'hard-stop-after' in the global section"),
  removed('monitor-net', "write 'http-request return status 200 if { src … }'"),
  removed('block', "write 'http-request deny if …'"),
  removed('appsession', "use 'cookie' or 'stick-table'"),
  ...['reqrep', 'reqirep', 'cliexp'].map((word) => removed<ProxyTarget>(word, "write 'http-request replace-header'")),
  ...['reqdel', 'reqidel'].map((word) => removed<ProxyTarget>(word, "write 'http-request del-header'")),
  ...['reqdeny', 'reqideny'].map((word) => removed<ProxyTarget>(word, "write 'http-request deny'")),
  ...['reqallow', 'reqiallow', 'reqpass', 'reqipass'].map((word) =>
    removed<ProxyTarget>(word, "write 'http-request allow'"),
  ),
  ...['reqtarpit', 'reqitarpit'].map((word) => removed<ProxyTarget>(word, "write 'http-request tarpit'")),
  removed('reqadd', "write 'http-request add-header'"),
  ...['rsprep', 'rspirep', 'srvexp'].map((word) => removed<ProxyTarget>(word, "write 'http-response replace-header'")),
  ...['rspdel', 'rspidel'].map((word) => removed<ProxyTarget>(word, "write 'http-response del-header'")),
  ...['rspdeny', 'rspideny'].map((word) => removed<ProxyTarget>(word, "write 'http-response deny'")),
  removed('rspadd', "write 'http-response add-header'"),
];
