/** All virtual servers of a file: what the kernel is asked for at the start, in a reload, at the end, and when addresses come and go. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Balancer } from '../../src/l4/balancer.ts';
import type { Change } from '../../src/netlink/monitor-line.ts';
import type { Link } from '../../src/netlink/network.ts';
import { FakeLayer4 } from '../support/fake-layer4.ts';
import { FakeTime, settle } from '../support/fake-time.ts';
import { virtualServers } from '../support/virtual-servers.ts';

const WEB = `virtual_server 192.0.2.1 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  real_server 10.0.0.71 80 {
    TCP_CHECK {
    }
  }
  real_server 10.0.0.72 80 {
    TCP_CHECK {
    }
  }
}
`;
const MAIL = WEB.replace('192.0.2.1 80', '192.0.2.1 25').replaceAll(/10\.0\.0\.7(.) 80/g, '10.0.0.8$1 25');
const web = (servers: string) => `192_0_2_1_tcp_80:${servers}`;
const mail = (servers: string) => `192_0_2_1_tcp_25:${servers}`;
const BOTH = '10.0.0.71*1,10.0.0.72*1';
const BOTH_MAIL = '10.0.0.81*1,10.0.0.82*1';

/** A box with one interface. */
class Box {
  ips: string[] = ['10.0.0.1'];
  #listeners: ((change: Change) => void)[] = [];

  get links(): readonly Link[] {
    const addresses = this.ips.map((ip) => ({ family: 4 as const, ip, prefixLength: 24, dynamic: false }));
    return [{ name: 'eth0', index: 2, up: true, running: true, mac: null, addresses }];
  }

  get listeners(): number {
    return this.#listeners.length;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  add(ip: string): void {
    this.ips.push(ip);
    this.#tell(ip, false);
  }

  remove(ip: string): void {
    this.ips = this.ips.filter((one) => one !== ip);
    this.#tell(ip, true);
  }

  #tell(ip: string, gone: boolean): void {
    const change = { kind: 'address', device: 'eth0', gone, family: 4, ip, prefixLength: 24, dynamic: false } as const;
    for (const listener of this.#listeners) listener(change);
  }
}

let layer4: FakeLayer4;
let box: Box;
let told: string[];
/** Which had their quorum whenever it said that some changed. */
let quorums: string[];
let balancer: Balancer;

beforeEach(() => {
  layer4 = new FakeLayer4();
  box = new Box();
  told = [];
  quorums = [];
  balancer = new Balancer({
    kernel: layer4.kernel,
    network: box,
    settings: () => ({ routerId: 'box', checkerMails: true, rsInitNotifies: false }),
    notifyOf: (key) => ({
      run: ({ argv }) => told.push(`${key} runs ${argv.join(' ')}`),
      line: () => {},
      mail: () => {},
    }),
    quorumsChanged: () => quorums.push(balancer.pools.map(({ hasQuorum }) => (hasQuorum ? 'up' : 'down')).join(' ')),
    pools: {
      beginCheck: layer4.beginChecks({ files: { watch: () => null } }),
      clock: new FakeTime(),
      journal: { info: () => {} },
      note: (kind, subject, to) => told.push(`${kind} ${subject} ${to}`),
    },
  });
});

async function start(text = WEB): Promise<readonly string[]> {
  const messages = await balancer.start(virtualServers(text));
  await settle();
  layer4.kernel.taken();
  return messages;
}

describe('the start', () => {
  it('gives the kernel all that there is, in the order of the file', async () => {
    expect(await balancer.start(virtualServers(WEB + MAIL))).toEqual([]);
    expect(layer4.kernel.asked[0]).toBe(`start ${web(BOTH)} ${mail(BOTH_MAIL)}`);
    expect([...balancer.status()].map(({ name }) => name)).toEqual(['[192.0.2.1]:tcp:80', '[192.0.2.1]:tcp:25']);
  });

  it('what the kernel lacks ends it: nothing is checked, nothing is asked of it later', async () => {
    layer4.kernel.missing = ['no nft'];
    expect(await start()).toEqual(['no nft']);
    expect(layer4.checks.every(({ stopped }) => stopped)).toBe(true);
    await balancer.stop(false);
    expect([layer4.kernel.taken(), box.listeners, [...balancer.status()]]).toEqual([[], 0, []]);
  });

  it('a check that ends while the kernel starts is not forgotten', async () => {
    const starting = balancer.start(virtualServers(WEB));
    layer4.checkOf('10.0.0.71').find(false);
    await starting;
    await settle();
    expect(layer4.kernel.taken().at(-1)).toBe(`follow ${web('10.0.0.72*1')}`);
  });
});

describe('changes', () => {
  it('of one moment are one', async () => {
    await start(WEB + MAIL);
    layer4.checkOf('10.0.0.71').find(false);
    layer4.checkOf('10.0.0.82').find(false);
    expect(layer4.kernel.taken()).toEqual([]);
    await settle();
    expect(layer4.kernel.taken()).toEqual([`follow ${web('10.0.0.72*1')} ${mail('10.0.0.81*1')}`]);
  });

  it('that change nothing in the kernel are none', async () => {
    await start();
    layer4.checkOf('10.0.0.71').find(true);
    await settle();
    expect(layer4.kernel.taken()).toEqual([]);
  });
});

