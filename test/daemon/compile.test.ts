import { describe, expect, it } from 'vitest';
import { compilePlan, type Surroundings } from '../../src/daemon/compile.ts';
import { CLOSE_SERVER, LOG_HTTP, type Plan, type ProxyPlan, REUSE_ALWAYS } from '../../src/proxy/plan.ts';
import { modelOf } from '../support/model.ts';

const around: Surroundings = {
  generation: 7,
  threads: 2,
  maxconn: 1000,
  defaultProxyMaxconn: 0,
  logPid: 42,
  privileges: { uid: 99, gid: 98, chroot: '/var/empty' },
  sharedStateFd: 4,
  listeners: [],
  addresses: new Map([['app.example', { family: 6, ip: '2001:db8::1' } as const]]),
  hostname: 'box1',
  descriptors: new Map([[9, 12]]),
};

const TIMEOUTS = 'timeout connect 1s\n timeout client 2s\n timeout server 3s';
const compile = (text: string, more: Partial<Surroundings> = {}): Plan =>
  compilePlan(modelOf(`defaults\n mode http\n ${TIMEOUTS}\n${text}`), { ...around, ...more });
const proxyOf = (plan: Plan, name: string): ProxyPlan => {
  const found = plan.proxies.find((proxy) => proxy.name === name);
  if (found === undefined) throw new Error(`no proxy ${name}`);
  return found;
};

describe('names become indices', () => {
  const plan = compile(`
frontend in
  bind :80
  default_backend app
frontend nowhere
  bind :81
backend other
  server o1 127.0.0.1:1
backend app
  server a1 127.0.0.1:2
  server a2 127.0.0.1:3
listen both
  bind :82
  server b1 127.0.0.1:4
`);

  it('for default backends', () => {
    expect(plan.proxies.map(({ name, defaultBackend }) => [name, defaultBackend])).toEqual([
      ['in', plan.proxies.findIndex(({ name }) => name === 'app')],
      ['nowhere', -1],
      ['other', -1],
      ['app', -1],
      ['both', plan.proxies.findIndex(({ name }) => name === 'both')],
    ]);
  });

  it('for servers, counted over all backends', () => {
    const servers = plan.proxies.flatMap((proxy) => proxy.servers);
    expect(servers.map(({ name, index, backend }) => [name, index, plan.proxies[backend]?.name])).toEqual([
      ['o1', 0, 'other'],
      ['a1', 1, 'app'],
      ['a2', 2, 'app'],
      ['b1', 3, 'both'],
    ]);
  });

  it('for the two sides of a proxy', () => {
    expect(plan.proxies.map(({ isFrontend, isBackend }) => [isFrontend, isBackend])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, true],
      [true, true],
    ]);
  });

  it('for listeners, by the name of a frontend even where a backend bears it too', () => {
    const listeners = [
      {
        index: 0,
        sockets: [{ fd: 5, threads: [0] }],
        name: ':80',
        ip: '0.0.0.0',
        label: '1',
        acceptsProxyHeader: false,
        frontend: 'web',
        maxconn: 3,
        unix: false,
        port: 80,
      },
    ];
    const twice = compile('backend web\n server s 127.0.0.1:1\nfrontend web\n bind :80\n default_backend web\n', {
      listeners,
    });
    expect(twice.listeners).toEqual([{ ...listeners[0], frontend: 1 }]);
    expect(twice.proxies[1]?.defaultBackend).toBe(0);
  });
});

describe('disabled', () => {
  it('proxies are not in the plan, and nobody sends anything to them', () => {
    const plan = compile(
      'frontend in\n bind :80\n default_backend app\nbackend app\n disabled\n server s 127.0.0.1:1\n',
    );
    expect(plan.proxies.map(({ name, defaultBackend }) => [name, defaultBackend])).toEqual([['in', -1]]);
  });

  it('servers do not start up', () => {
    const plan = compile('backend app\n server a 127.0.0.1:1\n server b 127.0.0.1:2 disabled\n');
    expect(plan.proxies[0]?.servers.map(({ startsUp }) => startsUp)).toEqual([true, false]);
  });
});

