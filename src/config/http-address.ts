/** Where our own web server listens, as users write it: `127.0.0.1:8405`, `[::1]:8405`, `*:8405`, `localhost:8405`. */
import { isIP } from 'node:net';
import type { InetAddress } from '../core/address.ts';

export const HTTP_ADDRESS_HINT = 'write an address and a port: 127.0.0.1:8405, [::1]:8405; *:8405 is every address';

/** null: it is none. Port 0 is any that is free. */
export function httpAddress(text: string): InetAddress | null {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  const [, bracketed, plain] = match;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { family: 6, ip: bracketed, port } : null;
  const ip = plain === '*' ? '0.0.0.0' : plain === 'localhost' ? '127.0.0.1' : (plain ?? '');
  return isIP(ip) === 4 ? { family: 4, ip, port } : null;
}