describe('quorums', () => {
  it('are told of once for all that change in one moment', async () => {
    await start(WEB + MAIL);
    quorums = [];
    for (const ip of ['10.0.0.71', '10.0.0.72', '10.0.0.81', '10.0.0.82']) layer4.checkOf(ip).find(false);
    expect(quorums).toEqual([]);
    await settle();
    expect(quorums).toEqual(['down down']);
    layer4.checkOf('10.0.0.72').find(true);
    await settle();
    expect(quorums).toEqual(['down down', 'up down']);
  });

  it('in a reload when all have taken over: none is lost meanwhile', async () => {
    await start(WEB + MAIL);
    layer4.checkOf('10.0.0.71').find(false);
    await settle();
    quorums = [];
    const more = (text: string) => text.replace('lb_kind NAT', 'lb_kind NAT\n persistence_timeout 60');
    await balancer.reload(virtualServers(more(WEB).replace('NAT', 'NAT\n quorum 2') + more(MAIL)));
    await settle();
    expect(quorums).toEqual(['down up']);
  });
});

describe('a reload', () => {
  it('leaves who means the same alone: its checks, what they know, wherever it stands in the file', async () => {
    await start(WEB);
    const check = layer4.checkOf('10.0.0.71');
    check.find(false);
    await settle();
    layer4.kernel.taken();
    await balancer.reload(virtualServers(MAIL + WEB));
    expect(layer4.kernel.taken()).toEqual([`follow ${mail(BOTH_MAIL)} ${web('10.0.0.72*1')}`]);
    expect([check.stopped, layer4.checkOf('10.0.0.71') === check]).toEqual([false, true]);
  });

  it('changes what was changed, in one transaction, and keeps what is known of its servers', async () => {
    await start(WEB + MAIL);
    layer4.checkOf('10.0.0.71').find(false);
    await settle();
    layer4.kernel.taken();
    const changed = WEB.replace('lb_algo rr', 'lb_algo wrr').replace('real_server 10.0.0.72', 'real_server 10.0.0.73');
    await balancer.reload(virtualServers(changed + MAIL));
    expect(layer4.kernel.taken()).toEqual([`follow ${web('10.0.0.73*1')} ${mail(BOTH_MAIL)}`]);
    expect(layer4.kernel.services[0]?.scheduler).toBe('wrr');
    expect(layer4.checks.filter(({ home, stopped }) => home.address.ip === '10.0.0.72' && !stopped)).toEqual([]);
  });

  it('removes what is gone', async () => {
    await start(WEB + MAIL);
    await balancer.reload(virtualServers(WEB));
    expect(layer4.kernel.taken()).toEqual([`follow ${web(BOTH)}`]);
    expect(layer4.checks.filter(({ stopped }) => !stopped).map(({ home }) => home.address.ip)).toEqual([
      '10.0.0.71',
      '10.0.0.72',
    ]);
  });
});

describe('the end', () => {
  it.each([
    [false, 'stop'],
    [true, 'stop keeping'],
  ])('keeps: %s', async (keeps, asked) => {
    await start();
    await balancer.stop(keeps);
    expect([layer4.kernel.taken(), layer4.checks.every(({ stopped }) => stopped), box.listeners]).toEqual([
      [asked],
      true,
      0,
    ]);
  });

  it('with omega notifiers run as if all went down', async () => {
    await start(WEB.replace('lb_algo rr', 'lb_algo rr\n omega\n quorum_down "/bin/gone"'));
    told = [];
    await balancer.stop(false);
    expect(told).toContain('192_0_2_1_tcp_80 runs /bin/gone');
  });

  it('changes after it are nobody’s', async () => {
    await start();
    const check = layer4.checkOf('10.0.0.71');
    await balancer.stop(false);
    check.find(false);
    await settle();
    expect(layer4.kernel.taken()).toEqual(['stop']);
  });
});

describe('ha_suspend', () => {
  const SUSPENDED = WEB.replace('lb_algo rr', 'lb_algo rr\n ha_suspend');
  const suspended = () => layer4.checks.map((check) => check.suspended);

  it('no checks until the address comes, none when it has left', async () => {
    await start(SUSPENDED + MAIL);
    expect(suspended()).toEqual([true, true, false, false]);
    box.add('192.0.2.1');
    expect(suspended()).toEqual([false, false, false, false]);
    box.remove('10.0.0.1');
    expect(suspended()).toEqual([false, false, false, false]);
    box.remove('192.0.2.1');
    expect(suspended()).toEqual([true, true, false, false]);
  });

  it('with the address at the start: checks', async () => {
    box.add('192.0.2.1');
    await start(SUSPENDED);
    expect(suspended()).toEqual([false, false]);
  });

  it('any address of a group counts', async () => {
    const group = 'virtual_server_group web {\n 192.0.2.1-9 80\n}\n';
    await start(group + SUSPENDED.replace('virtual_server 192.0.2.1 80', 'virtual_server group web'));
    expect(suspended()).toEqual([true, true]);
    box.add('192.0.2.10');
    expect(suspended()).toEqual([true, true]);
    box.add('192.0.2.7');
    expect(suspended()).toEqual([false, false]);
  });

  it('taken out in a reload: checks go on', async () => {
    await start(SUSPENDED);
    await balancer.reload(virtualServers(WEB));
    expect(layer4.checks.filter(({ stopped }) => !stopped).map((check) => check.suspended)).toEqual([false, false]);
  });
});
