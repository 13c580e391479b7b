/** Parameters of servers about the PROXY protocol: `send-proxy`, `send-proxy-v2`, `proxy-v2-options`. */
import type { ServerTarget } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

/** They tell of a TLS connection with the client. */
const OF_TLS = ['ssl', 'cert-cn', 'cert-key', 'cert-sig', 'ssl-cipher', 'authority'];

export const SEND_PROXY_PARAMETERS: readonly Keyword<ServerTarget>[] = [
  toggle('send-proxy', 'a connection begins with a header of version 1', { v1: true }),
  toggle('no-send-proxy', '', { v1: false }),
  toggle('send-proxy-v2', 'of version 2', { v2: true }),
  toggle('no-send-proxy-v2', '', { v2: false }),
  supported('proxy-v2-options', '<option>[,…]', '`crc32c`, `unique-id`', applyOptions),
];

function toggle(word: string, note: string, change: { v1?: boolean; v2?: boolean }): Keyword<ServerTarget> {
  return supported(word, '', note, (_s, _at, { settings }) => {
    settings.sendProxy = { ...settings.sendProxy, ...change };
  });
}

function applyOptions(s: Statement, at: number, { settings }: ServerTarget): void {
  for (const option of s.text(at + 1).split(',')) {
    if (option === 'crc32c') settings.sendProxy = { ...settings.sendProxy, crc32c: true };
    else if (OF_TLS.includes(option)) {
      s.error(at + 1, 'unsupported-keyword', `'${option}' is not supported yet`, 'there is no TLS yet');
    } else if (option === 'unique-id') settings.sendProxy = { ...settings.sendProxy, uniqueId: true };
    else s.error(at + 1, 'bad-value', `'proxy-v2-options' has no option '${option}'`, 'crc32c, unique-id');
  }
}
