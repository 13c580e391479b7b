/**
 * A line of `virtual_ipaddress`, `virtual_ipaddress_excluded` and `static_ipaddress` (vrrp_ipaddress.c, alloc_ipaddress):
 *
 *   10.0.0.10/24 brd 10.0.0.255 dev eth0 scope global label eth0:1
 */
import type { AddressScope, VirtualAddress } from '../pair-model.ts';
import { nearestWord } from '../suggest.ts';
import type { Statement } from './statement.ts';
import { type PrefixValue, readInteger, readInterface, readIp, readPrefix } from './values.ts';

/** Before it is known which interface it is for. */
export interface AddressDraft extends Omit<VirtualAddress, 'device' | 'ownDevice'> {
  readonly statement: Statement;
  readonly ownDevice: string | null;
  readonly maskWritten: boolean;
}

type Options = {
  -readonly [K in keyof Omit<AddressDraft, 'origin' | 'statement' | 'family' | 'ip' | 'maskWritten'>]: AddressDraft[K];
};

type ReadOption = (s: Statement, at: number, address: PrefixValue, options: Options) => boolean;

interface Option {
  /** How many words it takes. */
  readonly takes: 0 | 1;
  readonly read: ReadOption;
}

const flag = (set: (options: Options) => void): Option => ({
  takes: 0,
  read: (_s, _at, _address, options) => {
    set(options);
    return true;
  },
});

const notYet: Option = {
  takes: 0,
  read: (s, at) => {
    s.error(at, 'unsupported-keyword', `'${s.text(at)}' of an address is not supported yet`);
    return false;
  },
};

const broadcast: Option = { takes: 1, read: readBroadcast };

const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ['dev', { takes: 1, read: readDevice }],
  ['brd', broadcast],
  ['broadcast', broadcast],
  ['scope', { takes: 1, read: readScope }],
  ['label', { takes: 1, read: readLabel }],
  ['peer', { takes: 1, read: readPeer }],
  [
    'home',
    flag((options) => {
      options.home = true;
    }),
  ],
  [
    '-nodad',
    flag((options) => {
      options.noDad = true;
    }),
  ],
  [
    'mngtmpaddr',
    flag((options) => {
      options.mngTmpAddr = true;
    }),
  ],
  [
    'noprefixroute',
    flag((options) => {
      options.noPrefixRoute = true;
    }),
  ],
  [
    'autojoin',
    flag((options) => {
      options.autoJoin = true;
    }),
  ],
  [
    'no_track',
    flag((options) => {
      options.noTrack = true;
    }),
  ],
  ['preferred_lft', { takes: 1, read: readPreferred }],
  ['use_vmac', notYet],
  ['track_group', notYet],
]);

export const ADDRESS_OPTIONS: readonly string[] = [...OPTIONS.keys()];

/** null: reported. */
export function readAddressLine(s: Statement): AddressDraft | null {
  if (s.children !== null) {
    s.error(0, 'unexpected-brace', 'an address has no block');
    return null;
  }
  const address = readPrefix(s, 0);
  if (address === null) return null;
  const { family, ip, prefixLength, written } = address;
  const options: Options = {
    prefixLength,
    ownDevice: null,
    scope: null,
    label: null,
    broadcast: null,
    peer: null,
    home: false,
    noDad: false,
    mngTmpAddr: false,
    noPrefixRoute: false,
    autoJoin: false,
    noTrack: false,
    // keepalived: an IPv6 address of its own is never a source address unless the file says so.
    preferredLifetimeS: family === 6 && prefixLength === 128 ? 0 : 'forever',
  };
  if (!readOptions(s, address, options)) return null;
  return { ...options, origin: s.origin, statement: s, family, ip, maskWritten: written || options.peer !== null };
}

function readOptions(s: Statement, address: PrefixValue, options: Options): boolean {
  for (let at = 1; s.has(at); at++) {
    const option = OPTIONS.get(s.text(at));
    if (option === undefined) {
      const near = nearestWord(s.text(at), OPTIONS.keys());
      const hint = near === null ? 'a line holds one address' : `did you mean '${near}'?`;
      s.error(at, 'unknown-keyword', `unknown word '${s.text(at)}' behind an address`, hint);
      return false;
    }
    if (!s.has(at + option.takes)) {
      s.error(at + 1, 'missing-argument', `'${s.text(at)}' lacks its value`);
      return false;
    }
    at += option.takes;
    if (!option.read(s, at, address, options)) return false;
  }
  return true;
}

function readDevice(s: Statement, at: number, _address: PrefixValue, options: Options): boolean {
  options.ownDevice = readInterface(s, at);
  return options.ownDevice !== null;
}

function readBroadcast(s: Statement, at: number, address: PrefixValue, options: Options): boolean {
  const text = s.text(at);
  if (address.family === 6) {
    s.error(at, 'bad-address', 'an IPv6 address has no broadcast address');
    return false;
  }
  if (text === '+' || text === '-') {
    if (address.prefixLength > 30) {
      s.error(at, 'bad-address', `a /${address.prefixLength} has no broadcast address`);
      return false;
    }
    options.broadcast = hostBits(address.ip, address.prefixLength, text === '+');
    return true;
  }
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(text)) {
    s.error(at, 'bad-address', `'${text}' is no IPv4 address`);
    return false;
  }
  options.broadcast = text;
  return true;
}

function hostBits(ip: string, prefixLength: number, set: boolean): string {
  const value = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const hosts = 2 ** (32 - prefixLength);
  const result = value - (value % hosts) + (set ? hosts - 1 : 0);
  return [24, 16, 8, 0].map((shift) => Math.floor(result / 2 ** shift) % 256).join('.');
}

const SCOPES: ReadonlySet<string> = new Set(['global', 'site', 'link', 'host', 'nowhere']);

function readScope(s: Statement, at: number, address: PrefixValue, options: Options): boolean {
  const text = s.text(at);
  if (address.family === 6) {
    s.warning(at, 'ignored-keyword', 'the scope of an IPv6 address follows from the address; it is ignored');
    return true;
  }
  if (SCOPES.has(text)) options.scope = text as AddressScope;
  else {
    const number = readInteger(s, at, 0, 255);
    if (number === null) return false;
    options.scope = number;
  }
  return true;
}

function readLabel(s: Statement, at: number, address: PrefixValue, options: Options): boolean {
  const text = s.text(at);
  if (address.family === 6) {
    s.warning(at, 'ignored-keyword', 'IPv6 addresses have no label; it is ignored');
    return true;
  }
  if (Buffer.byteLength(text) > 15) {
    s.error(at, 'bad-label', `the label '${text}' is longer than 15 characters`);
    return false;
  }
  options.label = text;
  return true;
}

function readPeer(s: Statement, at: number, address: PrefixValue, options: Options): boolean {
  const peer = readIp(s, at);
  if (peer === null) return false;
  if (peer.family !== address.family) {
    s.error(at, 'mixed-families', `the peer ${peer.ip} is not of the family of ${address.ip}`);
    return false;
  }
  const longest = peer.family === 4 ? 32 : 128;
  if (address.prefixLength !== longest) {
    s.warning(0, 'peer-with-mask', `with a peer the mask is /${longest}; /${address.prefixLength} is ignored`);
  }
  options.peer = { ip: peer.ip, prefixLength: longest };
  options.prefixLength = longest;
  return true;
}

function readPreferred(s: Statement, at: number, _address: PrefixValue, options: Options): boolean {
  const value = s.text(at) === 'forever' ? 'forever' : readInteger(s, at, 0, 4_294_967_294);
  if (value === null) return false;
  options.preferredLifetimeS = value;
  return true;
}
