/** `option forwardfor [except <network>] [header <name>] [if-none]`. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Network } from '../../core/address.ts';
import type { ProxyTarget } from './drafts.ts';
import type { Statement } from './statement.ts';

export function applyForwardFor(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  let header = 'X-Forwarded-For';
  let except: Network | null = null;
  let ifNone = false;
  for (let at = 2; s.has(at); at += 2) {
    switch (s.text(at)) {
      case 'except':
        except = parseNetwork(s.text(at + 1));
        if (except === null) {
          s.error(
            at + 1,
            'bad-address',
            `'except' expects an address or network, not '${s.text(at + 1)}'`,
            'like 127.0.0.0/8',
          );
          return;
        }
        break;
      case 'header':
        header = s.text(at + 1);
        if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header)) {
          s.error(at + 1, 'bad-value', `'header' expects the name of a header, not '${header}'`);
          return;
        }
        break;
      case 'if-none':
        ifNone = true;
        at--;
        break;
      default:
        s.error(
          at,
          'bad-value',
          `'option forwardfor' does not take '${s.text(at)}'`,
          "'except', 'header' and 'if-none'",
        );
        return;
    }
  }
  proxy.forwardFor = { header, except, ifNone };
}

/** `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`. */
export function parseNetwork(text: string): Network | null {
  const [ip = '', mask, ...more] = text.split('/');
  if (more.length > 0) return null;
  if (isIPv4(ip)) {
    const prefixLength = mask === undefined ? 32 : prefixLengthOf(mask, 32);
    return prefixLength === null ? null : { family: 4, ip, prefixLength };
  }
  if (!isIPv6(ip) || ip.includes('%')) return null;
  const prefixLength = mask === undefined ? 128 : prefixLengthOf(mask, 128);
  return prefixLength === null ? null : { family: 6, ip, prefixLength };
}

function prefixLengthOf(mask: string, longest: number): number | null {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= longest ? Number(mask) : null;
  if (longest !== 32 || !isIPv4(mask)) return null;
  const bits = mask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  const ones = /^(1*)0*$/.exec(bits)?.[1];
  return ones === undefined ? null : ones.length;
}
