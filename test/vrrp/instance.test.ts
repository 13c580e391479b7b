/** A virtual router on a box of the test's: what leaves it, and what does not move it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { AUTH_NONE, encodeAdvert } from '../../src/vrrp/packet.ts';
import { FakePair } from '../support/fake-pair.ts';
import { settle } from '../support/fake-time.ts';

const instance = (lines: string, addresses = '10.77.0.100/24', name = 'VI_1', vrid = 51) => `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${vrid}
  priority 100
  ${lines}
  virtual_ipaddress {
    ${addresses}
  }
}
`;
const NO_AUTH = { authType: AUTH_NONE, authData: new Uint8Array(0) };
const SIX = 'fe80::100/64\n fd77::100/64';
/** Three intervals of 1 s and the skew of priority 100. */
const DOWN_MS = 3610;

let box: FakePair;
const phases = () => box.pair.instances.map(({ phase }) => phase);

beforeEach(() => {
  box = new FakePair();
});

async function becomeMaster(text: string): Promise<void> {
  expect(await box.start(text)).toEqual([]);
  await box.time.advance(DOWN_MS);
  expect(phases()).toContain('master');
}

describe('adverts', () => {
  it('go to the group with TTL 255, from the interface’s own address', async () => {
    await becomeMaster(instance(''));
    expect(box.packets).toMatchObject([{ source: '10.77.0.1', destination: '224.0.0.18', ttl: 255 }]);
    expect(box.sockets.map(({ options }) => options)).toEqual([
      { family: 4, receiveOn: 'eth0', sendOn: 'eth0', group: '224.0.0.18' },
    ]);
  });

  it('over IPv6 go to ff02::12 with hop limit 255, from the link-local address; the list keeps its order', async () => {
    await becomeMaster(instance('', SIX));
    expect(box.packets).toMatchObject([
      {
        source: 'fe80::77:ff:fe00:1',
        destination: 'ff02::12',
        ttl: 255,
        checksum: 'pseudo-header',
        advert: { version: 3, addresses: ['fe80::100', 'fd77::100'] },
      },
    ]);
  });

  it('go to each peer with unicast_peer, with the TTL of the file', async () => {
    await becomeMaster(instance('unicast_ttl 64\n unicast_peer {\n 10.77.0.2\n 10.77.0.3\n }'));
    expect(box.packets).toMatchObject([
      { source: '10.77.0.1', destination: '10.77.0.2', ttl: 64 },
      { source: '10.77.0.1', destination: '10.77.0.3', ttl: 64 },
    ]);
  });

  it('of version 3 over IPv4 are summed with the pseudo-header, or without it when the file says so', async () => {
    await becomeMaster(instance('version 3'));
    const [usual] = box.packets;
    box = new FakePair();
    await becomeMaster(instance('version 3\n v3_checksum_as_v2'));
    expect([usual?.checksum, box.packets[0]?.checksum]).toEqual(['pseudo-header', 'plain']);
  });

  it('of version 2 carry the password, or 8 zero bytes', async () => {
    await becomeMaster(instance('authentication {\n auth_type PASS\n auth_pass 1066\n }'));
    const [secret] = box.packets;
    box = new FakePair();
    await becomeMaster(instance(''));
    expect(secret?.advert).toMatchObject({ authType: 1, authData: new Uint8Array([49, 48, 54, 54, 0, 0, 0, 0]) });
    expect(box.packets[0]?.advert).toMatchObject({ authType: 0, authData: new Uint8Array(8) });
  });

  it('say the version’s own interval', async () => {
    await becomeMaster(
      `${instance('advert_int 1')}${instance('version 3\n advert_int 0.25', '10.77.0.101/24', 'VI_2', 52)}`,
    );
    const said = box.packets.map(({ advert: { vrid, intervalCs } }) => `${vrid} ${intervalCs}`);
    expect(new Set(said)).toEqual(new Set(['51 100', '52 25']));
  });
});

describe('virtual routers on one interface', () => {
  it('one VRID for IPv4 and for IPv6 are two routers', async () => {
    await box.start(`${instance('version 3')}${instance('', SIX, 'VI_6')}`);
    const keepBusy = async (source: string, addresses: readonly string[]): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        box.hear({ version: 3, addresses }, source);
        await box.time.advance(1000);
      }
    };
    await keepBusy('fe80::2', ['fe80::100', 'fd77::100']);
    expect(phases()).toEqual(['master', 'backup']);
    box.hear({ version: 3 });
    expect(phases()).toEqual(['backup', 'backup']);
    await keepBusy('10.77.0.2', ['10.77.0.100']);
    expect(phases()).toEqual(['backup', 'master']);
  });

  it('an unknown VRID moves nothing, and is told when asked for, not every time', async () => {
    await box.start(`global_defs {\n log_unknown_vrids\n}\n${instance('')}`);
    for (let i = 0; i < 36; i++) {
      box.hear({ vrid: 99, priority: i % 2 === 0 ? 0 : 255, addresses: ['10.77.0.99'] });
      await box.time.advance(100);
    }
    expect(phases()).toEqual(['backup']);
    await box.time.advance(100);
    expect(phases()).toEqual(['master']);
    expect(box.said.filter((line) => line.includes('Unknown VRID'))).toEqual([
      'Unknown VRID(99) received on interface(eth0) from 10.77.0.2',
    ]);
  });
});

