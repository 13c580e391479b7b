/**
 * `timeout <name> <time>`: one row a timeout, with the side of the proxy it belongs to.
 */
import type { Timeouts } from '../model.ts';
import { timeArgument } from './arguments.ts';
import { hasBackend, hasFrontend, type ProxyTarget, proxyLabel } from './drafts.ts';
import { applyKeyword, findKeyword, type Keyword, keywordTable, type Side, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

function timeout(word: string, field: keyof Timeouts, side: Side, note: string): Keyword<ProxyTarget> {
  const apply = (s: Statement, at: number, { proxy }: ProxyTarget): void => {
    const value = timeArgument(s, at + 1);
    if (value === null) return;
    const missing = (side === 'frontend' && !hasFrontend(proxy)) || (side === 'backend' && !hasBackend(proxy));
    if (missing) {
      const message = `'timeout ${word}' has no effect here: ${proxyLabel(proxy)} has no ${side}`;
      s.warning(at, 'no-effect', message);
    }
    // 0 is how HAProxy says "none".
    proxy.timeouts[field] = value === 0 ? null : value;
  };
  return supported(word, '<time>', note, apply, side);
}

export const TIMEOUTS = keywordTable<ProxyTarget>('`timeout …`', 'timeout', [
  timeout('connect', 'connectMs', 'backend', 'to open a connection to a server'),
  timeout('client', 'clientMs', 'frontend', 'for activity of the client'),
  timeout('server', 'serverMs', 'backend', 'for activity of the server'),
  timeout('queue', 'queueMs', 'backend', 'in the queue; default: connect'),
  timeout('http-request', 'httpRequestMs', 'any', 'for a complete request head; default: client'),
  timeout('http-keep-alive', 'httpKeepAliveMs', 'any', 'for the next request; default: http-request'),
  timeout('check', 'checkMs', 'backend', 'for the answer of a check'),
  timeout('tunnel', 'tunnelMs', 'backend', 'after an upgrade, and in mode tcp'),
  timeout('client-fin', 'clientFinMs', 'frontend', 'half-closed client'),
  timeout('server-fin', 'serverFinMs', 'backend', 'half-closed server'),
  timeout('tarpit', 'tarpitMs', 'any', 'default: connect; only tarpit rules depend on it, which are not there yet'),
]);

export function applyTimeout(s: Statement, _at: number, target: ProxyTarget): void {
  const keyword = findKeyword(TIMEOUTS, s, 1);
  if (keyword !== null) applyKeyword(TIMEOUTS, keyword, s, 1, target);
}
