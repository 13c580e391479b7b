/**
 * `option redis-check` and its like: ready-made lists of rules, with the bytes and the words of HAProxy 2.6.
 * Not here: `spop-check`, which is for agents of filters.
 */
import type { CheckConnect, CheckExpect, CheckPattern, CheckProtocol, CheckRule, CheckText } from '../check-model.ts';
import { OWN_CONNECT, PLAIN_EXPECT, type RuleCheck } from '../check-model.ts';
import type { SampleExpression } from '../sample-model.ts';
import { newCheck } from './check-draft.ts';
import { byteText } from './check-text.ts';
import { hasBackend, type ProxyTarget, proxyLabel } from './drafts.ts';
import { type Keyword, supported, unsupported } from './keyword.ts';
import { parseSamplePrefix } from './sample.ts';
import type { Statement } from './statement.ts';

/** Some servers dislike to be reset. */
const POLITE_CONNECT: CheckConnect = { ...OWN_CONNECT, step: 1, linger: true };

const WHOLE_LINE = payload(0, 0, ['cut_crlf']);
const LINE_BEHIND_CODE = payload(4, 0, ["ltrim(' ')", 'cut_crlf']);
const CODE = payload(0, 3, []);

function payload(offset: number, size: number, converters: readonly string[]): SampleExpression {
  const stand = parsed(['bin(00)', ...converters].join(','));
  const integers = [offset, size].map((value) => ({ kind: 'integer', value }) as const);
  const text = [`res.payload(${offset},${size})`, ...converters].join(',');
  return { ...stand, text, fetch: { word: 'res.payload', arguments: integers } };
}

function parsed(text: string): SampleExpression {
  const { expression } = parseSamplePrefix(text);
  if (expression === null) throw new Error(`no expression: ${text}`);
  return expression;
}

function list(protocol: CheckProtocol, ...rules: CheckRule[]): RuleCheck {
  return { kind: 'rules', protocol, rules: rules[0]?.kind === 'connect' ? rules : [OWN_CONNECT, ...rules] };
}

function send(step: number, text: CheckText, hexadecimal = false): CheckRule {
  return { kind: 'send', step, comment: null, text, hexadecimal };
}

type Details = Partial<Omit<CheckExpect, 'kind' | 'step' | 'comment' | 'pattern'>>;

function expect(step: number, pattern: CheckPattern, details: Details = {}): CheckRule {
  return { ...PLAIN_EXPECT, step, pattern, ...details };
}

const REDIS = list(
  'redis',
  send(1, ['*1\r\n$4\r\nPING\r\n']),
  expect(
    2,
    { what: 'string', bytes: '+PONG\r\n' },
    { errorStatus: 'L7STS', onError: [WHOLE_LINE], onSuccess: ['Redis server is ok'] },
  ),
);

/** A ClientHello of SSLv3: 28 random bytes that are none, 39 old ciphers, no compression. */
const HELLO_CIPHERS = [...numbers(0x01, 0x1b), ...numbers(0x2f, 0x3a)];

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, n) => (from + n).toString(16).padStart(4, '0'));
}

const SSL_HELLO = list(
  'ssl-hello',
  send(
    1,
    [
      '16030000790100007503',
      '00',
      parsed('date,htonl,hex'),
      Buffer.from('HAPROXYSSLCHK\nHAPROXYSSLCHK\n').toString('hex'),
      '00',
      '004E',
      HELLO_CIPHERS.join(''),
      '0100',
    ],
    true,
  ),
  expect(
    2,
    { what: 'rbinary', expression: '^1[56]' },
    { minBytes: 5, okStatus: 'L6OK', errorStatus: 'L6RSP', timeoutStatus: 'L6TOUT' },
  ),
);

const LDAP = list(
  'ldap',
  send(1, ['300C020101600702010304008000'], true),
  expect(2, { what: 'rbinary', expression: '^30' }, { minBytes: 14, onError: ['Not LDAPv3 protocol'] }),
  expect(3, { what: 'ldap-bind' }),
);

function smtp(greeting: string): RuleCheck {
  const wrong: Details = { minBytes: 4, errorStatus: 'L7STS', onError: [LINE_BEHIND_CODE], statusCode: CODE };
  return list(
    'smtp',
    POLITE_CONNECT,
    expect(
      2,
      { what: 'rstring', expression: '^[0-9]{3}[ \r]' },
      { minBytes: 4, errorStatus: 'L7RSP', onError: [WHOLE_LINE] },
    ),
    expect(3, { what: 'rstring', expression: '^2[0-9]{2}[ \r]' }, wrong),
    send(4, [`${greeting}\r\n`]),
    expect(
      5,
      { what: 'rstring', expression: '^(2[0-9]{2}-[^\r]*\r\n)*2[0-9]{2}[ \r]' },
      { ...wrong, minBytes: null, onSuccess: [LINE_BEHIND_CODE] },
    ),
    send(6, ['QUIT\r\n']),
    expect(7, { what: 'rstring', expression: '^2[0-9]{2}[- \r]' }, { ...wrong, onSuccess: [LINE_BEHIND_CODE] }),
  );
}

function hexOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex');
}

function pgsql(user: string): RuleCheck {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(15 + user.length);
  const startup = `${length.toString('hex')}00030000${hexOf('user\0')}${hexOf(user)}0000`;
  return list(
    'pgsql',
    POLITE_CONNECT,
    send(2, [startup], true),
    expect(
      3,
      { what: 'rstring', expression: '^E' },
      { negate: true, minBytes: 5, errorStatus: 'L7RSP', onError: [payload(6, 0, [])] },
    ),
    expect(
      4,
      { what: 'rbinary', expression: '^52000000[A-Z0-9]{2}000000(00|02|03|04|05|06|07|09|0A)' },
      {
        minBytes: 9,
        errorStatus: 'L7STS',
        onSuccess: ['PostgreSQL server is ok'],
        onError: ['PostgreSQL unknown error'],
      },
    ),
  );
}

type MysqlDialect = 'pre-41' | 'post-41';

/** Without a user the server's greeting is enough; with one we say who we are, and COM_QUIT. */
function mysql(user: string | null, dialect: MysqlDialect): RuleCheck {
  if (user === null) return list('mysql', POLITE_CONNECT, expect(2, { what: 'mysql-greeting' }));
  const isNew = dialect === 'post-41';
  const length = user.length + 7 + (isNew ? 27 : 0);
  const header = [length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, 1];
  const capabilities = isNew ? `008200000080000121${'00'.repeat(23)}` : '0080000001';
  const packet = `${Buffer.from(header).toString('hex')}${capabilities}${hexOf(user)}0000`;
  return list(
    'mysql',
    POLITE_CONNECT,
    send(2, [`${packet}0100000001`], true),
    expect(3, { what: 'mysql-greeting' }),
    expect(4, { what: 'mysql-ok' }),
  );
}

type MakeList = (s: Statement, at: number) => RuleCheck | null;

function checkOption(word: string, usage: string, note: string, make: MakeList): Keyword<ProxyTarget> {
  return supported(
    word,
    usage,
    note,
    (s, at, { proxy }) => {
      const made = make(s, at);
      if (!hasBackend(proxy)) {
        s.warning(at, 'no-effect', `'option ${word}' is ignored: ${proxyLabel(proxy)} has no backend`);
      } else if (made !== null) {
        const { tcp, http } = proxy.check;
        proxy.check = { ...newCheck(), tcp, http, kind: 'list', list: made };
      }
    },
    'backend',
  );
}

export const CHECK_LIST_OPTIONS: readonly Keyword<ProxyTarget>[] = [
  checkOption('redis-check', '', 'PING', () => REDIS),
  checkOption('ssl-hello-chk', '', 'a ClientHello of SSLv3', () => SSL_HELLO),
  checkOption('ldap-check', '', 'an anonymous bind; a success counts once, not twice as in HAProxy 2.6', () => LDAP),
  checkOption('smtpchk', '[HELO|EHLO] [domain]', '', (s, at) => smtp(greetingAt(s, at + 1))),
  checkOption('pgsql-check', '<user> <name>', '', (s, at) =>
    isWord(s, at + 1, 'user') ? pgsql(byteText(s.text(at + 2))) : null,
  ),
  checkOption(
    'mysql-check',
    '[user] [name] [post-41|pre-41]',
    'without a user its greeting is enough; a success counts once, not twice as in HAProxy 2.6',
    mysqlAt,
  ),
  ...unsupported<ProxyTarget>('agents of filters are not used', 'spop-check'),
];

function greetingAt(s: Statement, at: number): string {
  const word = s.text(at);
  // HAProxy is content with anything else, and says the usual.
  if ((word !== 'EHLO' && word !== 'HELO') || !s.has(at + 1)) return 'HELO localhost';
  return `${word} ${byteText(s.text(at + 1))}`;
}

function mysqlAt(s: Statement, at: number): RuleCheck | null {
  if (!s.has(at + 1)) return mysql(null, 'post-41');
  if (!isWord(s, at + 1, 'user')) return null;
  if (!s.has(at + 2)) {
    s.error(s.words.length, 'missing-argument', "'user' expects a name");
    return null;
  }
  const dialect = s.has(at + 3) ? s.text(at + 3) : 'post-41';
  if (dialect === 'post-41' || dialect === 'pre-41') return mysql(byteText(s.text(at + 2)), dialect);
  s.error(at + 3, 'bad-value', `'user' does not take '${dialect}'`, "'post-41' (the usual) or 'pre-41'");
  return null;
}

function isWord(s: Statement, at: number, word: string): boolean {
  if (s.text(at) === word) return true;
  s.error(at, 'bad-value', `'${s.text(at)}' is not known here`, `write: ${word} <name>`);
  return false;
}