describe('version 2 and version 3 on one VRID', () => {
  it.each([
    [2, 3],
    [3, 2],
  ] as const)(
    'we %i, somebody %i: neither its priority nor its good-bye counts, and it is said once',
    async (own, other) => {
      await box.start(instance(`version ${own}`));
      for (let i = 0; i < 36; i++) {
        box.hear({ version: other, priority: i % 2 === 0 ? 0 : 255 });
        await box.time.advance(100);
      }
      expect(phases()).toEqual(['backup']);
      await box.time.advance(100);
      expect(phases()).toEqual(['master']);
      for (let i = 0; i < 4; i++) box.hear({ version: other, priority: 255 });
      expect(phases()).toEqual(['master']);
      expect(box.said.filter((line) => line.includes('VRRP version'))).toEqual([
        `(VI_1) 10.77.0.2 speaks VRRP version ${other}, we version ${own}: both will be masters. Set the same 'version' (vrrp_version) on both`,
      ]);
      expect(box.pair.instances[0]?.alarms.counts.get('other-version')).toBe(40);
    },
  );
});

describe('what others say', () => {
  it('version 2: who has another interval is not heard, and both become masters: said once', async () => {
    await box.start(instance(''));
    for (let i = 0; i < 4; i++) {
      box.hear({ intervalCs: 200 });
      await box.time.advance(1000);
    }
    expect(phases()).toEqual(['master']);
    expect(box.said.filter((line) => line.includes('both will be masters')).length).toBe(1);
  });

  it('version 3: the master’s interval is waited for, our own is sent', async () => {
    await box.start(instance('version 3'));
    box.hear({ version: 3, intervalCs: 20 });
    // 3 × 0.2 s and 156/256 of it.
    await box.time.advance(721);
    expect(phases()).toEqual(['backup']);
    await box.time.advance(1);
    expect(phases()).toEqual(['master']);
    expect(box.packets[0]?.advert.intervalCs).toBe(100);
  });

  it('version 3: another list is obeyed, and told once', async () => {
    await box.start(instance('version 3'));
    for (let i = 0; i < 8; i++) {
      box.hear({ version: 3, addresses: ['10.77.0.100', '10.77.0.101'] });
      await box.time.advance(1000);
    }
    expect(phases()).toEqual(['backup']);
    expect(box.said.filter((line) => line.includes('has other addresses')).length).toBe(1);
  });

  it('the form of a sum without pseudo-header is taken, and told once', async () => {
    await box.start(instance('version 3'));
    const ends = { source: '10.77.0.2', destination: '224.0.0.18' };
    const addresses = ['10.77.0.100'];
    const advert = { version: 3, vrid: 51, priority: 200, intervalCs: 100, addresses, ...NO_AUTH } as const;
    for (let i = 0; i < 8; i++) {
      box.raw(encodeAdvert(advert, ends, { checksum: 'plain' }));
      await box.time.advance(1000);
    }
    expect(phases()).toEqual(['backup']);
    expect(box.said.filter((line) => line.includes('without pseudo-header')).length).toBe(1);
  });

  it('another owner is told of', async () => {
    await box.start(instance('').replace('priority 100', 'priority 255'));
    box.hear({ priority: 255 });
    expect(box.said).toContainEqual(expect.stringContaining('two boxes cannot both own the addresses'));
  });
});

describe('time', () => {
  it('is what passes, not what the clock on the wall says', async () => {
    await box.start(instance(''));
    await box.time.advance(1000);
    box.time.wallOffsetMs = 3_600_000;
    await box.time.advance(2600);
    expect(phases()).toEqual(['backup']);
    box.time.wallOffsetMs = -3_600_000;
    await box.time.advance(10);
    expect(phases()).toEqual(['master']);
    box.time.wallOffsetMs = 0;
    await box.time.advance(2000);
    expect(box.sent).toEqual(['100@3610', '100@4610', '100@5610']);
  });
});

describe('announcing', () => {
  it('follows the advert, when the kernel has the address: two ARP for IPv4, one neighbour advertisement for IPv6', async () => {
    await becomeMaster(`${instance('version 3')}${instance('', SIX, 'VI_6')}`);
    expect([box.sent.length, box.frames]).toEqual([2, 0]);
    box.address('10.77.0.100');
    await settle();
    expect(box.frames).toBe(2);
    for (const ip of ['fe80::100', 'fd77::100'])
      box.monitor(String.raw`2: eth0    inet6 ${ip}/64 scope global nodad \  `);
    await settle();
    expect(box.frames).toBe(4);
  });
});
