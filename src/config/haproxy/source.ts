/**
 * `source <address>[:port[-port]] [usesrc <address>|client|clientip|hdr_ip(name[,n])] [interface <name>]`: where connections
 * to servers leave from; of a server, `default-server`, or a whole backend.
 */
import type { InetAddress } from '../../core/address.ts';
import type { ForeignSource, SourceAddress } from '../../core/source-address.ts';
import { parseAddress } from './addresses.ts';
import type { ProxyTarget, ServerTarget } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import type { Statement } from './statement.ts';
import type { Environment } from './tokenizer.ts';

/** HAProxy looks back no further (MAX_HDR_HISTORY). */
const FIRST_OCCURRENCE = -10;

export const SERVER_SOURCE_PARAMETERS: readonly Keyword<ServerTarget>[] = [
  supported(
    'source',
    '<address>',
    'with a port, or a range of ports; `usesrc` and `interface` come right behind',
    (s, at, { settings, env }) => {
      settings.source = sourceAddress(s, at + 1, env, true) ?? settings.source;
    },
  ),
  supported('usesrc', '<address|client|clientip|hdr_ip(name)>', 'needs CAP_NET_RAW, or root', (s, at, target) => {
    const { settings, env } = target;
    if (!followsSource(s, at) || settings.source === null) return;
    settings.source = { ...settings.source, foreign: foreignSource(s, at + 1, env) };
  }),
  supported('interface', '<name>', 'behind `source`: SO_BINDTODEVICE', (s, at, { settings }) => {
    if (!followsSource(s, at) || settings.source === null) return;
    settings.source = { ...settings.source, interface: s.text(at + 1) };
  }),
];

/** `source` has a word behind it, and so have `usesrc` and `interface`. */
function followsSource(s: Statement, at: number): boolean {
  if (['source', 'usesrc', 'interface'].includes(s.text(at - 2))) return true;
  s.error(at, 'bad-place', `'${s.text(at)}' is only possible right behind 'source <address>'`);
  return false;
}

export function applySource(s: Statement, _at: number, { proxy, loading }: ProxyTarget): void {
  let source = sourceAddress(s, 1, loading.env, false);
  if (source === null) return;
  for (let at = 2; s.has(at); at += 2) {
    const word = s.text(at);
    if (word !== 'usesrc' && word !== 'interface') {
      s.error(at, 'unknown-keyword', `'source' takes 'usesrc' and 'interface', not '${word}'`);
      return;
    }
    if (!s.has(at + 1)) {
      s.error(at, 'missing-argument', `'${word}' lacks an argument`);
      return;
    }
    source =
      word === 'usesrc'
        ? { ...source, foreign: foreignSource(s, at + 1, loading.env) }
        : { ...source, interface: s.text(at + 1) };
  }
  proxy.source = source;
}

function sourceAddress(s: Statement, at: number, env: Environment, takesRange: boolean): SourceAddress | null {
  const found = inetAddress(s, at, env);
  if (found === null) return null;
  const { lastPort, ...address } = found;
  if (address.port !== lastPort && !takesRange) {
    s.error(at, 'bad-address', `'${s.text(at)}': a range of ports is only possible on server lines`);
    return null;
  }
  return { family: address.family, ip: address.ip, firstPort: address.port, lastPort, interface: '', foreign: null };
}

/** null: there is something wrong with it, which was said. */
function foreignSource(s: Statement, at: number, env: Environment): ForeignSource | null {
  const written = s.text(at);
  if (written === 'client' || written === 'clientip') return { kind: written };
  const field = /^hdr_ip\(\s*([^\s,)]*)\s*(?:,\s*(-?\d*))?/.exec(written);
  if (field !== null) {
    const [, name = '', occurrence = '-1'] = field;
    if (name !== '' && Number(occurrence) >= FIRST_OCCURRENCE && Number(occurrence) !== 0) {
      return { kind: 'header', name: name.toLowerCase(), occurrence: Number(occurrence) };
    }
    const hint = `like hdr_ip(x-forwarded-for,-1); at least ${FIRST_OCCURRENCE}, not 0`;
    s.error(at, 'bad-value', `'${written}' names no field of a request`, hint);
    return null;
  }
  const found = inetAddress(s, at, env);
  if (found === null) return null;
  const { lastPort, ...address } = found;
  if (lastPort === address.port) return { kind: 'address', address };
  s.error(at, 'bad-address', `'${written}': a range of ports is only possible behind 'source'`);
  return null;
}

function inetAddress(s: Statement, at: number, env: Environment): (InetAddress & { readonly lastPort: number }) | null {
  const written = s.text(at);
  const { address, error } = parseAddress(written, env);
  const refuse = (why: string, hint?: string): null => {
    s.error(at, 'bad-address', why, hint);
    return null;
  };
  if (error !== null) return refuse(error);
  if (address.kind !== 'inet') return refuse(`'${written}': connections leave from IP addresses only`);
  const { host, port } = address;
  if (port.kind === 'offset') return refuse(`'${written}': an offset is only possible for servers`);
  const [first, last] = port.kind === 'fixed' ? [port.first, port.last] : [0, 0];
  switch (host.kind) {
    case 'any':
      return { family: host.family, ip: host.family === 4 ? '0.0.0.0' : '::', port: first, lastPort: last };
    case 'ip4':
      return { family: 4, ip: host.ip, port: first, lastPort: last };
    case 'ip6':
      return { family: 6, ip: host.ip, port: first, lastPort: last };
    case 'name':
      if (host.name === 'localhost') return { family: 4, ip: '127.0.0.1', port: first, lastPort: last };
      return refuse(`'${host.name}' is a name; connections leave from an address`, 'write its IP address');
  }
}
