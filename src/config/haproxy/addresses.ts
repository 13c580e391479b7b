/**
 * Addresses as HAProxy writes them (configuration.txt 11 "Address formats"), without resolving names:
 *
 *   [ipv4@|ipv6@|tcp@…]HOST[:PORT[-PORT]|:+N|:-N]    unix@PATH   /PATH   abns@NAME   fd@N
 *
 * `${NAME}` works in an address even outside quotes. Each user (bind, server, log) allows its own part of this.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { type Environment, readVariable } from './tokenizer.ts';

export type Host =
  | { readonly kind: 'ip4' | 'ip6'; readonly ip: string }
  /** '' or `*`. */
  | { readonly kind: 'any'; readonly family: 4 | 6 }
  | { readonly kind: 'name'; readonly name: string };

export type Port =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly first: number; readonly last: number }
  | { readonly kind: 'offset'; readonly offset: number };

export type ParsedAddress =
  | { readonly kind: 'inet'; readonly host: Host; readonly port: Port; readonly transport: Transport }
  /** An abstract name starts with `@`. */
  | { readonly kind: 'unix'; readonly path: string; readonly transport: Transport }
  | { readonly kind: 'fd'; readonly fd: number };

/** Asked for by a prefix such as `udp@`; 'default' without one. */
export type Transport = 'default' | 'stream' | 'datagram' | 'quic';

export type AddressResult =
  | { readonly address: ParsedAddress; readonly error: null }
  | { readonly address: null; readonly error: string };

interface Prefix {
  readonly kind: 'inet' | 'unix' | 'abstract' | 'fd' | 'socketpair';
  readonly family?: 4 | 6;
  readonly transport?: Transport;
}

const PREFIXES: ReadonlyMap<string, Prefix> = new Map<string, Prefix>([
  ['ip', { kind: 'inet' }],
  ['ipv4', { kind: 'inet', family: 4 }],
  ['ipv6', { kind: 'inet', family: 6 }],
  ['tcp', { kind: 'inet', transport: 'stream' }],
  ['tcp4', { kind: 'inet', family: 4, transport: 'stream' }],
  ['tcp6', { kind: 'inet', family: 6, transport: 'stream' }],
  ['udp', { kind: 'inet', transport: 'datagram' }],
  ['udp4', { kind: 'inet', family: 4, transport: 'datagram' }],
  ['udp6', { kind: 'inet', family: 6, transport: 'datagram' }],
  ['quic4', { kind: 'inet', family: 4, transport: 'quic' }],
  ['quic6', { kind: 'inet', family: 6, transport: 'quic' }],
  ['unix', { kind: 'unix' }],
  ['uxst', { kind: 'unix', transport: 'stream' }],
  ['uxdg', { kind: 'unix', transport: 'datagram' }],
  ['abns', { kind: 'abstract' }],
  ['fd', { kind: 'fd' }],
  ['sockpair', { kind: 'socketpair' }],
]);

/** sun_path without its final zero, less HAProxy's room for `.<pid>.bak`. */
const MAX_UNIX_PATH = 97;
const MAX_ABSTRACT_NAME = 107;

export function parseAddress(written: string, env: Environment, unixPrefix = ''): AddressResult {
  let text = expandVariables(written, env);
  if (text === '') return refuse(`'${written}' is an empty address (is a variable not set?)`);
  let transport: Transport = 'default';
  const socketType = /^(stream|dgram)\+/.exec(text);
  if (socketType !== null) {
    transport = socketType[1] === 'stream' ? 'stream' : 'datagram';
    text = text.slice(socketType[0].length);
  }
  const at = text.indexOf('@');
  const prefix = at < 0 ? undefined : PREFIXES.get(text.slice(0, at));
  if (prefix !== undefined) text = text.slice(at + 1);
  transport = prefix?.transport ?? transport;
  switch (prefix?.kind ?? (text.startsWith('/') ? 'unix' : 'inet')) {
    case 'fd':
      return parseDescriptor(text);
    case 'socketpair':
      return refuse('socket pairs are only used inside HAProxy');
    case 'abstract':
      return parseUnix(`@${text}`, MAX_ABSTRACT_NAME + 1, transport);
    case 'unix':
      return parseUnix(unixPrefix + text, MAX_UNIX_PATH, transport);
    case 'inet':
      return parseInet(text, prefix?.family, transport);
  }
}

/** `$NAME` and `${NAME}`; a variable that is not set is empty. */
function expandVariables(text: string, env: Environment): string {
  return text.replace(/\$(?:\{([A-Za-z0-9_]*)\}|([A-Za-z0-9_]+))/g, (_, braced?: string, bare?: string) => {
    return readVariable(env, braced ?? bare ?? '') ?? '';
  });
}

function refuse(error: string): AddressResult {
  return { address: null, error };
}

function parseDescriptor(text: string): AddressResult {
  if (!/^\d+$/.test(text)) return refuse(`file descriptor '${text}' is not a number`);
  return { address: { kind: 'fd', fd: Number(text) }, error: null };
}

function parseUnix(path: string, longest: number, transport: Transport): AddressResult {
  if (Buffer.byteLength(path) > longest)
    return refuse(`the socket path '${path}' is too long (at most ${longest} bytes)`);
  if (path === '' || path === '@') return refuse('the socket path is empty');
  return { address: { kind: 'unix', path, transport }, error: null };
}

/** The port is behind the last colon, unless a `]` comes after it. */
function parseInet(text: string, family: 4 | 6 | undefined, transport: Transport): AddressResult {
  const cut = Math.max(text.lastIndexOf(':'), text.lastIndexOf(']'));
  const hasPort = text[cut] === ':';
  const host = parseHost(hasPort ? text.slice(0, cut) : text, family);
  if (typeof host === 'string') return refuse(host);
  const port = parsePort(hasPort ? text.slice(cut + 1) : '');
  if (typeof port === 'string') return refuse(port);
  return { address: { kind: 'inet', host, port, transport }, error: null };
}

function parseHost(text: string, family: 4 | 6 | undefined): Host | string {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (bare === '' || bare === '*') return { kind: 'any', family: family ?? 4 };
  if (isIPv4(bare)) return family === 6 ? `'${bare}' is not an IPv6 address` : { kind: 'ip4', ip: bare };
  if (isIPv6(bare) && !bare.includes('%')) {
    return family === 4 ? `'${bare}' is not an IPv4 address` : { kind: 'ip6', ip: bare };
  }
  if (bare !== text || /[:\s/]/.test(bare)) return `'${text}' is not an address`;
  return { kind: 'name', name: bare };
}

function parsePort(text: string): Port | string {
  if (text === '') return { kind: 'none' };
  const offset = /^([-+])(\d+)$/.exec(text);
  if (offset !== null) return { kind: 'offset', offset: Number(text) };
  const range = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (range === null) return `'${text}' is not a port`;
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  if (first > 65535 || last > 65535) return `'${text}' is not a port (0 to 65535)`;
  if (first > last) return `'${text}' is not a range of ports: the first is greater than the last`;
  return { kind: 'fixed', first, last };
}
