/** What generations leave to each other, in shared memory that the test writes. */
import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../src/daemon/compile.ts';
import { SharedPages } from '../../src/daemon/shared-pages.ts';
import { Legacy, matchesOf } from '../../src/daemon/succession.ts';
import { createSharedMemory } from '../../src/daemon/verdicts.ts';
import {
  PROXY_BYTES_OUT_LOW,
  PROXY_FRONTEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS_MAX,
  PROXY_REQUESTS,
  SERVER_CONNECTS,
  SERVER_STATE,
  SERVER_WEIGHT,
  STATE_DOWN,
  STATE_UP,
} from '../../src/proxy/shared-state.ts';
import { modelOf } from '../support/model.ts';

const START = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
const memoryOf = (text: string) => {
  const plan = compilePlan(modelOf(START + text), {
    generation: 1,
    threads: 1,
    maxconn: 10,
    defaultProxyMaxconn: 0,
    logPid: 1,
    privileges: { uid: null, gid: null, chroot: null },
    sharedStateFd: -1,
    listeners: [],
    addresses: new Map(),
    hostname: 'h',
    descriptors: new Map(),
  });
  return { plan, ...createSharedMemory(plan) };
};

describe('what has the same name goes on', () => {
  const before = memoryOf(
    'frontend f\n bind :1\n default_backend b\nbackend b\n server s1 127.0.0.1:1\n server s2 127.0.0.1:2\nbackend gone\n',
  );
  const now = memoryOf(
    'backend new\n server s1 127.0.0.1:9\nfrontend f\n bind :1\n default_backend b\nbackend b\n server s2 127.0.0.1:2\n server s3 127.0.0.1:3\n',
  );
  const matches = matchesOf(before.plan, now.plan);
  const [f0, f1] = [before.state.proxy(0), now.state.proxy(1)];
  const [s0, s1] = [before.state.server(1), now.state.server(1)];

  it('wherever it stands', () => {
    const named = (plan: typeof now.plan, index: number) => plan.proxies.flatMap(({ servers }) => servers)[index]?.name;
    expect(
      matches.proxies.map((pair) => [before.plan.proxies[pair.before]?.name, now.plan.proxies[pair.now]?.name]),
    ).toEqual([
      ['f', 'f'],
      ['b', 'b'],
    ]);
    expect(matches.servers.map((pair) => [named(before.plan, pair.before), named(now.plan, pair.now)])).toEqual([
      ['s2', 's2'],
    ]);
  });

  it('with what is counted after the change, and with that alone', () => {
    before.state.set(f0 + PROXY_REQUESTS, 0x7fff_ffff);
    before.state.addBytes(f0 + PROXY_BYTES_OUT_LOW, 0xffff_fff0);
    before.state.set(f0 + PROXY_FRONTEND_SESSIONS, 7);
    before.state.set(f0 + PROXY_FRONTEND_SESSIONS_MAX, 9);
    const legacy = new Legacy(before.state, now.state, matches);
    now.state.add(f1 + PROXY_REQUESTS, 5);
    // It wraps meanwhile.
    before.state.add(f0 + PROXY_REQUESTS, 3);
    before.state.addBytes(f0 + PROXY_BYTES_OUT_LOW, 0x100);
    before.state.add(s0 + SERVER_CONNECTS, 2);
    legacy.passOn();
    legacy.passOn();
    expect(now.state.get(f1 + PROXY_REQUESTS)).toBe(8);
    expect(now.state.bytes(f1 + PROXY_BYTES_OUT_LOW)).toBe(0x100);
    expect(now.state.get(s1 + SERVER_CONNECTS)).toBe(2);
    expect(now.state.get(f1 + PROXY_FRONTEND_SESSIONS_MAX)).toBe(9);
    expect(now.state.get(f1 + PROXY_FRONTEND_SESSIONS)).toBe(0);
  });

  it('and the old one hears what the new one finds', () => {
    const legacy = new Legacy(before.state, now.state, matches);
    expect(legacy.takeVerdicts()).toBe(false);
    now.state.set(s1 + SERVER_STATE, STATE_DOWN);
    now.state.set(s1 + SERVER_WEIGHT, 17);
    expect(legacy.takeVerdicts()).toBe(true);
    expect([before.state.get(s0 + SERVER_STATE), before.state.get(s0 + SERVER_WEIGHT)]).toEqual([STATE_DOWN, 17]);
    // s1 is nobody's any more.
    expect(before.state.get(before.state.server(0) + SERVER_STATE)).toBe(STATE_UP);
    expect(legacy.takeVerdicts()).toBe(false);
  });
});

it('pages of one that has ended are zero when they serve another', () => {
  const pages = new SharedPages();
  const first = pages.take(8192);
  first.region.bytes.fill(1);
  pages.give(first);
  const other = pages.take(4096);
  const again = pages.take(8192);
  expect(other).not.toBe(first);
  expect(again).toBe(first);
  expect(again.region.bytes.every((byte) => byte === 0)).toBe(true);
});
