/**
 * Numbers, switches, times and addresses as keepalived writes them; what is none is reported and gives null. keepalived
 * mostly takes its default then and goes on.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { IpFamily } from '../pair-model.ts';
import type { Statement } from './statement.ts';

export function readInteger(s: Statement, at: number, least: number, most: number): number | null {
  const text = s.text(at);
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  s.error(at, 'bad-number', `'${text}' is no number from ${least} to ${most}`);
  return null;
}

/** 0 and no word at all mean none: 0. null: reported. */
export function readPort(s: Statement, at: number): number | null {
  return s.has(at) ? readInteger(s, at, 0, 65_535) : 0;
}

/** on|off|true|false|yes|no; no word at all means on. */
export function readSwitch(s: Statement, at: number): boolean | null {
  switch (s.text(at)) {
    case '':
    case 'on':
    case 'true':
    case 'yes':
      return true;
    case 'off':
    case 'false':
    case 'no':
      return false;
    default:
      s.error(at, 'bad-switch', `'${s.text(at)}' is neither on nor off`, 'on, true, yes, off, false, no');
      return null;
  }
}

/** Seconds with at most six decimals, in whole milliseconds or finer when `unit` is 'us'. Limits are in seconds. */
export function readSeconds(
  s: Statement,
  at: number,
  leastS: number,
  mostS: number,
  unit: 'ms' | 'us' = 'ms',
): number | null {
  const text = s.text(at);
  const seconds = /^(\d{1,10}(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= leastS && seconds <= mostS) return Math.round(seconds * 1e6) / (unit === 'us' ? 1 : 1000);
  s.error(at, 'bad-time', `'${text}' is no time from ${leastS} to ${mostS} seconds`, 'write seconds: 1, 0.5');
  return null;
}

export function familyOf(ip: string): IpFamily | null {
  if (isIPv4(ip)) return 4;
  return isIPv6(ip) && !ip.includes('%') ? 6 : null;
}

/** The one way to write an address: what the kernel says must compare equal. */
function canonical(ip: string, family: IpFamily): string {
  return family === 4 ? ip : new SocketAddress({ address: ip, family: 'ipv6' }).address;
}

export interface IpValue {
  readonly family: IpFamily;
  readonly ip: string;
}

/** An address without a mask. */
export function readIp(s: Statement, at: number): IpValue | null {
  const ip = s.text(at);
  const family = familyOf(ip);
  if (family !== null) return { family, ip: canonical(ip, family) };
  s.error(at, 'bad-address', `'${ip}' is no IP address`);
  return null;
}

export interface PrefixValue extends IpValue {
  readonly prefixLength: number;
  readonly written: boolean;
}

/** `10.0.0.1/24`; without a mask it is the one address. */
export function readPrefix(s: Statement, at: number): PrefixValue | null {
  const text = s.text(at);
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const family = familyOf(written);
  if (family === null) {
    s.error(at, 'bad-address', `'${text}' is no IP address`);
    return null;
  }
  const ip = canonical(written, family);
  const longest = family === 4 ? 32 : 128;
  if (slash < 0) return { family, ip, prefixLength: longest, written: false };
  const digits = text.slice(slash + 1);
  const prefixLength = /^\d{1,3}$/.test(digits) ? Number(digits) : Number.NaN;
  if (prefixLength <= longest) return { family, ip, prefixLength, written: true };
  s.error(at, 'bad-address', `'/${digits}' is no length of a mask`, `0 to ${longest}`);
  return null;
}

/** Linux: at most 15 bytes, no slash, no colon. */
export function readInterface(s: Statement, at: number): string | null {
  const name = s.text(at);
  const fine = name !== '' && Buffer.byteLength(name) <= 15 && !/[/:\s]/.test(name) && name !== '.' && name !== '..';
  if (fine) return name;
  s.error(
    at,
    'bad-interface',
    `'${name}' cannot be the name of an interface`,
    'at most 15 characters, none of / and :',
  );
  return null;
}
