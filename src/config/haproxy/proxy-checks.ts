/**
 * What can only be judged when all files are read: names that must exist, halves that must fit, and settings that a mode
 * does not have. Adjusts the drafts where HAProxy falls back to something else, and says so.
 */
import { hasBackend, hasFrontend, type ProxyDraft, proxyLabel } from './drafts.ts';
import { checkRules } from './rules.ts';
import { checkServers } from './server-checks.ts';
import { checkStats } from './stats-page.ts';

export function checkProxies(proxies: readonly ProxyDraft[]): void {
  for (const proxy of proxies) {
    // HAProxy does not look into a disabled proxy either.
    if (proxy.disabled) continue;
    checkListeners(proxy);
    checkBackends(proxy, proxies);
    checkServers(proxy);
    checkRules(proxy);
    checkStats(proxy);
    if (proxy.mode === 'tcp') dropHttpSettings(proxy);
    checkTimeouts(proxy);
    checkLog(proxy);
    checkUnusedRules(proxy);
  }
}

function checkUnusedRules(proxy: ProxyDraft): void {
  if (!hasBackend(proxy)) return;
  const { kind, http, tcp } = proxy.check;
  const label = proxyLabel(proxy);
  if (kind !== 'http') {
    http.statement?.warning(0, 'no-effect', `${label} has http-check rules without 'option httpchk'; they are ignored`);
  }
  if (kind !== 'tcp') {
    tcp.statement?.warning(0, 'no-effect', `${label} has tcp-check rules without 'option tcp-check'; they are ignored`);
  }
}

function checkListeners(proxy: ProxyDraft): void {
  if (!hasFrontend(proxy) || proxy.binds.length > 0) return;
  const message = `${proxyLabel(proxy)} has no 'bind' line, nobody can reach it`;
  proxy.statement.warning(0, 'no-listener', message, 'declare it as a backend if that was meant');
}

function checkBackends(proxy: ProxyDraft, proxies: readonly ProxyDraft[]): void {
  const references = proxy.defaultBackend === null ? proxy.useBackends : [...proxy.useBackends, proxy.defaultBackend];
  for (const { statement, at, name } of references) {
    const target = proxies.find((other) => hasBackend(other) && other.name === name);
    if (target === undefined) {
      const hint = proxies.some((other) => other.name === name) ? `'${name}' is a frontend` : undefined;
      statement.error(
        at,
        'unknown-backend',
        `${proxyLabel(proxy)} refers to backend '${name}', which does not exist`,
        hint,
      );
    } else if (target === proxy) {
      statement.error(at, 'backend-loop', `${proxyLabel(proxy)} refers to itself as its backend`);
    } else if (target.mode === 'tcp' && proxy.mode === 'http') {
      const message = `${proxyLabel(proxy)} in mode http cannot use ${proxyLabel(target)} in mode tcp`;
      statement.error(at, 'mode-mismatch', message, "see 'mode' of both");
    } else if (target.mode !== proxy.mode) {
      const message = `${proxyLabel(proxy)} in mode tcp with ${proxyLabel(target)} in mode http is not supported yet`;
      statement.error(at, 'unsupported-keyword', message, "see 'mode' of both");
    } else if (proxy.servers.length > 0) {
      statement.warning(
        0,
        'no-effect',
        `'${statement.text(0)}' goes before the servers of ${proxyLabel(proxy)}; they are never used`,
      );
    }
  }
}

function dropHttpSettings(proxy: ProxyDraft): void {
  const label = proxyLabel(proxy);
  if (proxy.cookie !== null && hasBackend(proxy)) {
    const statement = proxy.cookieStatement ?? proxy.statement;
    statement.warning(0, 'needs-http', `the cookie is ignored for ${label}: it needs 'mode http'`);
    proxy.cookie = null;
  }
  if (proxy.trafficLog === 'httplog' || proxy.trafficLog === 'clf') {
    const statement = proxy.trafficLogStatement ?? proxy.statement;
    const message = `'option httplog' is not possible for ${label} (it needs 'mode http')`;
    if (hasFrontend(proxy)) statement.warning(0, 'needs-http', message, "'option tcplog' is used");
    proxy.trafficLog = 'tcplog';
  }
  if (proxy.forwardFor !== null) {
    proxy.statement.warning(0, 'needs-http', `'option forwardfor' is ignored for ${label}: it needs 'mode http'`);
    proxy.forwardFor = null;
  }
  for (const option of ['http-buffer-request', 'http-ignore-probes'] as const) {
    if (proxy.toggles.has(option) && (hasFrontend(proxy) || option === 'http-buffer-request')) {
      proxy.statement.warning(0, 'needs-http', `'option ${option}' is ignored for ${label}: it needs 'mode http'`);
    }
    proxy.toggles.delete(option);
  }
  for (const { statement, name, settings } of proxy.servers) {
    if (settings.redirect !== null) {
      statement.error(0, 'needs-http', `server '${name}' cannot send clients elsewhere: 'redir' needs 'mode http'`);
    }
    if (settings.cookie === null) continue;
    statement.warning(0, 'needs-http', `the cookie of server '${name}' is ignored: it needs 'mode http'`);
    settings.cookie = null;
  }
}

function checkTimeouts(proxy: ProxyDraft): void {
  const { clientMs, connectMs, serverMs, tunnelMs } = proxy.timeouts;
  const missing: string[] = [];
  if (hasFrontend(proxy) && clientMs === null) missing.push('client');
  if (hasBackend(proxy) && proxy.servers.length > 0) {
    if (connectMs === null) missing.push('connect');
    if (serverMs === null && (proxy.mode === 'http' || tunnelMs === null)) missing.push('server');
  }
  if (missing.length === 0) return;
  const names = missing.map((name) => `'timeout ${name}'`).join(', ');
  const message = `${proxyLabel(proxy)} has no ${names}: what hangs there hangs for ever`;
  proxy.statement.warning(0, 'missing-timeout', message, 'set them to a non-zero time');
}

function checkLog(proxy: ProxyDraft): void {
  if (!hasFrontend(proxy) || proxy.trafficLogStatement === null || proxy.logs.length > 0) return;
  const message = `${proxyLabel(proxy)} has a log format and no 'log' line: nothing is logged`;
  proxy.statement.warning(0, 'no-effect', message, "add 'log global' or a log server");
}
