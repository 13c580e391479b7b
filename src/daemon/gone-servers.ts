/** What servers counted that are gone: their backend's totals do not become smaller. */
import type { Responses, ServerView } from './views.ts';

/** A sum of views in which only counters mean anything. */
export type GoneServers = ServerView;

const COUNTERS = [
  'total',
  'bytesIn',
  'bytesOut',
  'connectErrors',
  'responseErrors',
  'retries',
  'redispatches',
  'balanced',
  'connects',
  'reused',
  'clientAborts',
  'serverAborts',
  'internalErrors',
] as const;

/** `server` as it leaves; `before`: those that left earlier. */
export function withGone(before: GoneServers | null, server: ServerView): GoneServers {
  const sums = Object.fromEntries(COUNTERS.map((counter) => [counter, server[counter] + (before?.[counter] ?? 0)]));
  const responses = server.responses.map((count, i) => count + (before?.responses[i] ?? 0)) as unknown as Responses;
  return { ...server, ...sums, responses, state: 'maint' };
}
