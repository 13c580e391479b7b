/**
 * Whether a request comes from where it says: pages of others can make a browser send what its user may send (CSRF), and
 * can give themselves a name that leads to this machine (DNS rebinding).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Sent by a page of the same host, or by no browser at all: scripts say nothing of an origin, browsers do with every POST.
 * A browser so old that it does not is refused.
 */
export function isOwnPost(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const from = headers.origin ?? headers.referer;
  if (from === undefined) return !(headers['user-agent'] ?? '').includes('Mozilla');
  const host = hostOf(from);
  return host !== null && host === headers.host?.toLowerCase();
}

function hostOf(url: string): string | null {
  const match = /^https?:\/\/([^/?#]+)/i.exec(url);
  return match?.[1]?.toLowerCase() ?? null;
}

/**
 * Came under a name that is not this machine's own, where that matters: at a loopback address, which has no other, and with whatever
 * changes something. An address elsewhere may have any name to be looked at under.
 */
export function isMisdirected(
  method: string | undefined,
  host: string | undefined,
  localAddress: string,
  hostname: string,
): boolean {
  return (method === 'POST' || isLoopback(localAddress)) && !isLocalName(host, hostname);
}

function isLocalName(host: string | undefined, hostname: string): boolean {
  if (host === undefined) return true;
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return isIP(bare) !== 0 || bare === 'localhost' || bare.endsWith('.localhost') || bare === hostname.toLowerCase();
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.');
}
