/**
 * Timeouts with HAProxy's fallbacks applied; 0 is "no limit".
 *
 *   queue ──▶ connect      tarpit ──▶ connect      http-keep-alive ──▶ http-request ──▶ client
 */
import type { Timeouts } from '../config/model.ts';
import type { TimeoutsPlan } from '../proxy/plan.ts';

export function compileTimeouts(timeouts: Timeouts): TimeoutsPlan {
  const connectMs = timeouts.connectMs ?? 0;
  const clientMs = timeouts.clientMs ?? 0;
  const httpRequestMs = timeouts.httpRequestMs ?? clientMs;
  return {
    connectMs,
    clientMs,
    serverMs: timeouts.serverMs ?? 0,
    queueMs: timeouts.queueMs ?? connectMs,
    httpRequestMs,
    httpKeepAliveMs: timeouts.httpKeepAliveMs ?? httpRequestMs,
    tunnelMs: timeouts.tunnelMs ?? 0,
    clientFinMs: timeouts.clientFinMs ?? 0,
    serverFinMs: timeouts.serverFinMs ?? 0,
    tarpitMs: timeouts.tarpitMs ?? connectMs,
  };
}
