/** Lists of rules as they are written: what they become, what is refused, what defaults leave behind. */
import { describe, expect, it } from 'vitest';
import type { CheckRule, RuleCheck } from '../../../src/config/check-model.ts';
import { type LoadResult, loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';

const TIMES = ' timeout connect 1s\n timeout server 1s\n';

function load(text: string): LoadResult {
  return loadHaproxyConfig([{ name: 'c.cfg', text }], { env: {}, readFile: () => Buffer.alloc(0) });
}

function backend(lines: string, more = ''): LoadResult {
  return load(`${more}backend b\n mode http\n${TIMES} ${lines.replaceAll('\n', '\n ')}\n`);
}

function checkOf(lines: string, more = ''): RuleCheck {
  const { model, problems } = backend(lines, more);
  const method = model?.proxies.at(-1)?.checkMethod;
  if (method === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return method;
}

/** One word for a rule: what it is, which step, what it says. */
function wordOf(rule: CheckRule): string {
  const comment = rule.comment === null ? '' : ` # ${rule.comment}`;
  return `${rule.kind}@${rule.step}${comment}`;
}

const words = (lines: string, more = ''): string[] => checkOf(lines, more).rules.map(wordOf);

describe('requests of checks', () => {
  const usual = { method: 'OPTIONS', uri: ['/'], version: 'HTTP/1.0', headers: [], body: null };
  const host = { name: 'Host', value: ['www'] };

  it.each<[string, object]>([
    ['option httpchk', {}],
    ['option httpchk /x', { uri: ['/x'] }],
    ['option httpchk GET /x', { method: 'GET', uri: ['/x'] }],
    ['option httpchk GET /x HTTP/1.1', { method: 'GET', uri: ['/x'], version: 'HTTP/1.1' }],
    [
      'option httpchk HEAD / HTTP/1.1\\r\\nHost:\\ www\\r\\nX-A:b',
      { method: 'HEAD', version: 'HTTP/1.1', headers: [host, { name: 'X-A', value: ['b'] }] },
    ],
    ['option httpchk POST / HTTP/1.1\\r\\n\\r\\nping', { method: 'POST', version: 'HTTP/1.1', body: ['ping'] }],
    ['option httpchk GET /a\nhttp-check send uri /b', { method: 'GET', uri: ['/b'] }],
    ['http-check send uri /b meth HEAD\noption httpchk /a', { method: 'HEAD', uri: ['/a'] }],
    ['http-check send hdr Host www\noption httpchk', { headers: [host] }],
    ['option httpchk GET /a\noption httpchk', {}],
    ['option tcp-check\noption httpchk', {}],
    [
      'option httpchk\nhttp-check send body grün%% hdr X 1%%',
      { body: ['gr\xc3\xbcn%%'], headers: [{ name: 'X', value: ['1%'] }] },
    ],
    ['option httpchk\nhttp-check send hdr Content-Length 5 hdr Transfer-Encoding x', {}],
  ])('%j', (lines, changes) => {
    const [, request] = checkOf(lines).rules;
    expect(request).toEqual({ kind: 'request', step: expect.any(Number), comment: null, ...usual, ...changes });
  });

  it('expect a success if nothing else', () => {
    const [, , expectation] = checkOf('option httpchk').rules;
    expect(expectation).toMatchObject({ pattern: { what: 'status', ranges: [{ from: 200, to: 399 }] } });
  });

  it('of the option go behind the first connection, those of rules where they are', () => {
    expect(words('http-check connect\nhttp-check expect status 200\noption httpchk')).toEqual([
      'connect@1',
      'request@2',
      'expect@2',
    ]);
    expect(
      words(
        'option httpchk\nhttp-check connect\nhttp-check send uri /a\nhttp-check expect status 200\nhttp-check connect\nhttp-check send uri /b',
      ),
    ).toEqual(['connect@1', 'request@2', 'expect@3', 'connect@4', 'request@5', 'expect@6']);
  });
});

describe('lists', () => {
  it('begin with a connection', () => {
    expect(words('option tcp-check')).toEqual(['connect@0']);
    expect(words('option tcp-check\ntcp-check send x')).toEqual(['connect@0', 'send@1']);
    expect(words('option tcp-check\ntcp-check set-var(check.x) int(1)\ntcp-check connect')).toEqual([
      'set-variable@1',
      'connect@2',
    ]);
  });

  it('have comments at the rules behind them, of one kind', () => {
    const lines = `option tcp-check
tcp-check comment one
tcp-check connect
tcp-check comment two
tcp-check send a
tcp-check send b comment own
tcp-check expect string c
tcp-check comment three
tcp-check expect string d
tcp-check expect string e`;
    expect(words(lines)).toEqual([
      'connect@2 # one',
      'send@4 # two',
      'send@5 # own',
      'expect@6',
      'expect@8 # three',
      'expect@9 # three',
    ]);
  });

  it('are used when an option says so, and else it is said', () => {
    const { model, problems } = backend('tcp-check send x\nhttp-check expect status 200');
    expect(model?.proxies[0]?.checkMethod.protocol).toBe('connect');
    expect(problems.map(({ message, line }) => `${line}: ${message}`)).toEqual([
      "5: backend 'b' has tcp-check rules without 'option tcp-check'; they are ignored",
      "6: backend 'b' has http-check rules without 'option httpchk'; they are ignored",
    ]);
  });

  it('of defaults serve until there are others', () => {
    const defaults = `defaults\n mode http\n${TIMES} option httpchk GET /up\n http-check expect status 204\n tcp-check send x\n`;
    expect(checkOf('', defaults).rules).toMatchObject([{}, { uri: ['/up'] }, { pattern: { what: 'status' } }]);
    expect(checkOf('http-check expect string ok', defaults).rules).toMatchObject([
      {},
      { uri: ['/up'] },
      { pattern: { what: 'string', bytes: 'ok' } },
    ]);
    expect(words('option httpchk', defaults)).toEqual(['connect@0', 'request@1', 'expect@2']);
    // Rules for another kind of check are not taken over with it.
    expect(words('option tcp-check', defaults)).toEqual(['connect@0']);
    const tcp = `defaults\n mode http\n${TIMES} option tcp-check\n tcp-check send x\n`;
    expect(words('option tcp-check', tcp)).toEqual(['connect@0', 'send@1']);
    expect(words('tcp-check expect string y', tcp)).toEqual(['connect@0', 'expect@1']);
  });

  it.each([
    ['redis-check', 'redis'],
    ['ssl-hello-chk', 'ssl-hello'],
    ['smtpchk', 'smtp'],
    ['smtpchk EHLO example.org', 'smtp'],
    ['mysql-check', 'mysql'],
    ['mysql-check user me', 'mysql'],
    ['mysql-check user me pre-41', 'mysql'],
    ['pgsql-check user me', 'pgsql'],
    ['ldap-check', 'ldap'],
    ['tcp-check', 'tcp'],
    ['httpchk', 'http'],
  ])('of option %s are those of %s, whatever was before', (option, protocol) => {
    expect(checkOf(`option redis-check\noption httpchk\noption ${option}`).protocol).toBe(protocol);
  });
});

describe('what is refused, with its place', () => {
  it.each([
    ['tcp-check send', "5:16: tcp-check rule 'send' lacks an argument"],
    ['tcp-check send a b', "5:19: 'send' does not take 'b'"],
    ['tcp-check send-binary 123', "5:24: '123' is not hexadecimal"],
    ['tcp-check send-lf %[nothing]', "5:20: unknown fetch method 'nothing'"],
    ['tcp-check send-lf %ci', "5:20: '%ci' is not known to checks"],
    ['tcp-check send-lf %[src]', "5:20: 'src' is not known to checks yet"],
    ['tcp-check send-lf %[str(x),crc32]', "5:20: 'crc32' is not known to checks yet"],
    ['tcp-check send-lf %[str(x)', "5:20: '%[str(x)' lacks its ']'"],
    ['tcp-check send x\ntcp-check connect', '6:12: the first step must be a connect as well, if there is one'],
    ['tcp-check connect port 70000', "5:25: '70000' is no port"],
    ['tcp-check connect ssl', "5:20: 'connect ssl' is not supported yet"],
    ['tcp-check connect via-socks4', "5:20: 'connect via-socks4' is not supported yet"],
    ['tcp-check connect slowly', "5:20: 'connect' does not take 'slowly'"],
    ['tcp-check expect status 200', "5:19: 'expect' does not take 'status'"],
    ['tcp-check expect string a string b', '5:28: only one pattern can be expected'],
    ['tcp-check expect min-recv 5', "5:29: 'expect' lacks a pattern"],
    ['tcp-check expect min-recv -2 string x', "5:28: 'min-recv -2': the value must be between -1"],
    ['tcp-check expect ! min-recv 1 string x', "5:21: '!' goes before a pattern, not before 'min-recv'"],
    ['tcp-check expect ok-status L7STS string x', "5:29: 'ok-status' does not take 'L7STS'"],
    ['tcp-check expect rstring a++', "5:27: 'a++' is no regular expression that is understood here"],
    ['tcp-check set-var(proc.x) int(1)', "5:12: 'set-var(proc.x)' names no variable of a check"],
    ['tcp-check set-var(check.x) int(1) more', "5:36: 'more' is no converter of an expression"],
    ['tcp-check talk', "5:12: unknown tcp-check rule 'talk'"],
    ['http-check expect binary 00', "5:20: 'expect' does not take 'binary'"],
    ['http-check expect hdr x', "5:24: 'hdr' expects 'name' and a pattern first, not 'x'"],
    ['http-check expect hdr name -m like x', "5:32: '-m' does not take 'like'"],
    ['http-check expect hdr name-lf -m reg x', '5:39: a log-format string cannot be a regular expression'],
    ['http-check send hdr Host a hdr host b', "5:33: the header 'Host' is given twice"],
    [
      'option httpchk\nhttp-check expect status 200\nhttp-check send uri /',
      "7:13: 'http-check send' lacks an 'http-check connect' before it",
    ],
    [
      'option httpchk\nhttp-check connect\nhttp-check expect status 200',
      "7:13: 'http-check expect' lacks an 'http-check send' before it",
    ],
    ['option pgsql-check', "5:20: option 'pgsql-check' lacks an argument"],
    ['option mysql-check user me maybe', "5:29: 'user' does not take 'maybe'"],
    ['no option redis-check', "5:12: 'no' is not possible before 'option redis-check'"],
    ['option spop-check', "5:9: option 'spop-check' is not supported yet"],
  ])('%j', (lines, expected) => {
    const { model, problems } = backend(lines);
    const [first] = problems.filter(({ severity }) => severity === 'error');
    expect(model).toBeNull();
    expect(`${first?.line}:${first?.column}: ${first?.message}`).toContain(expected);
  });
});

describe('a server without a port', () => {
  it.each([
    ['', false],
    ['option tcp-check', false],
    ['option tcp-check\ntcp-check connect port 80', true],
    ['option tcp-check\ntcp-check connect addr 192.0.2.9:80', true],
    ['option tcp-check\ntcp-check connect addr 192.0.2.9', false],
    ['option tcp-check\ntcp-check connect port int(80)', false],
    ['option tcp-check\ntcp-check connect port 80\ntcp-check connect', false],
    ['option httpchk\nhttp-check connect port 80', true],
  ])('is checked where every connection has one: %j', (lines, possible) => {
    const { model } = backend(`${lines}\nserver s 192.0.2.1 check`);
    expect(model !== null).toBe(possible);
  });
});

describe('what haproxy lets pass passes, with a warning', () => {
  it.each([
    ['tcp-check comment a b', "5:22: 'b' is one word too many and is not read"],
    ['tcp-check unset-var(check.x) b', "5:31: 'b' is one word too many and is not read"],
    ['tcp-check set-var-fmt(check.x) a b', "5:35: 'b' is one word too many and is not read"],
    ['tcp-check expect min-recv 5x string a', "5:28: '5x' is not a whole number; it is read as 5"],
  ])('%j', (lines, expected) => {
    const { model, problems } = backend(lines);
    expect(model).not.toBeNull();
    expect(problems.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n')).toContain(expected);
  });

  it('statuses may be missing', () => {
    const [, , expectation] = checkOf('option httpchk\nhttp-check expect status 200,').rules;
    expect(expectation).toMatchObject({
      pattern: {
        ranges: [
          { from: 200, to: 200 },
          { from: 0, to: 0 },
        ],
      },
    });
  });
});

describe('checks leave from the address of `source`', () => {
  it.each([
    ['source 192.0.2.5', null],
    ['source 192.0.2.5:1000', "checks of server 's' in backend 'b' do not leave through the port of its 'source'"],
    [
      'source 0.0.0.0 interface eth0',
      "checks of server 's' in backend 'b' do not leave through the interface of its 'source'",
    ],
  ])('and it is said what they do not: %j', (words, expected) => {
    const { problems } = backend(`server s 192.0.2.1:80 check ${words}`);
    expect(problems.map(({ message }) => message)).toEqual(expected === null ? [] : [expected]);
    expect(backend(`server s 192.0.2.1:80 ${words}`).problems).toEqual([]);
  });
});
