import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statusOf } from '../../../src/admin/status.ts';
import type { VirtualServerStatus } from '../../../src/l4/status.ts';
import { AdminScene } from '../../support/admin-scene.ts';
import { FakePair } from '../../support/fake-pair.ts';
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
    all = [virtualServerStatus({ name: '[web]:0' }), virtualServerStatus({ name: '[web2]:0' })];
    expect(await names('show lvs web json')).toEqual(['[web]:0']);
    expect(await names('show lvs [web2]:0 json')).toEqual(['[web2]:0']);
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

describe('set lvs', () => {
  const FILE = `
global_defs { router_id lb1 }
virtual_server 192.0.2.1 80 {
  protocol TCP
  lb_kind NAT
  real_server 10.0.0.71 80 { weight 3
    TCP_CHECK { connect_timeout 1 } }
  real_server 10.0.0.72 80 { TCP_CHECK { connect_timeout 1 } }
}
virtual_server 192.0.2.1 443 { protocol TCP
  real_server 10.0.0.71 443 { TCP_CHECK { connect_timeout 1 } } }
virtual_server fwmark 5 { protocol TCP
  lb_kind NAT
  real_server 10.0.0.73 80 { TCP_CHECK { connect_timeout 1 } } }
`;
  let box: FakePair;
  beforeEach(async () => {
    box = new FakePair();
    expect(await box.start(FILE)).toEqual([]);
    await box.time.advance(0);
    scene.side.pair = box.pair;
  });
  afterEach(() => box.pair.stop(false));

  const balanced = (): readonly string[] =>
    box.layer4.kernel.services.map(({ destinations }) =>
      destinations.map(({ address, weight }) => `${address.ip}*${weight}`).join(' '),
    );

  it.each([
    ['192.0.2.1:80 10.0.0.72 down', '10.0.0.71*3', '[10.0.0.72]:tcp:80: DOWN, weight 1; held down by hand'],
    [
      '192.0.2.1:80 10.0.0.71:80 drain',
      '10.0.0.71*0 10.0.0.72*1',
      '[10.0.0.71]:tcp:80: UP, weight 0; weight 0 by hand',
    ],
    ['[192.0.2.1]:tcp:80 [10.0.0.71]:tcp:80 weight 7', '10.0.0.71*7 10.0.0.72*1', 'weight 7; weight 7 by hand'],
  ])('%s, until release', async (words, expected, said) => {
    expect(await scene.ask(`set lvs ${words}`)).toContain(`${said}, until 'release' or a restart.\n`);
    await box.time.advance(0);
    expect(balanced()[0]).toBe(expected);
    // Nor does a reload change it.
    await box.reload(
      FILE.replace('router_id lb1', 'router_id lb2').replace('lb_kind NAT', 'lb_kind NAT\n lb_algo wrr'),
    );
    await box.time.advance(0);
    expect(balanced()[0]).toBe(expected);
    const target = words.split(' ').slice(0, 2).join(' ');
    expect(await scene.ask(`set lvs ${target} release`)).toMatch(/: UP, weight [13]; as its checks and the file say\./);
    await box.time.advance(0);
    expect(balanced()[0]).toBe('10.0.0.71*3 10.0.0.72*1');
    expect(scene.side.said.at(-1)).toMatch(/^stats socket: \[192\.0\.2\.1\]:tcp:80 \[10\.0\.0\.7\d\]:tcp:80 release$/);
  });

  it('a name may have a blank; one that is down is up at once when it is held up', async () => {
    box.layer4.checkOf('10.0.0.73').find(false);
    await box.time.advance(0);
    expect(balanced()[2]).toBe('');
    expect(await scene.ask('set lvs FWM 5 10.0.0.73 up')).toContain('UP, weight 1; held up by hand');
    await box.time.advance(0);
    expect(balanced()[2]).toBe('10.0.0.73*1');
  });

  it('what an operator takes out is shown, and no complaint while others serve', async () => {
    await scene.ask('set lvs 192.0.2.1:80 10.0.0.72 down');
    expect(await scene.ask('show lvs 192.0.2.1:80')).toMatch(/10\.0\.0\.72:80 +DOWN .*held down by hand/);
    expect(statusOf(scene.side).complaints).toEqual([]);
    await scene.ask('set lvs 192.0.2.1:80 10.0.0.71 down');
    expect(statusOf(scene.side).complaints).toEqual([
      'virtual server [192.0.2.1]:tcp:80 has no server: [10.0.0.71]:tcp:80 is held down by hand, ' +
        '[10.0.0.72]:tcp:80 is held down by hand',
    ]);
  });

  it.each([
    ['', "'set lvs' expects a virtual server"],
    ['10.0.0.71 down', "'set lvs' expects a virtual server"],
    ['192.0.2.1:80 10.0.0.71', "'set lvs' expects a virtual server"],
    ['192.0.2.1:80 10.0.0.71 weight 65536', "'set lvs' expects a virtual server"],
    ['192.0.2.1:80 10.0.0.71 weight -1', "'set lvs' expects a virtual server"],
    ['192.0.2.1:80 10.0.0.79 down', "There is no such server. 'show lvs' lists them."],
    ['192.0.2.9 10.0.0.71 down', "There is no such server. 'show lvs' lists them."],
    [
      '192.0.2.1 10.0.0.71 down',
      'That is one of several: [192.0.2.1]:tcp:80 [10.0.0.71]:tcp:80, [192.0.2.1]:tcp:443 [10.0.0.71]:tcp:443.',
    ],
  ])('%s is refused, with the reason', async (words, said) => {
    const before = balanced();
    expect(await scene.ask(`set lvs ${words}`)).toContain(said);
    await box.time.advance(0);
    expect(balanced()).toEqual(before);
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
