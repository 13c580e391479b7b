import { describe, expect, it } from 'vitest';
import { checkScene } from '../../src/daemon/check-scene.ts';
import type { RuleScene } from '../../src/health/probe.ts';
import { modelOf } from '../support/model.ts';

const OWN = { family: 4, ip: '192.0.2.1', port: 80 } as const;
const addresses = new Map([['probe.example', { family: 6, ip: '2001:db8::7' } as const]]);

function sceneOf(rules: string, server = '', own: Parameters<typeof checkScene>[3] = OWN): RuleScene {
  const model = modelOf(`global
 tune.bufsize 32768
backend app
 timeout connect 1s
 timeout server 1s
 option tcp-check
${rules}
 server a 192.0.2.1:80 check ${server}
`);
  const [proxy] = model.proxies;
  const [first] = proxy?.servers ?? [];
  if (proxy === undefined || first === undefined) throw new Error('no server');
  return checkScene(model, proxy, first, own, addresses);
}

describe('connections of a check', () => {
  const place = (rule: string, own: Parameters<typeof checkScene>[3] = OWN) => [
    ...sceneOf(` tcp-check ${rule}`, '', own).places.values(),
  ];

  it.each([
    ['connect port 81', { ...OWN, port: 81 }],
    ['connect addr 192.0.2.9', { ...OWN, ip: '192.0.2.9' }],
    ['connect addr 192.0.2.9:82', { ...OWN, ip: '192.0.2.9', port: 82 }],
    ['connect addr 192.0.2.9:82 port 83', { ...OWN, ip: '192.0.2.9', port: 83 }],
    ['connect addr probe.example', { family: 6, ip: '2001:db8::7', port: 80 }],
    ['connect addr /run/a.sock', { family: 'unix', path: '/run/a.sock' }],
  ])('%s', (rule, expected) => {
    expect(place(rule)).toEqual([expected]);
  });

  it('that go to the server are not named', () => {
    expect(place('connect linger')).toEqual([]);
    expect(place('connect port int(81)')).toEqual([]);
  });

  it('to another port stay on a unix socket', () => {
    const own = { family: 'unix', path: '/run/s.sock' } as const;
    expect(place('connect port 81', own)).toEqual([own]);
  });
});

it('a check knows its names and how much it may read', () => {
  expect(sceneOf('')).toMatchObject({ backend: 'app', server: 'a', bufferBytes: 32_768, localAddress: null });
});

describe('the PROXY protocol', () => {
  it.each([
    ['', false, 1],
    ['check-send-proxy', true, 1],
    ['check-send-proxy no-check-send-proxy', false, 1],
    ['send-proxy', true, 1],
    ['send-proxy-v2', true, 2],
    ['send-proxy-v2 port 81', false, 2],
    ['send-proxy-v2 addr 192.0.2.9', false, 2],
    ['send-proxy-v2 port 81 check-send-proxy', true, 2],
  ])('%j', (server, sendsProxyHeader, version) => {
    const scene = sceneOf('', server);
    expect(scene).toMatchObject({ sendsProxyHeader, proxyHeader: { version } });
  });
});

it.each([
  ['', null],
  ['source 192.0.2.5', '192.0.2.5'],
  ['source 0.0.0.0', null],
])('checks leave from where the server is reached: %j', (server, expected) => {
  expect(sceneOf('', server).localAddress).toBe(expected);
});
