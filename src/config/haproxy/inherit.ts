/**
 * What a section takes over from a defaults section, exactly HAProxy's choice (proxy_defproxy_cpy in 2.6):
 *
 *   every kind          mode, disabled, options (all of them), forwardfor, default-server, error files, logs, log tag,
 *                       unique IDs, the stats page
 *   with a frontend     maxconn, backlog, default_backend, log formats, timeouts of the client's side
 *   with a backend      balance, fullconn, retries, redispatch, checks, cookie, timeouts of the server's side
 *   both                timeouts http-request, http-keep-alive, tarpit
 *
 * Never inherited: id, description, binds, servers, use_backend.
 */
import { inheritedCheck } from './check-draft.ts';
import { hasBackend, hasFrontend, type ProxyDraft, type ServerSettings } from './drafts.ts';

export function inherit(to: ProxyDraft, from: ProxyDraft): void {
  to.base = from;
  inheritCommon(to, from);
  if (hasFrontend(to)) inheritFrontend(to, from);
  if (hasBackend(to)) inheritBackend(to, from);
}

function inheritCommon(to: ProxyDraft, from: ProxyDraft): void {
  copyServerSettings(to.defaultServer, from.defaultServer);
  to.mode = from.mode;
  to.disabled = from.disabled;
  to.httpReuse = from.httpReuse;
  to.connectionMode = from.connectionMode;
  to.smartAccept = from.smartAccept;
  to.smartConnect = from.smartConnect;
  to.forwardFor = from.forwardFor;
  to.restrictNames = from.restrictNames;
  for (const toggle of from.toggles) to.toggles.add(toggle);
  to.logs = [...from.logs];
  to.logTag = from.logTag;
  to.stats = from.stats;
  to.logging.uniqueId = from.logging.uniqueId;
  to.logging.uniqueIdHeader = from.logging.uniqueIdHeader;
  for (const [status, file] of from.errorFiles) to.errorFiles.set(status, file);
  to.errorImports.push(...from.errorImports);
  to.timeouts.httpRequestMs = from.timeouts.httpRequestMs;
  to.timeouts.httpKeepAliveMs = from.timeouts.httpKeepAliveMs;
  to.timeouts.tarpitMs = from.timeouts.tarpitMs;
}

function inheritFrontend(to: ProxyDraft, from: ProxyDraft): void {
  to.maxconn = from.maxconn;
  to.backlog = from.backlog;
  to.defaultBackend = from.defaultBackend;
  to.trafficLog = from.trafficLog;
  to.trafficLogStatement = from.trafficLogStatement;
  to.logging.structured = from.logging.structured;
  to.logging.errors = from.logging.errors;
  to.clientKeepAlive = from.clientKeepAlive;
  to.timeouts.clientMs = from.timeouts.clientMs;
  to.timeouts.clientFinMs = from.timeouts.clientFinMs;
}

function inheritBackend(to: ProxyDraft, from: ProxyDraft): void {
  to.balance = from.balance;
  to.balanceArguments = from.balanceArguments;
  to.hashType = from.hashType;
  to.hashBalanceFactor = from.hashBalanceFactor;
  to.fullconn = from.fullconn;
  to.maxKeepAliveQueue = from.maxKeepAliveQueue;
  to.retries = from.retries;
  to.source = from.source;
  to.serverKeepAlive = from.serverKeepAlive;
  to.retryOn = from.retryOn;
  to.redispatch = from.redispatch;
  to.check = inheritedCheck(from.check);
  to.externalCheck = { ...from.externalCheck, statement: null };
  to.cookie = from.cookie;
  to.cookieStatement = from.cookieStatement;
  to.dynamicCookieKey = from.dynamicCookieKey;
  to.timeouts.connectMs = from.timeouts.connectMs;
  to.timeouts.serverMs = from.timeouts.serverMs;
  to.timeouts.serverFinMs = from.timeouts.serverFinMs;
  to.timeouts.checkMs = from.timeouts.checkMs;
  to.timeouts.queueMs = from.timeouts.queueMs;
  to.timeouts.tunnelMs = from.timeouts.tunnelMs;
}

/** `default-server` → server, and defaults → proxy. */
export function copyServerSettings(to: ServerSettings, from: ServerSettings): void {
  const { check, agent, observation, ...rest } = from;
  Object.assign(to, rest);
  Object.assign(to.check, check);
  Object.assign(to.agent, agent);
  Object.assign(to.observation, observation);
}
