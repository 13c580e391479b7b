/** What servers are told about their states, and templates of servers, in the model. */
import { describe, expect, it } from 'vitest';
import type { Server } from '../../../src/config/model.ts';
import { modelOf } from '../../support/model.ts';

function serversOf(lines: string): readonly Server[] {
  const text = `backend b\n mode http\n timeout connect 1s\n timeout server 1s\n${lines}\n`;
  return modelOf(text).proxies.flatMap(({ servers }) => servers);
}

describe('parameters of states', () => {
  it('have HAProxy’s defaults', () => {
    const [server] = serversOf(' server s 192.0.2.1:80');
    expect(server).toMatchObject({
      agent: { enabled: false, intervalMs: 2000, port: 0, address: null, send: null },
      observation: { layer: 'none', errorLimit: 10, onError: 'fail-check' },
      track: null,
      slowStartS: 0,
      initialAddress: [],
    });
  });

  it('are taken over from default-server, each on its own', () => {
    const [first, second] =
      serversOf(` default-server agent-check agent-port 9 agent-inter 5s error-limit 3 slowstart 1500ms
 server a 192.0.2.1:80 observe layer4 agent-send x\\n init-addr last,libc,192.0.2.7,none
 server b 192.0.2.1:80 no-agent-check on-error mark-down`);
    expect(first).toMatchObject({
      agent: { enabled: true, intervalMs: 5000, port: 9, send: 'x\n' },
      observation: { layer: 'layer4', errorLimit: 3, onError: 'fail-check' },
      slowStartS: 2,
      initialAddress: [
        { kind: 'last' },
        { kind: 'libc' },
        { kind: 'ip', ip: '192.0.2.7', family: 4 },
        { kind: 'none' },
      ],
    });
    expect(second).toMatchObject({
      agent: { enabled: false, send: null },
      observation: { layer: 'none', errorLimit: 3, onError: 'mark-down' },
      initialAddress: [],
    });
  });

  it.each([
    ['u', { proxy: null, server: 'u' }],
    ['b/u', { proxy: 'b', server: 'u' }],
  ])('track %s', (written, track) => {
    const servers = serversOf(` server u 192.0.2.1:80 check\n server t 192.0.2.1:80 track ${written}`);
    expect(servers[1]?.track).toEqual(track);
  });
});

describe('server-template', () => {
  it('makes servers that differ in their names and numbers', () => {
    const servers = serversOf(` server x 192.0.2.1:80
 server-template a 3 192.0.2.2:81 weight 7 check inter 5s
 server-template b 5-6 192.0.2.3 id 9
 server y 192.0.2.1:80`);
    expect(servers.map(({ name, id, weight, address }) => `${name} ${id} ${weight} ${address.host}`)).toEqual([
      'x 1 1 192.0.2.1',
      'a1 2 7 192.0.2.2',
      'a2 3 7 192.0.2.2',
      'a3 4 7 192.0.2.2',
      'b5 9 1 192.0.2.3',
      'b6 6 1 192.0.2.3',
      'y 7 1 192.0.2.1',
    ]);
    expect(servers.map(({ check }) => check.intervalMs)).toEqual([2000, 5000, 5000, 5000, 2000, 2000, 2000]);
  });
});
