/** Sample expressions and ACLs: what they mean, what is said about wrong ones, and that any text is one or the other. */
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { parseSamplePrefix, parseSampleWords, placeProblem } from '../../../src/config/haproxy/sample.ts';
import { PLACE_LOG, PLACE_REQUEST, PLACE_SERVER } from '../../../src/config/sample-model.ts';
import { SeededRandom } from '../../support/random.ts';

const noFile = (path: string): Buffer => {
  if (path === '/patterns') return Buffer.from('# one\n  /a b\r\n\n/c\n');
  throw new Error('no such file');
};

function load(lines: string, env: Record<string, string> = {}) {
  const text = `defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten l\n bind :1\n server s 192.0.2.1:1\n ${lines}\n`;
  return loadHaproxyConfig([{ name: 'a.cfg', text }], { env, readFile: noFile });
}

describe('a sample expression', () => {
  it('is a fetch with its arguments, and converters', () => {
    expect(parseSampleWords(['req.hdr("a,b",-2),lower,field(1,":")']).expression).toMatchObject({
      fetch: {
        word: 'req.hdr',
        arguments: [
          { kind: 'text', value: 'a,b' },
          { kind: 'integer', value: -2 },
        ],
      },
      converters: [
        { word: 'lower', arguments: [] },
        { word: 'field', arguments: [{ value: 1 }, { value: ':' }] },
      ],
      type: 'str',
      needs: 'HTTP request headers',
    });
  });

  it('ends in a log format where it cannot go on', () => {
    expect(parseSamplePrefix('src,ipmask(24)] %[dst]')).toMatchObject({ end: 14 });
  });

  it('goes on in further words while they are converters', () => {
    expect(parseSampleWords(['path', 'lower,length', 'foo'])).toMatchObject({
      words: 2,
      expression: { type: 'sint', text: 'path lower,length' },
    });
  });

  it('says where it has nothing to say', () => {
    const { expression } = parseSampleWords(['req.hdr(x)']);
    if (expression === null) throw new Error('no expression');
    expect(placeProblem(expression, PLACE_REQUEST)).toBeNull();
    expect(placeProblem(expression, PLACE_SERVER)).toBeNull();
    expect(placeProblem(expression, PLACE_LOG)).toBe(
      "sample fetch <req.hdr(x)> may not be reliably used here because it needs 'HTTP request headers' " +
        'which is not available here',
    );
  });

  it.each([
    ['', 'missing fetch method', undefined],
    ['pth', "unknown fetch method 'pth'", "did you mean 'path'?"],
    ['var(txn.a)', "fetch method 'var' is not supported yet", 'there are no variables here'],
    ['ssl_fc_sni', "fetch method 'ssl_fc_sni' is not supported yet", 'there is no TLS here'],
    ['src_conn_cur', "fetch method 'src_conn_cur' is not supported yet", 'there are no stick tables here'],
    ['path,lwer', "unknown converter 'lwer'", "did you mean 'lower'?"],
    ['src,map_ip(/x)', "converter 'map_ip' is not supported yet", 'there are no maps here'],
    ['path x', 'missing comma after fetch keyword', undefined],
    ['method,add(1)', "converter 'add' cannot be applied", undefined],
    ['rand(x)', "fetch method 'rand' : failed to parse 'x' as type 'integer' at position 1", undefined],
    ['int', "fetch method 'int' : expected type 'integer' at position 1, but got nothing", undefined],
    ['path,bytes(1', "converter 'bytes' : expected ')'", undefined],
    ['path,field(1)', "missing arguments (got 1/2), type 'string' expected", undefined],
    ['path,field(0,/)', "invalid args in converter 'field' : Unexpected value 0 for index", undefined],
    ['src,add(txn.x)', "'txn.x': variables are not supported yet", 'a number'],
    ['path,regsub("(",x)', 'is invalid', undefined],
  ])('%j is refused', (text, message, hint) => {
    const result = parseSampleWords([text]);
    expect(result).toMatchObject({ expression: null, error: expect.stringContaining(message) });
    if (result.expression === null && hint !== undefined) expect(result.hint).toBe(hint);
  });

  it('takes variables of the environment as they are where it stands', () => {
    const { model } = load('balance hash env(WHO)', { WHO: 'me' });
    expect(model?.proxies[0]?.balanceArguments.sample?.fetch).toEqual({
      word: 'env',
      arguments: [{ kind: 'text', value: 'me' }],
    });
    expect(load('balance hash env(NOBODY)').model?.proxies[0]?.balanceArguments.sample?.fetch.arguments).toEqual([
      { kind: 'none' },
    ]);
  });

  it('names proxies and servers that have to be there', () => {
    expect(load('balance hash nbsrv(l),add(1)').problems).toEqual([]);
    expect(load('balance hash nbsrv(x)').problems).toMatchObject([
      { severity: 'error', line: 9, column: 15, message: "'nbsrv(x)': unable to find backend 'x'" },
    ]);
    expect(load('balance hash srv_conn(l/t)').problems).toMatchObject([
      { message: "'srv_conn(l/t)': unable to find server 't' in listen 'l'" },
    ]);
  });
});

