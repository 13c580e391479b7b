/** Backends inside: where they stand in the plan, and what leads to them. */
import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../src/daemon/compile.ts';
import { INSIDE_AUTH, INSIDE_DENY } from '../../src/proxy/inside-plan.ts';
import { allProxies, type Plan } from '../../src/proxy/plan.ts';
import { layoutOf, SharedState, serverCount } from '../../src/proxy/shared-state.ts';
import { modelOf } from '../support/model.ts';

const WAY = { path: '@door', secret: 'secret' };

function planOf(text: string, inside = true): Plan {
  return compilePlan(
    modelOf(`defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n${text}`),
    {
      generation: 1,
      threads: 2,
      maxconn: 100,
      defaultProxyMaxconn: 0,
      logPid: 1,
      privileges: { uid: null, gid: null, chroot: null },
      sharedStateFd: -1,
      listeners: [],
      addresses: new Map(),
      hostname: '',
      descriptors: new Map(),
      spareServers: 5,
      ...(inside ? { inside: WAY } : {}),
    },
  );
}

const TEXT = `
frontend fe
 bind :80
 stats uri /s
 stats admin if TRUE
 http-request use-service prometheus-exporter if { path /m }
 http-request use-service prometheus-exporter
 default_backend be
backend be
 server a 192.0.2.1:80
 server b 192.0.2.2:80
listen li
 bind :81
 stats http-request deny if FALSE
 stats http-request auth
 server c 192.0.2.3:80
`;

describe('backends inside', () => {
  it('follow the proxies, their servers the spare ones: each has a place of its own in the shared memory', () => {
    const plan = planOf(TEXT);
    const backends = plan.inside?.backends ?? [];
    expect(backends.map(({ name, index, answersFor }) => [name, index, answersFor])).toEqual([
      ['fe', 3, 0],
      ['fe', 4, 0],
      ['li', 5, 2],
    ]);
    const servers = backends.flatMap((backend) => backend.servers);
    expect(servers.map(({ name, index, backend }) => [name, index, backend])).toEqual([
      ['<PROMEX>', 8, 3],
      ['<STATS>', 9, 4],
      ['<STATS>', 10, 5],
    ]);
    expect(servers.every(({ address }) => address.family === 'unix' && address.path === '@door')).toBe(true);
    expect(allProxies(plan).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    const layout = layoutOf(plan);
    const state = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    expect(serverCount(plan)).toBe(3);
    expect(state.server(10)).toBeLessThan(state.proxy(0));
    expect(state.proxy(5)).toBeLessThan(state.listener(0));
  });

  it('are led to by rules in their order', () => {
    const [fe, be, li] = planOf(TEXT).proxies;
    expect(be?.inside).toBeUndefined();
    expect(fe?.inside?.services.map(({ backend, condition }) => [backend, condition === null])).toEqual([
      [3, false],
      [3, true],
    ]);
    expect(fe?.inside?.stats).toMatchObject({ backend: 4, uri: '/s', rules: [] });
    expect(fe?.inside?.stats?.admin.length).toBe(1);
    expect(li?.inside).toMatchObject({
      services: [],
      stats: { backend: 5, uri: '/haproxy?stats', rules: [{ action: INSIDE_DENY }, { action: INSIDE_AUTH }] },
    });
  });

  it('survive JSON, as all of a plan, and know no password', () => {
    const plan = planOf(`${TEXT}\nlisten x\n bind :82\n stats auth me:hidden\n server s 192.0.2.1:80\n`);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(JSON.stringify(plan)).not.toContain('hidden');
  });

  it('are not there where nobody asks for them', () => {
    const plan = planOf('listen l\n bind :80\n server s 192.0.2.1:80\n', false);
    expect(plan.inside).toBeUndefined();
    expect(plan.proxies[0]?.inside).toBeUndefined();
  });
});
