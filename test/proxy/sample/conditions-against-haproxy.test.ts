/** Conditions hold where they hold for a real haproxy: match methods, flags, negation, predefined ACLs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileBytes } from '../../../src/config/files.ts';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { runningProxies } from '../../../src/daemon/compile.ts';
import { compileRules } from '../../../src/daemon/compile-rules.ts';
import { Condition } from '../../../src/proxy/sample/condition.ts';
import { describeWithPeer } from '../../support/peers.ts';
import { SeededRandom } from '../../support/random.ts';
import { RequestScene } from './evaluation.ts';
import { HaproxySamplePeer } from './haproxy-sample-peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-acl-'));
const patternFile = join(folder, 'patterns');
writeFileSync(patternFile, '# a comment\n  /static\n/a b\n\n\t/img\r\n10.0.0.0/8\n');
const addressFile = join(folder, 'addresses');
writeFileSync(addressFile, '127.0.1.0/24\n127.1.2.3\n::ffff:127.2.0.0/112\n127.0.0.7/255.0.0.255\n');

const ACLS = [
  'acl twice path /a',
  'acl twice path /b',
  'acl local src 127.0.0.0/24',
  `acl listed src -f ${addressFile}`,
  'acl HTTP_1.0 always_true',
];

const CONDITIONS = [
  'TRUE',
  'FALSE',
  '!FALSE',
  '!!TRUE',
  '! FALSE',
  'LOCALHOST',
  'HTTP',
  'HTTP_1.0',
  'HTTP_1.1',
  'METH_GET',
  'METH_POST',
  'METH_HEAD',
  'METH_PUT',
  'METH_OPTIONS',
  'METH_TRACE',
  'METH_DELETE',
  'METH_CONNECT',
  'HTTP_URL_ABS',
  'HTTP_URL_SLASH',
  'HTTP_URL_STAR',
  'HTTP_CONTENT',
  'WAIT_END',
  'twice',
  'local',
  '!local',
  'listed',
  'twice local',
  'twice !local',
  'twice or local',
  'twice || !local FALSE',
  'FALSE or twice local or FALSE',
  '!twice !local',
  'or',
  '||',
  '{ path /a }',
  '{ path /a /b/ }',
  '{ path -i /A }',
  '{ path_beg /a }',
  '{ path_beg -i /A /B }',
  '{ path_end .css /x }',
  '{ path_end -i .CSS }',
  '{ path_sub tat }',
  '{ path_sub -i TAT }',
  '{ path_dir static }',
  '{ path_dir /static/ }',
  '{ path_dir -i STATIC a }',
  '{ path_dom x }',
  '{ path_reg ^/a }',
  '{ path_reg (?i)^/A }',
  '{ path_reg [[:upper:]] }',
  '{ hdr_reg(x) ^[[:digit:].]+$ }',
  '{ path_reg -i ^/A }',
  '{ path_len 2 }',
  '{ path_len gt 3 }',
  '{ path_len 3:9 }',
  '{ path_len le 5 }',
  '{ path -m beg /a }',
  '{ path -m len 0:4 }',
  '{ path -m found }',
  '{ query -m found }',
  `{ path -f ${patternFile} }`,
  `{ path -i -f ${patternFile} /x }`,
  `{ path_beg -f ${patternFile} }`,
  '{ hdr(host) a }',
  '{ hdr(host) -i WWW.example.com }',
  '{ hdr_beg(host) www. }',
  '{ hdr_end(host) -i .COM }',
  '{ hdr_dom(host) example }',
  '{ hdr_dom(host) example.com }',
  '{ hdr_dom(host) -i EXAMPLE }',
  '{ hdr_dom(host) .com }',
  '{ hdr_dir(x) a }',
  '{ hdr_sub(x) a }',
  '{ hdr_reg(x) ^[0-9]+$ }',
  '{ hdr_len(x) 0 }',
  '{ hdr_len(x) 1 2 }',
  '{ hdr_cnt(x) 2 }',
  '{ hdr_cnt(x) ge 1 lt 1 }',
  '{ hdr_val(x) gt 5 }',
  '{ hdr_val(x) 0:9 }',
  '{ hdr_val(x) lt 0 }',
  '{ hdr_val(x) -- -5 }',
  '{ hdr_val(x) -m bool }',
  '{ hdr_ip(x) 10.0.0.0/8 }',
  '{ hdr_ip(x) 2001:db8::/32 }',
  '{ hdr_ip(x) ::ffff:0:0/96 }',
  '{ hdr(x) -m found }',
  '!{ hdr(x) -m found }',
  '{ hdr(x) -m int 5 }',
  '{ hdr(x) -m ip 10.0.0.1 }',
  '{ hdr(x),lower abc }',
  '{ hdr(x),length 3 }',
  '{ hdr(x),field(1,:) abc }',
  '{ hdr(x,1) b }',
  '{ hdr(x,-1) b }',
  '{ hdr(x) a b }',
  '{ hdr(x) -i A }',
  '{ req.fhdr(x) "a, b" }',
  '{ req.hdr(x) -m str b }',
  '{ hdr(x) -m bin 6162 }',
  '{ hdr(x) -m reg -i ^AB }',
  '{ hdr(x) -m dom a }',
  '{ cook(s) v }',
  '{ cook(s) -m found }',
  '{ cook_beg(s) v }',
  '{ cook_cnt(s) 2 }',
  '{ cook_val(s) 1:5 }',
  '{ cook() v }',
  '{ urlp(q) v }',
  '{ urlp_sub(q) v }',
  '{ urlp(q) -m found }',
  '{ urlp_val(q) gt 1 }',
  '{ url_param(q) a b }',
  '{ urlp() v }',
  '{ url / }',
  '{ url_beg http:// }',
  '{ url_end / }',
  '{ url_reg a.c }',
  '{ base_beg www }',
  '{ base_dom example }',
  '{ base a/a }',
  '{ method GET }',
  '{ method -i foo }',
  '{ method FOO }',
  '{ method get }',
  '{ method -i get }',
  '{ method -m beg G }',
  '{ method -m reg ^[GP] }',
  '{ req.ver 1.1 }',
  '{ req_ver 1.0 1.1 }',
  '{ src 127.0.0.0/8 }',
  '{ src 127.0.0.1 127.0.0.2 }',
  '{ src ::ffff:127.0.0.0/104 }',
  '{ src 0.0.0.0/0 }',
  '{ src ::/0 }',
  '{ src -m found }',
  '{ src -m str 127.0.0.1 }',
  '{ src -m beg 127.0.1 }',
  '{ src,ipmask(24) 127.0.1.0 }',
  '{ src_port gt 0 }',
  '{ dst_port -m found }',
  '{ always_true }',
  '{ always_false }',
  '{ bool(true) }',
  '{ int(5) 5 }',
  '{ int(5) -m bool }',
  '{ int(0) -m bool }',
  '{ int(5) gt 4 }',
  '{ int(5) ge 5 lt 3 }',
  '{ int(5) eq 5 }',
  '{ int(5) ne 5 }',
  '{ str(a) -m str a }',
  '{ str(aB) -i Ab }',
  '{ bin(6162) -m str ab }',
  '{ bin(6162) -m bin 6162 }',
  '{ ipv4(1.2.3.4) 1.2.3.0/24 }',
  '{ ipv6(2002:102:304::1) 1.2.3.4 }',
  '{ ipv6(::1.2.3.4) 1.2.3.4 }',
  '{ ipv6(::ffff:1.2.3.4) 1.0.0.0/8 }',
  '{ ipv6(2001:db8::1) 2001:db8::/33 }',
  '{ ipv6(2001:db8:8000::1) 2001:db8::/33 }',
  '{ path,word(1,/) a static }',
  '{ path_beg,length 2 }',
  '{ req.hdr(x) -- -i }',
].filter((condition) => !condition.includes(' ne '));

const random = new SeededRandom(20261123);
const VALUES = [
  'a',
  'b',
  'ab',
  'abc',
  'ABC',
  'a, b',
  ' 5 ',
  '-5',
  '10.1.2.3',
  '10.0.0.1:80',
  '2001:db8::1',
  '::1',
  '12',
  '0',
  '',
  'a/b',
  '-i',
  '"a,b",c',
] as const;
const PATHS = [
  '/',
  '/a',
  '/b',
  '/A',
  '/b/',
  '/static',
  '/x/static/y',
  '/STATIC/',
  '/img',
  '/style.css',
  '/a?q=v',
  '/a?q=2&q=a',
  '/b?x=1;q=b',
  '/ab/x.y',
] as const;

function request(): string {
  const method = random.pick(['GET', 'GET', 'POST', 'PUT', 'FOO', 'OPTIONS', 'DELETE', 'foo']);
  const host = random.pick(['a', 'www.example.com', 'WWW.Example.com', 'example.org:80']);
  const path = method === 'OPTIONS' ? random.pick(['*', '/', '/a']) : random.pick(PATHS);
  const target = random.below(10) === 0 && path !== '*' ? `http://${host}${path}` : path;
  const fields = Array.from({ length: random.below(3) }, () => `X: ${random.pick(VALUES)}\r\n`).join('');
  const cookie = random.pick(['', '', 'Cookie: s=v; s=3\r\n', 'Cookie: t=v\r\n', 'Cookie: a=1, s=v2\r\n']);
  const length = method === 'POST' ? `Content-Length: ${random.below(2)}\r\n` : '';
  const body = length.includes('1') ? 'x' : '';
  return `${method} ${target} HTTP/1.${random.pick(['1', '1', '0'])}\r\nHost: ${host}\r\n${fields}${cookie}${length}\r\n${body}`;
}

function conditions(): Condition[] {
  const lines = ['frontend f', 'mode http', 'bind 127.0.0.1:1', ...ACLS];
  for (const condition of CONDITIONS) lines.push(`use_backend b if ${condition}`);
  lines.push('backend b', 'mode http', 'server s 127.0.0.1:2', '');
  const { model, problems } = loadHaproxyConfig([{ name: 'test.cfg', text: lines.join('\n') }], {
    env: {},
    readFile: readFileBytes,
  });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  if (model === null) throw new Error('no model');
  const running = runningProxies(model);
  const [frontend] = running;
  const rules = frontend === undefined ? null : compileRules(frontend, running);
  // What goes into the plan has to survive JSON.
  const plan = JSON.parse(JSON.stringify(rules)) as typeof rules;
  return (plan?.backends ?? []).map((rule) => new Condition(rule.condition));
}

describeWithPeer('haproxy', 'conditions like haproxy', () => {
  const peer = new HaproxySamplePeer();
  const ours = conditions();
  beforeAll(() =>
    peer.start(
      CONDITIONS.map((_, i) => `var(txn.c${i}),add(0)`),
      [...ACLS, ...CONDITIONS.map((condition, i) => `http-request set-var(txn.c${i}) int(1) if ${condition}`)],
    ),
  );
  afterAll(() => {
    peer.stop();
    rmSync(folder, { recursive: true });
  });

  it('for random requests', async () => {
    const scene = new RequestScene();
    const seen = new Set<number>();
    for (let i = 0; i < 120; i++) {
      const text = request();
      const address = random.pick(['127.0.0.1', '127.0.1.9', '127.1.2.3', '127.2.0.5', '127.9.9.7']);
      const theirs = await peer.ask(text, address);
      scene.request(text, address);
      const mine = ours.map((condition) => (condition.applies(scene.scope) ? '1' : ''));
      const wrong = CONDITIONS.flatMap((condition, n) =>
        mine[n] === theirs[n] ? [] : [[condition, mine[n], theirs[n]]],
      );
      expect({ text, address, wrong }).toEqual({ text, address, wrong: [] });
      for (const [n, result] of mine.entries()) if (result === '1') seen.add(n);
    }
    // Nearly all of them have held at least once.
    expect(CONDITIONS.length - seen.size).toBeLessThan(30);
  });
});
