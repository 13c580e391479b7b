/** Virtual routers whose priority follows virtual servers: at the start, when quorums are lost and come back, in reloads. */
import { beforeEach, describe, expect, it } from 'vitest';
import { FakePair } from '../support/fake-pair.ts';
import { settle } from '../support/fake-time.ts';

const VRRP = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 150
  virtual_ipaddress {
    10.77.0.100/24
  }
}
`;
const web = (lines = '', port = 80, ip = '10.0.0.71') => `virtual_server 10.77.0.100 ${port} {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  ${lines}
  real_server ${ip} 80 {
    TCP_CHECK {
    }
  }
}
`;
const track = (...lines: readonly string[]) =>
  `tandem {\n${lines.map((line) => `track_virtual_server 10.77.0.100 ${line}\n`).join('')}}\n`;
const LOST = 'virtual server [10.77.0.100]:tcp:80 has lost its quorum';

let box: FakePair;

beforeEach(() => {
  box = new FakePair();
});

/** `MASTER 150`, with what is wrong or counts. */
function standing(): string {
  const [instance] = box.pair.status().instances;
  if (instance === undefined) throw new Error('no instance');
  const { state, effectivePriority, faults } = instance;
  const reasons = instance.reasons.map(({ what, weight }) => `${what} ${weight}`);
  return [state, effectivePriority, ...faults, ...reasons].join(', ');
}

async function find(ip: string, isUp: boolean): Promise<void> {
  box.layer4.checkOf(ip).find(isUp);
  await settle();
}

describe('without weight', () => {
  it('a quorum that is lost is a fault, with its reason, until it is back', async () => {
    await box.start(track('80 weight 0') + VRRP + web());
    await box.time.advance(5000);
    expect(standing()).toBe('MASTER, 150');
    await find('10.0.0.71', false);
    expect(standing()).toBe(`FAULT, 150, ${LOST}`);
    expect(box.said).toContain(`(VI_1) ${LOST}`);
    expect(box.chronicle.events.map(({ kind, why }) => `${kind} ${why}`)).toContainEqual(
      expect.stringMatching(/^vrrp .*has lost its quorum/),
    );
    await find('10.0.0.71', true);
    expect(standing()).toBe('BACKUP, 150');
    await box.time.advance(5000);
    expect(standing()).toBe('MASTER, 150');
  });

  it('what no check has said anything of is up, with alpha down', async () => {
    await box.start(track('80 weight 0') + VRRP + web('alpha'));
    await box.time.advance(5000);
    expect(standing()).toBe(`FAULT, 150, ${LOST}`);
    await find('10.0.0.71', true);
    await box.time.advance(5000);
    expect(standing()).toBe('MASTER, 150');
  });

  it('an operator who takes the last server out moves the address', async () => {
    await box.start(track('80 weight 0') + VRRP + web());
    box.pair.setRealServer('[10.77.0.100]:tcp:80', '[10.0.0.71]:tcp:80', { held: 'down' });
    await settle();
    expect(standing()).toBe(`FAULT, 150, ${LOST}`);
  });
});

describe('with weights', () => {
  it('negative ones count while it is lost, positive ones while it is not', async () => {
    await box.start(track('80 weight -60', '81 weight 20') + VRRP + web() + web('', 81, '10.0.0.72'));
    await box.time.advance(5000);
    expect(standing()).toBe('MASTER, 170, track_virtual_server [10.77.0.100]:tcp:81 20');
    await find('10.0.0.71', false);
    expect(standing()).toBe(
      'MASTER, 110, track_virtual_server [10.77.0.100]:tcp:80 failed -60, track_virtual_server [10.77.0.100]:tcp:81 20',
    );
    await find('10.0.0.72', false);
    expect(standing()).toContain('track_virtual_server [10.77.0.100]:tcp:81 failed 0');
    expect(standing()).toContain('MASTER, 90');
  });
});

describe('a reload', () => {
  const file = (lines = '', more = '') => track('80 weight -60') + VRRP + web(lines) + more;

  it('that changes the virtual server keeps what is known of it', async () => {
    await box.start(file());
    await box.time.advance(5000);
    await find('10.0.0.71', false);
    box.said.length = 0;
    await box.reload(file('persistence_timeout 60'));
    expect(standing()).toContain('MASTER, 90');
    await find('10.0.0.71', true);
    expect(standing()).toBe('MASTER, 150');
  });

  it('that changes several of them never takes one for lost', async () => {
    const two = (lines = '') => track('80 weight 0', '81 weight 0') + VRRP + web(lines) + web(lines, 81, '10.0.0.72');
    await box.start(two());
    await box.time.advance(5000);
    await box.reload(two('persistence_timeout 60\n quorum 1'));
    await settle();
    expect(standing()).toBe('MASTER, 150');
    expect(box.said.filter((line) => line.includes('FAULT') || line.includes('lost'))).toEqual([]);
  });

  it('that begins and ends it', async () => {
    await box.start(VRRP + web());
    await box.time.advance(5000);
    await find('10.0.0.71', false);
    expect(standing()).toBe('MASTER, 150');
    await box.reload(file());
    expect(standing()).toContain('MASTER, 90');
    await box.reload(VRRP + web());
    expect(standing()).toBe('MASTER, 150');
  });

  it('with virtual servers that were not there before', async () => {
    await box.start(VRRP);
    await box.time.advance(5000);
    await box.reload(track('80 weight 0') + VRRP + web());
    await settle();
    expect(standing()).toBe('MASTER, 150');
    expect(box.said.filter((line) => line.includes('FAULT'))).toEqual([]);
  });

  it('to a virtual server of another name: that one’s quorum counts', async () => {
    await box.start(file());
    await box.time.advance(5000);
    await find('10.0.0.71', false);
    await box.reload(track('81 weight 0') + VRRP + web('', 81, '10.0.0.72'));
    expect(standing()).toBe('MASTER, 150');
    box.said.length = 0;
    await box.reload(track('82 weight 0') + VRRP + web('', 82, '10.0.0.73'));
    expect(standing()).toBe('MASTER, 150');
    expect(box.said.filter((line) => line.includes('FAULT') || line.includes('lost'))).toEqual([]);
    await expect(async () => box.reload(track('80 weight -60') + VRRP + web('', 82))).rejects.toThrow(
      'there is no virtual_server',
    );
  });
});

it('the end is no loss of quorums', async () => {
  await box.start(track('80 weight 0') + VRRP + web('omega'));
  await box.time.advance(5000);
  await box.pair.stop(false);
  await settle();
  expect(box.said.filter((line) => line.includes(LOST))).toEqual([]);
});
