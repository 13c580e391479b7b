/** keepalived's dumps of a pair at work, as text. That the words are keepalived's: test/e2e/pair-dumps.test.ts. */
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { dataText } from '../../../src/vrrp/dump/data.ts';
import { jsonText } from '../../../src/vrrp/dump/json.ts';
import { statisticsText } from '../../../src/vrrp/dump/statistics-text.ts';
import { timeText } from '../../../src/vrrp/dump/words.ts';
import { FakePair } from '../../support/fake-pair.ts';
import { settle } from '../../support/fake-time.ts';

const CONF = `global_defs {
  router_id LVS_A
  notification_email {
    a@example.com
  }
  smtp_server 192.0.2.25
  vrrp_startup_delay 0.5
}
vrrp_script chk {
  script "/usr/bin/check it"
  interval 2
  fall 3
  user root
}
vrrp_track_process web {
  process tandem-no-such -g
  weight 5
  delay 1.5
}
vrrp_track_file number {
  file /run/number
}
static_routes {
  10.98.0.0/16 via 10.77.0.9 dev eth0
}
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 150
  authentication {
    auth_type PASS
    auth_pass 1066
  }
  virtual_ipaddress {
    10.77.0.100/24
    10.77.0.101 label eth0:1 brd 10.77.0.255
  }
  virtual_ipaddress_excluded {
    fd77::100/64
  }
  virtual_routes {
    10.88.0.0/16 via 10.77.0.9 dev eth0
  }
  track_script {
    chk
  }
  track_process {
    web
  }
  track_file {
    number weight 2
  }
  notify_master "/bin/m it" root
  smtp_alert
}
vrrp_instance VI_2 {
  interface eth0
  virtual_router_id 52
  version 3
  advert_int 0.5
  nopreempt
  unicast_src_ip 10.77.0.1
  unicast_peer {
    10.77.0.2
  }
  virtual_ipaddress {
    10.77.0.110/24
  }
}
vrrp_instance VI_3 {
  interface eth0
  virtual_router_id 53
  use_vmac
  virtual_ipaddress {
    10.77.0.120/24
  }
}
vrrp_sync_group G1 {
  group {
    VI_3
  }
  notify /bin/g
}
`;

const LINK = { flags: ['UP', 'LOWER_UP'] };
const DUMP = JSON.stringify([
  {
    ...LINK,
    ifindex: 2,
    ifname: 'eth0',
    address: '02:77:00:00:00:01',
    addr_info: [{ family: 'inet', local: '10.77.0.1', prefixlen: 24 }],
  },
  { ...LINK, ifindex: 3, ifname: 'vrrp.53', address: '00:00:5e:00:01:35', addr_info: [] },
]);

let box: FakePair;

beforeEach(async () => {
  box = new FakePair();
  box.commands.answer = () => ({ stdout: DUMP });
  expect(await box.start(CONF)).toEqual([]);
  await box.time.advance(500);
});

/** Local times are the machine's. */
const withoutTimes = (text: string) => text.replace(/\d+\.\d{6} \(\w{3} \w{3} [ \d]\d [\d:.]+ \d{4}\)/g, 'TIME');

describe('a backup that heard its master', () => {
  it('says all of it', async () => {
    await box.time.advance(100);
    box.hear({ priority: 200, addresses: ['10.77.0.100', '10.77.0.101'], authData: Buffer.from('1066\0\0\0\0') });
    await settle();
    const text = withoutTimes(dataText(box.pair.view()));
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'dumps.data.txt'));
  });

  it('counts what it heard, what it did not take, and what it sent', async () => {
    box.hear({ priority: 200, addresses: ['10.77.0.100', '10.77.0.101'], authData: Buffer.from('1066\0\0\0\0') });
    box.hear({ priority: 200, authData: Buffer.from('1067\0\0\0\0') });
    box.hear({ vrid: 53, priority: 0, addresses: ['10.77.0.120'] });
    await settle();
    const text = statisticsText(box.pair.view().instances);
    expect(text.split('VRRP Instance: ')[1]).toBe(`VI_1
  Advertisements:
    Received: 1
    Sent: 0
  Became master: 0
  Released master: 0
  Packet Errors:
    Length: 0
    TTL: 0
    Invalid Type: 0
    Advertisement Interval: 0
    Address List: 0
  Authentication Errors:
    Invalid Type: 0
    Type Mismatch: 0
    Failure: 1
  Priority Zero:
    Received: 0
    Sent: 0
`);
    expect(text.split('VRRP Instance: ')[3]).toMatch(/^VI_3\n[\s\S]*Priority Zero:\n {4}Received: 1\n/);
  });
});

describe('a master', () => {
  it('says since when, what it holds, and in JSON the same', async () => {
    await box.time.advance(4000);
    const text = dataText(box.pair.view());
    expect(text).toContain('   State = MASTER\n');
    // After the start-up delay, three intervals and the skew of priority 150.
    const sinceMs = box.time.wallMs() - (box.pair.view().instances[0]?.lastTransitionWallMs ?? 0);
    expect(sinceMs).toBeCloseTo(4000 - 3414.0625, -1);
    expect(text).toContain(`   Last transition = ${timeText(box.time.wallMs() - sinceMs)}\n`);
    expect(text).toContain('     10.77.0.101 brd 10.77.0.255 dev eth0 scope global label eth0:1 set\n');
    const [first, second] = JSON.parse(jsonText(box.pair.view()));
    expect([first.data.state, first.data.vipset, first.data.auth_data, second.data.adver_int]).toEqual([
      2,
      true,
      '1066',
      0.5,
    ]);
    expect(first.stats).toMatchObject({ advert_sent: 1, become_master: 1, release_master: 0 });
  });

  it('counts on through a reload that changes it, and did not become what it was', async () => {
    await box.time.advance(4000);
    const before = box.pair.view().instances[0];
    await box.reload(CONF.replace('10.77.0.100/24', '10.77.0.100/24\n    10.77.0.102/24'));
    const after = box.pair.view().instances[0];
    expect([after?.phase, after?.statistics.becameMaster]).toEqual(['master', 1]);
    expect(after?.lastTransitionWallMs).toBe(before?.lastTransitionWallMs);
    expect(after?.statistics.advertsSent).toBeGreaterThan(1);
    box.pair.clearStatistics();
    expect(box.pair.view().instances[0]?.statistics.advertsSent).toBe(0);
  });
});

it('times are those of ctime, with six digits behind the point', () => {
  const date = new Date(2026, 10, 5, 4, 3, 2, 7);
  expect(timeText(date.getTime())).toBe(
    `${Math.floor(date.getTime() / 1000)}.007000 (Thu Nov  5 04:03:02.007000 2026)`,
  );
});
