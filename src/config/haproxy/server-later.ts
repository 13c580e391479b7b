/** Parameters of servers that belong to TLS, which is not there yet. */
import type { ServerTarget } from './drafts.ts';
import { ignored, type Keyword, unsupported } from './keyword.ts';

const OFF_ALREADY = 'there is no TLS yet';

export const SERVER_TLS_PARAMETERS: readonly Keyword<ServerTarget>[] = [
  ...[
    'no-ssl',
    'no-check-ssl',
    'no-ssl-reuse',
    'no-tls-tickets',
    'no-send-proxy-v2-ssl',
    'no-send-proxy-v2-ssl-cn',
  ].map((word) => ignored<ServerTarget>(word, '', OFF_ALREADY)),
  ...['no-sslv3', 'no-tlsv10', 'no-tlsv11', 'no-tlsv12', 'no-tlsv13', 'ssl-reuse', 'tls-tickets'].map((word) =>
    ignored<ServerTarget>(word, '', OFF_ALREADY),
  ),
  ...unsupported<ServerTarget>(
    'there is no TLS yet',
    'ssl',
    'check-ssl',
    'check-sni',
    'check-alpn',
    'allow-0rtt',
    'alpn',
    'ca-file',
    'ciphers',
    'ciphersuites',
    'crl-file',
    'crt',
    'force-sslv3',
    'force-tlsv10',
    'force-tlsv11',
    'force-tlsv12',
    'force-tlsv13',
    'npn',
    'send-proxy-v2-ssl',
    'send-proxy-v2-ssl-cn',
    'sni',
    'ssl-max-ver',
    'ssl-min-ver',
    'verify',
    'verifyhost',
  ),
];