describe('an ACL', () => {
  function testOf(words: string) {
    const { model, problems } = load(`acl a ${words}\n use-server s if a`);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    return model?.proxies[0]?.rules.servers[0]?.condition.suites[0]?.[0]?.acl.tests[0];
  }

  it.each([
    ['path /a /b', 'str', ['/a', '/b']],
    ['path_beg -i /a', 'beg', ['/a']],
    ['path -f /patterns /z', 'str', ['/a b', '/c', '/z']],
    ['path_len gt 5 le 9', 'len', ['6:', ':9']],
    ['hdr_val(x) 5 6:7 :8 9: -3', 'int', ['5:5', '6:7', ':8', '9:', ':3']],
    ['hdr_val(x) lt 0', 'int', [':-1']],
    ['src 10.0.0.0/8 ::1 1.2.3.4/255.0.255.0', 'ip', ['10.0.0.0/8', '::1/128', '1.2.3.4/255.0.255.0']],
    ['path_beg,length 5', 'int', ['5:5']],
    ['src -m beg 10.', 'beg', ['10.']],
    ['path -m found', 'found', []],
    ['always_true', 'bool', []],
    ['method GET', 'meth', ['GET']],
    ['bin(41) -m bin 41', 'bin', ['41']],
    ['path_reg ^/a', 'reg', ['^/a']],
    ['path -- -i', 'str', ['-i']],
  ])('%s', (words, method, patterns) => {
    expect(testOf(words)).toMatchObject({
      method,
      patterns,
      ignoresCase: words.includes(' -i ') && !words.includes('--'),
    });
  });

  it('grows by lines of its name, also behind where it is used', () => {
    const { model } = load('acl a path /a\n use-server s if a\n acl a path /b');
    expect(model?.proxies[0]?.rules.servers[0]?.condition.suites[0]?.[0]?.acl.tests).toHaveLength(2);
  });

  it.each([
    ['acl a path -m strr x', 13, "unknown matching method 'strr'", "did you mean 'str'?"],
    [
      'acl a src 1.2.3',
      12,
      "'1.2.3' is not a valid IPv4 or IPv6 address",
      'names are not looked up: write the address',
    ],
    ['acl a path -f /nowhere', 13, 'failed to open pattern file </nowhere>', undefined],
    [
      'acl a path -M -f /patterns',
      13,
      "'-M' is not supported yet: there are no maps",
      "'-f' reads patterns from a file",
    ],
    ['acl a path -x', 13, "'-x' is not a valid ACL option", "write '--' before patterns that begin with a '-'"],
    ['use-server s if MTH_GET', 18, "no such ACL : 'MTH_GET'", "did you mean 'METH_GET'?"],
    ['use-server s if { path / ', 18, "missing closing '}' in condition", "write a space before the '}'"],
    ['use-server s when TRUE', 15, "conditions must start with either 'if' or 'unless'", undefined],
    ['use-server t if TRUE', 13, "unable to find server 't' in listen 'l'", undefined],
    [
      'use_backend %[path] if TRUE',
      14,
      'names of backends that are expressions are not supported yet',
      'one rule for each',
    ],
  ])('%s is an error at its place', (line, column, message, hint) => {
    expect(load(line).problems.find(({ severity }) => severity === 'error')).toMatchObject({
      line: 9,
      column,
      message,
      ...(hint && { hint }),
    });
  });

  it.each([
    ['acl a path', 'has no pattern to match against'],
    ['acl a hdr (x)', 'is likely a mistake'],
    ['use-server s if { res.hdr(x) 1 }', 'will never match'],
    ['acl a path / \n acl a res.hdr(x) y\n use-server s if a', "involves keyword 'res.hdr'"],
  ])('%s is warned of', (lines, message) => {
    expect(load(lines).problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining(message) }]);
  });

  it('cannot look for a request in mode tcp', () => {
    expect(load('mode tcp\n use-server s if { path / }').problems).toMatchObject([
      { code: 'unsupported-keyword', line: 10 },
    ]);
  });
});

describe('any text', () => {
  const random = new SeededRandom(5);
  const PIECES = [
    'path',
    'src',
    'req.hdr',
    '(',
    ')',
    ',',
    '"',
    "'",
    '\\',
    'lower',
    'field',
    '1',
    '/',
    ' ',
    '-m',
    'str',
    '{',
    '}',
    '!',
    'or',
    'if',
    'nbsrv',
    'x',
    '-f',
    ':',
    '\t',
    '%',
    'é',
    'int',
    '99999999999999999999',
    '-5',
    'ipmask',
    '24',
    'regsub',
    '[',
    '*',
  ] as const;

  it('is an expression or an error', () => {
    for (let i = 0; i < 4000; i++) {
      const text = Array.from({ length: random.below(12) }, () => random.pick(PIECES)).join('');
      for (const result of [parseSamplePrefix(text), parseSampleWords([text]), parseSampleWords(text.split(' '))]) {
        if (result.expression === null) expect(result.error).not.toBe('');
        else expect(result.end).toBeLessThanOrEqual(text.length);
      }
    }
  });

  it('is a rule or a located error', () => {
    for (let i = 0; i < 600; i++) {
      const text = Array.from({ length: random.below(14) }, () => random.pick(PIECES)).join(random.pick(['', ' ']));
      const line = `${random.pick(['acl a', 'use-server s if', 'force-persist if', 'balance hash', 'use_backend b unless'])} ${text}`;
      const { model, problems } = load(line);
      const errors = problems.filter(({ severity }) => severity === 'error');
      expect(model === null, line).toBe(errors.length > 0);
      for (const problem of errors) expect(problem.line).toBe(9);
    }
  });
});
