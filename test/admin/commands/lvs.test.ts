import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VirtualServerStatus } from '../../../src/l4/status.ts';
import { AdminScene } from '../../support/admin-scene.ts';
import { deadServer, pairWith, virtualServerStatus } from '../../support/virtual-server-status.ts';

let scene: AdminScene;
let all: readonly VirtualServerStatus[];
beforeEach(() => {
  scene = new AdminScene();
  all = [
    virtualServerStatus(),
    virtualServerStatus({ name: '[2001:db8::1]:tcp:443', family: 6, places: ['2001:db8::1 443'] }),
    virtualServerStatus({ name: 'FWM 5', places: ['fwmark 5'], servers: [deadServer('10.0.0.71:80', 'timeout')] }),
  ];
  scene.side.pair = pairWith(() => all);
});
afterEach(() => scene.close());

const names = async (command: string): Promise<unknown> =>
  (JSON.parse(await scene.ask(command)) as VirtualServerStatus[]).map(({ name }) => name);

describe('show lvs', () => {
  it.each([
    ['show lvs', '[192.0.2.1]:tcp:80: UP,[2001:db8::1]:tcp:443: UP,FWM 5: DOWN'],
    ['show lvs 192.0.2.1', '[192.0.2.1]:tcp:80: UP'],
    ['show lvs [2001:db8::1]:443', '[2001:db8::1]:tcp:443: UP'],
    ['show lvs fwm 5', 'FWM 5: DOWN'],
  ])('%s', async (command, heads) => {
    const text = await scene.ask(command);
    expect(
      text
        .split('\n')
        .filter((line) => /^\S/.test(line))
        .join(','),
    ).toBe(heads);
    expect(text).toContain('quorum     1, weight');
  });

  it('as JSON it is what the status has', async () => {
    expect(JSON.parse(await scene.ask('show lvs json'))).toEqual(all);
    expect(await names('show lvs FWM 5 json')).toEqual(['FWM 5']);
  });

  it('says what there is not', async () => {
    expect(await scene.ask('show lvs 192.0.2.9')).toBe(
      "There is no virtual server 192.0.2.9. 'show pair' lists them.\n\n",
    );
    all = [];
    expect(await scene.ask('show lvs')).toBe('There is no virtual_server here.\n\n');
    expect(await names('show lvs json')).toEqual([]);
    scene.side.pair = null;
    expect(await scene.ask('show lvs')).toBe('There is no virtual_server here.\n\n');
  });
});

describe('others', () => {
  it('show pair has a line for each', async () => {
    expect(await scene.ask('show pair')).toMatch(
      /\n {2}\[192\.0\.2\.1\]:tcp:80 +UP .*2 of 2 servers, rr\n.*\n {2}FWM 5 +DOWN/,
    );
  });

  it('show status has them with their servers', async () => {
    expect(await scene.ask('show status')).toMatch(/VIRTUAL SERVERS\n.*10\.0\.0\.71:80 +DOWN.*http: timeout/s);
  });
});
