/** Where connections leave from, what they begin with, and how they are probed, as it arrives in the model. */
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import type { Proxy as ProxyModel, Server } from '../../../src/config/model.ts';
import { modelOf } from '../../support/model.ts';

const TIMEOUTS = ' mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

function proxyOf(lines: string, defaults = ''): ProxyModel {
  const text = `defaults\n${TIMEOUTS} ${defaults}\nlisten p\n bind :80\n ${lines}\n`;
  const [proxy] = modelOf(text).proxies;
  if (proxy === undefined) throw new Error('no proxy');
  return proxy;
}

function serverOf(parameters: string, lines = ''): Server {
  const [server] = proxyOf(`${lines}\n server s 127.0.0.1:1 ${parameters}`).servers;
  if (server === undefined) throw new Error('no server');
  return server;
}

function errorsOf(lines: string): string[] {
  const text = `defaults\n${TIMEOUTS}listen p\n bind :80\n ${lines}\n`;
  const { problems } = loadHaproxyConfig([{ name: 'a', text }], { env: {}, readFile: () => Buffer.alloc(0) });
  const errors = problems.filter(({ severity }) => severity === 'error');
  return errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const HERE = { family: 4, ip: '127.0.0.1', firstPort: 0, lastPort: 0, interface: '', foreign: null };

describe('source', () => {
  it.each([
    ['127.0.0.1', HERE],
    ['127.0.0.1:99', { ...HERE, firstPort: 99, lastPort: 99 }],
    ['127.0.0.1:1000-2000', { ...HERE, firstPort: 1000, lastPort: 2000 }],
    ['*', { ...HERE, ip: '0.0.0.0' }],
    ['[::1]:5', { ...HERE, family: 6, ip: '::1', firstPort: 5, lastPort: 5 }],
    ['localhost interface eth0', { ...HERE, interface: 'eth0' }],
    ['127.0.0.1 usesrc client', { ...HERE, foreign: { kind: 'client' } }],
    ['127.0.0.1 usesrc clientip interface lo', { ...HERE, foreign: { kind: 'clientip' }, interface: 'lo' }],
    ['127.0.0.1 interface lo usesrc clientip', { ...HERE, foreign: { kind: 'clientip' }, interface: 'lo' }],
    ['127.0.0.1 usesrc hdr_ip(X-A)', { ...HERE, foreign: { kind: 'header', name: 'x-a', occurrence: -1 } }],
    ['127.0.0.1 usesrc hdr_ip(x,3)', { ...HERE, foreign: { kind: 'header', name: 'x', occurrence: 3 } }],
    [
      '127.0.0.1 usesrc 192.0.2.1:7',
      { ...HERE, foreign: { kind: 'address', address: { family: 4, ip: '192.0.2.1', port: 7 } } },
    ],
  ])('%s, of servers', (words, expected) => {
    expect(serverOf(`source ${words} weight 3`)).toMatchObject({ source: expected, weight: 3 });
    if (!words.includes('-2000')) expect(proxyOf(`source ${words}`).source).toEqual(expected);
  });

  it('comes from default-server, and of the backend from defaults', () => {
    expect(serverOf('', 'default-server source 127.0.0.1').source).toEqual(HERE);
    expect(proxyOf('', 'source 127.0.0.1').source).toEqual(HERE);
    expect(proxyOf('source 127.0.0.1', 'source 127.0.0.2 interface lo').source).toEqual(HERE);
  });

  it.each([
    ['server s 127.0.0.1:1 usesrc client', "8:23 'usesrc' is only possible right behind 'source <address>'"],
    ['server s 127.0.0.1:1 source 1.1.1.1 check interface lo', /interface/],
    ['server s 127.0.0.1:1 source /run/x', "8:30 '/run/x': connections leave from IP addresses only"],
    ['server s 127.0.0.1:1 source www', "8:30 'www' is a name; connections leave from an address"],
    ['server s 127.0.0.1:1 source 1.1.1.1 usesrc hdr_ip(x,0)', /names no field/],
    ['server s 127.0.0.1:1 source 1.1.1.1 usesrc 1.1.1.2:3-4', /a range of ports/],
    ['source 127.0.0.1:5-6', /a range of ports/],
    ['source 127.0.0.1 weight 3', /'source' takes 'usesrc' and 'interface'/],
    ['source 127.0.0.1 usesrc', /lacks an argument/],
    ['usesrc client', /usesrc/],
    ['server s 127.0.0.1:1 namespace x', /'namespace' is not supported yet/],
  ])('%s is an error', (line, message) => {
    expect(errorsOf(line)).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
  });
});

describe('the PROXY protocol', () => {
  it.each([
    ['', {}],
    ['send-proxy', { v1: true }],
    ['send-proxy-v2 proxy-v2-options crc32c', { v2: true, crc32c: true }],
    ['send-proxy-v2 proxy-v2-options crc32c,unique-id', { v2: true, crc32c: true, uniqueId: true }],
    ['send-proxy no-send-proxy', {}],
    ['send-proxy send-proxy-v2 no-send-proxy', { v2: true }],
  ])('is sent as %j says', (words, expected) => {
    const nothing = { v1: false, v2: false, crc32c: false, uniqueId: false };
    expect(serverOf(words).sendProxy).toEqual({ ...nothing, ...expected });
    expect(serverOf('', `default-server weight 1 ${words}`).sendProxy).toEqual({ ...nothing, ...expected });
  });

  it('is expected where a bind says so', () => {
    const binds = proxyOf('bind :81 accept-proxy\n bind /run/a accept-proxy').binds;
    expect(binds.map(({ acceptProxy }) => acceptProxy)).toEqual([false, true, true]);
  });

  it.each([
    ['server s 127.0.0.1:1 send-proxy-v2 proxy-v2-options ssl', "8:54 'ssl' is not supported yet"],
    ['server s 127.0.0.1:1 send-proxy-v2 proxy-v2-options crc32c,authority', "8:54 'authority' is not supported yet"],
    ['server s 127.0.0.1:1 proxy-v2-options x', "8:40 'proxy-v2-options' has no option 'x'"],
    ['server s 127.0.0.1:1 send-proxy-v2-ssl', /'send-proxy-v2-ssl' is not supported yet/],
    ['bind :81 accept-netscaler-cip 5', /'accept-netscaler-cip' is not supported yet/],
  ])('%s is an error', (line, message) => {
    expect(errorsOf(line)).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
  });
});

describe('keep-alive timers', () => {
  it('are seconds, of each side', () => {
    const lines = 'clitcpka-cnt 3\n clitcpka-idle 10\n clitcpka-intvl 2m\n srvtcpka-cnt 4\n srvtcpka-idle 1h';
    const expected = {
      clientKeepAlive: { count: 3, idleS: 10, intervalS: 120 },
      serverKeepAlive: { count: 4, idleS: 3600, intervalS: 0 },
    };
    expect(proxyOf(lines)).toMatchObject(expected);
    expect(proxyOf('', lines)).toMatchObject(expected);
  });

  it.each(['clitcpka-cnt x', 'clitcpka-cnt 3x', 'srvtcpka-intvl -1', 'srvtcpka-idle soon'])(
    '%s is an error',
    (line) => {
      expect(errorsOf(line)).toHaveLength(1);
    },
  );

  it.each(['clitcpka-cnt 128', 'clitcpka-cnt -1', 'clitcpka-idle 1d', 'clitcpka-intvl 32768'])(
    '%s is more than the kernel takes: a warning',
    (line) => {
      expect(errorsOf(line)).toEqual([]);
      expect(proxyOf(line).clientKeepAlive).toEqual({ count: 0, idleS: 0, intervalS: 0 });
    },
  );

  it('nolinger goes with no', () => {
    expect(proxyOf('option nolinger').noLinger).toBe(true);
    expect(proxyOf('no option nolinger', 'option nolinger').noLinger).toBe(false);
  });
});
