import { describe, expect, it } from 'vitest';
import { type CheckTarget, checkTargets } from '../../src/daemon/check-targets.ts';
import { compilePlan } from '../../src/daemon/compile.ts';
import { modelOf } from '../support/model.ts';

const addresses = new Map([
  ['app.example', { family: 4, ip: '192.0.2.7' } as const],
  ['probe.example', { family: 6, ip: '2001:db8::7' } as const],
]);

function targets(servers: string, more = ''): readonly CheckTarget[] {
  const model = modelOf(`backend app
  mode http
  timeout connect 1s
  timeout server 1s
${more}
${servers}
`);
  const plan = compilePlan(model, {
    generation: 1,
    threads: 1,
    maxconn: 1,
    defaultProxyMaxconn: 0,
    logPid: 1,
    privileges: { uid: null, gid: null, chroot: null },
    sharedStateFd: 4,
    listeners: [],
    addresses,
    hostname: 'x',
    descriptors: new Map(),
  });
  return checkTargets(model, plan, addresses);
}
const place = (servers: string) => targets(servers).map(({ target }) => target.address);

describe('checked servers', () => {
  it('are those with `check`, and agents, by the index of their server in the plan', () => {
    const found = targets(
      ' server a 192.0.2.1:80\n server b 192.0.2.1:81 check agent-check agent-port 9\n server c 192.0.2.1:82 check disabled',
    );
    expect(found.map(({ index, isAgent }) => [index, isAgent])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ]);
  });

  it.each([
    ['its own address', ' server a 192.0.2.1:80 check', { family: 4, ip: '192.0.2.1', port: 80 }],
    ['a resolved name', ' server a app.example:80 check', { family: 4, ip: '192.0.2.7', port: 80 }],
    ['port', ' server a 192.0.2.1:80 check port 8080', { family: 4, ip: '192.0.2.1', port: 8080 }],
    ['addr', ' server a 192.0.2.1:80 check addr 192.0.2.9', { family: 4, ip: '192.0.2.9', port: 80 }],
    [
      "a port for those that take the client's",
      ' server a 192.0.2.1 check port 8',
      { family: 4, ip: '192.0.2.1', port: 8 },
    ],
    ['a path', ' server a /run/a.sock check', { family: 'unix', path: '/run/a.sock' }],
  ])('are asked at %s', (_, servers, address) => {
    expect(place(servers)).toEqual([address]);
  });

  it.each([
    ['their own', ' server a 192.0.2.1:80 agent-check agent-port 9', { family: 4, ip: '192.0.2.1', port: 9 }],
    [
      'agent-addr',
      ' server a 192.0.2.1:80 addr 192.0.2.3 agent-check agent-port 9 agent-addr ::1',
      { family: 6, ip: '::1', port: 9 },
    ],
    [
      'addr, without one',
      ' server a 192.0.2.1:80 addr 192.0.2.3 agent-check agent-port 9',
      { family: 4, ip: '192.0.2.3', port: 9 },
    ],
  ])('have agents at %s', (_, servers, address) => {
    expect(place(servers)).toEqual([address]);
  });

  it('are not asked where nobody knows their name', () => {
    expect(place(' server a unknown.example:80 check')).toEqual([]);
  });
});

describe('deadlines', () => {
  it.each([
    ['all within inter', '', { connectTimeoutMs: 5000, answerTimeoutMs: null }],
    ['timeout check', ' timeout check 3s', { connectTimeoutMs: 1000, answerTimeoutMs: 3000 }],
  ])('%s', (_, more, expected) => {
    expect(targets(' server a 192.0.2.1:80 check inter 5s', more)[0]?.target).toMatchObject(expected);
  });

  it('connect within inter where that is the shorter', () => {
    const [found] = targets(' server a 192.0.2.1:80 check inter 500', ' timeout check 3s');
    expect(found?.target.connectTimeoutMs).toBe(500);
  });
});
