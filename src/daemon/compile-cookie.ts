/** Persistence cookies as the data process runs them: the proxy's, and the ones that servers get from a key (`dynamic`). */
import type { Cookie, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import { xxh64 } from '../core/xxh64.ts';
import type { CookiePlan } from '../proxy/plan.ts';

export function compileCookie(cookie: Cookie | null): CookiePlan | null {
  if (cookie === null) return null;
  const { dynamic, httpOnly, secure, domains, attributes, ...plan } = cookie;
  const words = [
    'path=/',
    ...domains.map((domain) => `domain=${domain}`),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    ...attributes,
  ];
  return { ...plan, attributes: words.map((word) => `; ${word}`).join('') };
}

/** The server's own cookie, or the hash of key, address and port, equal to HAProxy's; null: it has none. */
export function cookieOf(server: Server, key: string | null, address: InetAddress | UnixAddress | null): string | null {
  if (server.cookie !== null || key === null) return server.cookie;
  if (address === null || address.family === 'unix') return null;
  const ip = address.family === 4 ? ipv4Bytes(address.ip) : ipv6Bytes(address.ip);
  const port = Buffer.alloc(4);
  port.writeUInt32BE(address.port);
  return xxh64(Buffer.concat([Buffer.from(key, 'latin1'), ip, port]))
    .toString(16)
    .padStart(16, '0');
}
