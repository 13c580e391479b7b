/** `uri-host [ ":" port ]` (RFC 3986 3.2, RFC 9110 7.2), with node:net's opinion on IPv6. */
import { isIPv6 } from 'node:net';

const REG_NAME = /^(?:[-._~!$&'()*+;=0-9A-Za-z]|%[0-9A-Fa-f]{2})*$/;
const FUTURE = /^v[0-9a-f]+\.[-._~!$&'()*+;=:0-9A-Za-z]+$/i;

export interface Authority {
  readonly host: string;
  /** -1: none given; an empty one is 0. */
  readonly port: number;
}

export function authorityOf(text: string): Authority | null {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(text);
  if (match === null) return null;
  const [, host = '', digits] = match;
  const port = digits === undefined ? -1 : Number(digits);
  if (port > 65535) return null;
  if (!host.startsWith('[')) return REG_NAME.test(host) ? { host, port } : null;
  const literal = host.slice(1, -1);
  // Node takes a zone, a URI has none.
  const valid = literal.includes('%') ? false : isIPv6(literal) || FUTURE.test(literal);
  return valid ? { host, port } : null;
}