describe('addresses of servers', () => {
  it('are literals, what names resolved to, or paths', () => {
    const plan = compile(`backend app
  server a 192.0.2.1:80
  server b [2001:db8::9]:81
  server c app.example:82
  server d /run/d.sock
`);
    expect(plan.proxies[0]?.servers.map(({ address }) => address)).toEqual([
      { family: 4, ip: '192.0.2.1', port: 80 },
      { family: 6, ip: '2001:db8::9', port: 81 },
      { family: 6, ip: '2001:db8::1', port: 82 },
      { family: 'unix', path: '/run/d.sock' },
    ]);
  });

  it('that nobody knows leave the server out', () => {
    const plan = compile('backend app\n server a unknown.example:80\n');
    expect(plan.proxies[0]?.servers[0]).toMatchObject({ startsUp: false, address: { ip: '0.0.0.0', port: 80 } });
  });

  it('may take the port from the client', () => {
    const plan = compile('listen app\n bind :80\n server a 192.0.2.1\n server b 192.0.2.1:+10\n');
    expect(plan.proxies[0]?.servers.map(({ address, portFromClient }) => [address, portFromClient])).toEqual([
      [{ family: 4, ip: '192.0.2.1', port: 0 }, true],
      [{ family: 4, ip: '192.0.2.1', port: 10 }, true],
    ]);
  });
});

describe('settings', () => {
  it('arrive as numbers', () => {
    const plan = compile(`listen app
  bind :80
  log 127.0.0.1 local0
  option httplog
  option http-server-close
  http-reuse always
  cookie S insert indirect nocache
  option redispatch
  retries 5
  maxconn 77
  server a 127.0.0.1:1 maxconn 5 maxqueue 6 weight 7 backup cookie x
`);
    expect(proxyOf(plan, 'app')).toMatchObject({
      http: true,
      trafficLog: LOG_HTTP,
      logging: null,
      closeMode: CLOSE_SERVER,
      reuse: REUSE_ALWAYS,
      cookie: { name: 'S', indirect: true, nocache: true },
      redispatch: -1,
      retries: 5,
      maxconn: 77,
    });
    expect(proxyOf(plan, 'app').servers[0]).toMatchObject({
      maxconn: 5,
      maxqueue: 6,
      weight: 7,
      backup: true,
      cookie: 'x',
    });
  });

  it('of the process come from outside', () => {
    expect(compile('')).toMatchObject({
      generation: 7,
      threads: 2,
      maxconn: 1000,
      logPid: 42,
      privileges: { uid: 99, gid: 98, chroot: '/var/empty' },
      sharedStateFd: 4,
      bufferSizeBytes: 16384,
    });
  });

  it('count the start line among the headers, as haproxy does', () => {
    expect(compile('').maxHeaders).toBe(100);
    expect(compile('global\n tune.http.maxhdr 300\n').maxHeaders).toBe(299);
  });

  it('give frontends without a maxconn the default', () => {
    const plan = compile('listen app\n bind :80\n server a 127.0.0.1:1\n', { defaultProxyMaxconn: 9 });
    expect(proxyOf(plan, 'app').maxconn).toBe(9);
  });

  it('carry error files as base64', () => {
    const plan = compile('backend app\n errorfile 503 /e.http\n server a 127.0.0.1:1\n');
    const content = proxyOf(plan, 'app').errorFiles['503'];
    expect(Buffer.from(content ?? '', 'base64').toString()).toContain('content of /e.http');
  });

  it('survive JSON, which carries the plan to the data process', () => {
    const plan = compile('listen app\n bind :80\n log 127.0.0.1:514 local0\n server a 127.0.0.1:1\n');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});
