/** Options about messages that break the rules, as they arrive in the model. */
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import type { Proxy as ProxyModel } from '../../../src/config/model.ts';
import { modelOf } from '../../support/model.ts';

const TIMEOUTS = ' mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

function proxyOf(kind: string, lines: string, defaults = ''): ProxyModel {
  const [proxy] = modelOf(`defaults\n${TIMEOUTS} ${defaults}\n${kind} p\n ${lines}\n`).proxies;
  if (proxy === undefined) throw new Error('no proxy');
  return proxy;
}

const INVALID = 'option accept-invalid-http-';
const UNSAFE = 'option accept-unsafe-violations-in-http-';

describe.each([
  ['request', 'frontend', 'backend', 'requestForgiveness'],
  ['response', 'backend', 'frontend', 'responseForgiveness'],
] as const)('what is forgiven in a %s', (of, side, otherSide, field) => {
  it.each([
    ['', 'nothing'],
    [`${INVALID}${of}`, 'invalid'],
    [`${UNSAFE}${of}`, 'unsafe'],
    [`${INVALID}${of}\n ${UNSAFE}${of}`, 'unsafe'],
    [`${INVALID}${of}\n no ${INVALID}${of}`, 'nothing'],
    [`${UNSAFE}${of}\n ${INVALID}${of}\n no ${UNSAFE}${of}`, 'invalid'],
  ])('after %j: %s', (lines, expected) => {
    for (const kind of [side, 'listen']) expect(proxyOf(kind, lines)[field]).toBe(expected);
  });

  it('comes from defaults, and goes with `no`', () => {
    expect(proxyOf(side, '', `${UNSAFE}${of}`)[field]).toBe('unsafe');
    expect(proxyOf(side, `no ${UNSAFE}${of}`, `${UNSAFE}${of}`)[field]).toBe('nothing');
    expect(proxyOf(otherSide, '', `${UNSAFE}${of}`)[field]).toBe('nothing');
  });

  it('has no place on the other side: a warning', () => {
    const text = `defaults\n${TIMEOUTS}${otherSide} p\n ${INVALID}${of}\n`;
    const { model, problems } = loadHaproxyConfig([{ name: 'test.cfg', text }], {
      env: {},
      readFile: () => Buffer.alloc(0),
    });
    expect(model?.proxies[0]?.[field]).toBe('nothing');
    expect(problems.map(({ severity, code }) => `${severity} ${code}`)).toContain('warning no-effect');
  });
});

describe('http-restrict-req-hdr-names', () => {
  it.each(['preserve', 'delete', 'reject'])('%s, in every section', (policy) => {
    const line = `option http-restrict-req-hdr-names ${policy}`;
    for (const kind of ['frontend', 'backend', 'listen']) {
      expect(proxyOf(kind, line).restrictNames).toBe(policy);
      expect(proxyOf(kind, '', line).restrictNames).toBe(policy);
      expect(proxyOf(kind, line, 'option http-restrict-req-hdr-names delete').restrictNames).toBe(policy);
    }
    expect(proxyOf('listen', '').restrictNames).toBe('preserve');
  });
});

describe('h1-case-adjust-bogus-…', () => {
  it('is for clients of frontends and for servers of backends', () => {
    const lines = 'option h1-case-adjust-bogus-client\n option h1-case-adjust-bogus-server';
    const of = (kind: string, text: string) => {
      const { adjustsClientCase, adjustsServerCase } = proxyOf(kind, '', text);
      return [adjustsClientCase, adjustsServerCase];
    };
    expect(of('frontend', lines)).toEqual([true, false]);
    expect(of('backend', lines)).toEqual([false, true]);
    expect(of('listen', lines)).toEqual([true, true]);
    expect(of('listen', '')).toEqual([false, false]);
  });
});
