import { describe, expect, it } from 'vitest';
import { HEAD_OK } from '../../src/http1/head.ts';
import { PersistenceCookie } from '../../src/proxy/cookies.ts';
import { ProxyRuntime } from '../../src/proxy/runtime.ts';
import { rewritten, scanRequest } from '../http1/scanned.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { web } from '../support/web.ts';

function backend(option: string): ProxyRuntime {
  const text = web({ lines: `cookie SRV insert ${option}`, servers: 0 });
  const proxy = new SimulatedProxy(`${text} server a 192.0.2.1:1 cookie a\n server bb 192.0.2.1:1 cookie bb\n`);
  const [plan] = proxy.plan.proxies;
  if (plan === undefined) throw new Error('no proxy');
  return new ProxyRuntime(plan, proxy.shared, 1, true);
}

const plain = backend('');
const indirect = backend('indirect');

function read(lines: string, from: ProxyRuntime): { found: string; server: string | null; forwarded: string } {
  const scanned = scanRequest(`GET / HTTP/1.1\r\nHost: x\r\n${lines}X: y\r\n\r\n`);
  expect(scanned.code).toBe(HEAD_OK);
  const cookie = new PersistenceCookie(() => true);
  cookie.read(scanned.head, scanned.bytes, from, 1000);
  return {
    found: String.fromCharCode(cookie.letter),
    server: cookie.server?.plan.name ?? null,
    forwarded: rewritten(scanned),
  };
}

/** The Cookie lines that go on: spaces before the value may have become more, none may have come behind it. */
function cookieLines(forwarded: string): string[] {
  return [...forwarded.matchAll(/^cookie:[ \t]*([^\r]*)\r$/gim)].map((match) => match[1] ?? '');
}

describe('the persistence cookie', () => {
  // What a request's Cookie lines say, the server that they name, and what is left of them with `indirect`.
  it.each<[string, string, string | null, string[]]>([
    ['', 'N', null, []],
    ['Cookie: SRV=a\r\n', 'V', 'a', []],
    ['cookie:SRV=bb\r\n', 'V', 'bb', []],
    ['Cookie: SRV=c\r\n', 'I', null, []],
    ['Cookie: SRV=\r\n', 'I', null, []],
    ['Cookie: SRV=ab\r\n', 'I', null, []],
    ['Cookie: SRV=b\r\n', 'I', null, []],
    ['Cookie: x=1; SRV=a\r\n', 'V', 'a', ['x=1']],
    ['Cookie: SRV=a; x=1\r\n', 'V', 'a', ['x=1']],
    ['Cookie: x=1; SRV=a; y=2\r\n', 'V', 'a', ['x=1; y=2']],
    ['Cookie: x=1;SRV=a;y=2\r\n', 'V', 'a', ['x=1;y=2']],
    ['Cookie: SRV = a ; y=2\r\n', 'V', 'a', ['y=2']],
    ['Cookie: SRV=a; SRV=bb; z=3\r\n', 'V', 'a', ['z=3']],
    ['Cookie: x=1; SRV=bb; SRV=a\r\n', 'V', 'bb', ['x=1']],
    ['Cookie: x=1\r\nCookie: SRV=a\r\nCookie: y=2\r\n', 'V', 'a', ['x=1', 'y=2']],
    ['Cookie: x=1; SRV=a\r\nCookie: SRV=bb; y=2\r\n', 'V', 'a', ['x=1', 'y=2']],
    ['Cookie: srv=a\r\n', 'N', null, ['srv=a']],
    ['Cookie: xSRV=a\r\n', 'N', null, ['xSRV=a']],
    ['Cookie: SRV2=a\r\n', 'N', null, ['SRV2=a']],
    ['Cookie: SRV\r\n', 'N', null, ['SRV']],
    ['Cookie: x=SRV=a\r\n', 'N', null, ['x=SRV=a']],
    ['Cookie: ;;SRV=a;;\r\n', 'V', 'a', [';;;']],
    ['X-Cookie: SRV=a\r\n', 'N', null, []],
  ])('in %j', (lines, found, server, left) => {
    const seen = read(lines, plain);
    expect([seen.found, seen.server]).toEqual([found, server]);
    expect(seen.forwarded).toBe(`GET / HTTP/1.1\r\nHost: x\r\n${lines}X: y\r\n\r\n`);
    const removed = read(lines, indirect);
    expect([removed.found, removed.server]).toEqual([found, server]);
    expect(cookieLines(removed.forwarded)).toEqual(left);
    expect(removed.forwarded).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: x\r\n[\s\S]*X: y\r\n\r\n$/);
  });
});
