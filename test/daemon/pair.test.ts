import { beforeEach, describe, expect, it } from 'vitest';
import { FakePair } from '../support/fake-pair.ts';
import { settle } from '../support/fake-time.ts';
import { pairModel } from '../support/pair-model.ts';
import { SeededRandom } from '../support/random.ts';

const instance = (lines: string, name = 'VI_1', vrid = 51, vip = '10.77.0.100') => `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${vrid}
  priority 100
  ${lines}
  virtual_ipaddress {
    ${vip}/24
  }
}
`;
const REPLACE = 'address replace 10.77.0.100/24 dev eth0 valid_lft 3 preferred_lft 3';
const DELETE = 'address del 10.77.0.100/24 dev eth0';
/** Three intervals and the skew of priority 100. */
const DOWN_MS = 3610;

let box: FakePair;
const phases = () => box.pair.instances.map(({ phase }) => phase);

beforeEach(() => {
  box = new FakePair();
});

async function becomeMaster(text = instance('')): Promise<void> {
  expect(await box.start(text)).toEqual([]);
  await box.time.advance(DOWN_MS);
  box.address('10.77.0.100');
  await settle();
}

describe('a virtual router', () => {
  it('listens, then takes the address: advert, address, announcement when the kernel has it', async () => {
    await box.start(instance(''));
    await box.time.advance(DOWN_MS - 10);
    expect([phases(), box.sent, box.batch()]).toEqual([['backup'], [], []]);
    await box.time.advance(10);
    expect([phases(), box.sent, box.batch(), box.frames]).toEqual([['master'], ['100@3610'], [REPLACE], 0]);
    box.address('10.77.0.100');
    await settle();
    expect(box.frames).toBe(2);
    expect(box.said).toEqual(['(VI_1) Entering BACKUP STATE (init)', '(VI_1) Entering MASTER STATE']);
  });

  it('speaks every interval', async () => {
    await becomeMaster();
    await box.time.advance(3000);
    expect(box.sent).toEqual(['100@3610', '100@4610', '100@5610', '100@6610']);
  });

  it('removes what an earlier life has left, before anything else', async () => {
    await box.start(instance('').replace('priority', 'advert_int 1\n  priority'));
    expect(box.batch()).toEqual([]);
    const again = new FakePair();
    again.commands.answer = () => ({
      stdout: JSON.stringify([
        {
          ifindex: 2,
          ifname: 'eth0',
          flags: ['UP', 'LOWER_UP'],
          address: '02:77:00:00:00:01',
          addr_info: [
            { family: 'inet', local: '10.77.0.1', prefixlen: 24 },
            { family: 'inet', local: '10.77.0.100', prefixlen: 24 },
          ],
        },
      ]),
    });
    await again.start(instance(''));
    expect(again.batch()).toEqual([DELETE]);
  });

  it('the owner of its interface’s own address does not touch it', async () => {
    expect(await box.start(instance('', 'VI_1', 51, '10.77.0.1').replace('priority 100', 'priority 255'))).toEqual([]);
    await settle();
    expect([phases(), box.batch(), box.sent, box.frames]).toEqual([['master'], [], ['255@0'], 2]);
    await box.pair.stop(false);
    expect([box.batch(), box.sent]).toEqual([[], ['255@0', '0@0']]);
  });

  it('no_accept keeps packets from the addresses, but not from an owner', async () => {
    const nft = () => box.commands.runs.filter(({ argv }) => argv[0] === 'nft').length;
    await becomeMaster(instance('no_accept'));
    expect(nft()).toBe(1);
    box = new FakePair();
    await box.start(instance('no_accept').replace('priority 100', 'priority 255'));
    expect([phases(), nft()]).toEqual([['master'], 0]);
  });

  it('the owner that finds its own lease of an earlier life renews it', async () => {
    box.commands.answer = () => ({
      stdout: DUMP_TEXT.replace(']}]', ',{"family":"inet","local":"10.77.0.100","prefixlen":24,"dynamic":true}]}]'),
    });
    await box.start(instance('').replace('priority 100', 'priority 255'));
    expect(box.batch()).toEqual([REPLACE]);
  });

  it('yields to a better one, with a last word', async () => {
    await becomeMaster();
    box.batch();
    box.sent = [];
    box.hear({ priority: 200 });
    expect([phases(), box.sent, box.batch()]).toEqual([['backup'], ['100@3610'], []]);
    // What is being answered is answered.
    await box.time.advance(300);
    expect([box.sent, box.batch()]).toEqual([['100@3610'], [DELETE]]);
  });

  it('without carrier: fault; afterwards it listens again', async () => {
    await becomeMaster();
    box.link(false);
    expect(phases()).toEqual(['fault']);
    box.link(true);
    expect(phases()).toEqual(['backup']);
    expect(box.said.slice(2)).toEqual([
      '(VI_1) interface eth0 is down',
      '(VI_1) Entering FAULT STATE',
      '(VI_1) Entering BACKUP STATE',
    ]);
  });

  it('without an address to send from: fault, until one comes', async () => {
    await becomeMaster();
    box.address('10.77.0.1', true);
    expect(phases()).toEqual(['fault']);
    box.address('10.77.0.1');
    expect(phases()).toEqual(['backup']);
  });

  it('puts back an address that somebody takes away, and announces it', async () => {
    await becomeMaster();
    box.batch();
    const before = box.frames;
    box.address('10.77.0.100', true);
    expect(box.batch()).toEqual([REPLACE]);
    box.address('10.77.0.100');
    await settle();
    expect(box.frames).toBeGreaterThan(before);
    expect(phases()).toEqual(['master']);
  });

  it('hostile packets do not move it', async () => {
    await becomeMaster();
    const random = new SeededRandom(51);
    for (let round = 0; round < 3000; round++) {
      box.raw(Uint8Array.from({ length: random.size(64) }, () => random.below(256)));
    }
    box.hear({ priority: 255, authData: new Uint8Array(8) });
    box.hear({ priority: 255, vrid: 52 });
    box.hear({ priority: 255, intervalCs: 200 });
    box.hear({ priority: 255 }, '10.77.0.1');
    expect(phases()).toEqual(['master']);
  });

  it('says once what would end in two masters', async () => {
    await box.start(instance('version 3'));
    for (let i = 0; i < 5; i++) box.hear({ version: 2 });
    const alarms = box.said.filter((line) => line.includes('both will be masters'));
    expect(alarms.length).toBe(1);
    expect(box.pair.instances[0]?.alarms.counts.get('other-version')).toBe(5);
  });

  it('the same address under another VRID is an alarm', async () => {
    await box.start(instance(''));
    box.hear({ vrid: 77 });
    box.hear({ vrid: 78, addresses: ['10.77.0.99'] });
    expect(box.said.filter((line) => line.includes('virtual_router_id'))).toEqual([
      expect.stringContaining('virtual_router_id 77, we have 51'),
    ]);
  });
});

describe('stopping', () => {
  it('hands over: priority 0, and the address only when a successor speaks', async () => {
    await becomeMaster();
    box.batch();
    box.sent = [];
    let left = false;
    void box.pair.stop(true).then(() => (left = true));
    await box.time.advance(500);
    expect([box.sent, left]).toEqual([['0@3610'], false]);
    expect(box.batch()).not.toContain(DELETE);
    box.hear({ priority: 50 });
    await box.time.advance(299);
    expect([left, box.batch()]).toEqual([false, []]);
    await box.time.advance(1);
    expect([left, box.batch()]).toEqual([true, [DELETE]]);
    expect(box.sockets.every(({ closed }) => closed)).toBe(true);
  });

  it('nobody there: leaves after the slowest skew', async () => {
    await becomeMaster();
    let left = false;
    void box.pair.stop(true).then(() => (left = true));
    await box.time.advance(1100);
    expect([left, box.sent.slice(-2)]).toEqual([true, ['0@3610', '0@4710']]);
  });

  it('with -V the address stays, for ever', async () => {
    await becomeMaster();
    box.batch();
    await box.pair.abandon();
    expect(box.batch()).toEqual(['address replace 10.77.0.100/24 dev eth0 valid_lft forever preferred_lft forever']);
    expect(box.sent.at(-1)).toBe('100@3610');
  });
});

describe('starting', () => {
  it('without the interface: says so, and leaves nothing', async () => {
    const messages = await box.start(instance('').replace('eth0', 'eth9'));
    expect(messages).toEqual(["(VI_1) WARNING - interface eth9 doesn't exist"]);
    expect(box.sockets).toEqual([]);
  });

  it('waits as long as the file wants', async () => {
    await box.start(`global_defs {\n vrrp_startup_delay 5\n}\n${instance('')}`);
    await box.time.advance(5000 + DOWN_MS - 10);
    expect(phases()).toEqual(['backup']);
    await box.time.advance(10);
    expect(phases()).toEqual(['master']);
  });
});

describe('notify scripts', () => {
  it('run for each state, in order', async () => {
    await box.start(instance('notify "/n"\n  notify_master "/m x"'));
    await box.time.advance(DOWN_MS);
    const scripts = box.commands.runs.map(({ argv }) => argv.join(' ')).filter((line) => line.startsWith('/'));
    expect(scripts).toEqual(['/n INSTANCE VI_1 BACKUP 100', '/m x', '/n INSTANCE VI_1 MASTER 100']);
  });
});

describe('tracking', () => {
  it('a script that fails takes its weight', async () => {
    const script = 'vrrp_script chk {\n script "/chk"\n interval 1\n weight -30\n}\n';
    box.commands.answer = ([program]) =>
      program === '/chk' ? { exitCode: 1, how: 'exit status 1' } : { stdout: DUMP_TEXT };
    await box.start(`${script}${instance('track_script {\n chk\n }')}`);
    await settle();
    expect(box.pair.instances[0]?.priority).toBe(70);
    expect(box.said).toContain('(VI_1) Changing effective priority from 100 to 70');
  });

  it('our own data path: who cannot serve does not keep the address', async () => {
    const path = { turning: true };
    box = new FakePair({ turns: () => path.turning, isOpen: () => true, serversUp: () => 1 });
    await becomeMaster();
    path.turning = false;
    await box.time.advance(10_000);
    expect(phases()).toEqual(['fault']);
    path.turning = true;
    await box.time.advance(100);
    expect(phases()).toEqual(['backup']);
  });
});

const DUMP_TEXT = JSON.stringify([
  {
    ifindex: 2,
    ifname: 'eth0',
    flags: ['UP', 'LOWER_UP'],
    address: '02:77:00:00:00:01',
    addr_info: [{ family: 'inet', local: '10.77.0.1', prefixlen: 24 }],
  },
]);

describe('sync groups', () => {
  const two = `vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n${instance('')}${instance('priority 50', 'VI_2', 52, '10.77.0.200')}`;

  it('become master together, and leave together', async () => {
    await box.start(two);
    await box.time.advance(DOWN_MS);
    // The other one, of priority 50, has yet to wait.
    expect(phases()).toEqual(['backup', 'backup']);
    await box.time.advance(200);
    expect(phases()).toEqual(['master', 'master']);
    box.hear({ vrid: 52, addresses: ['10.77.0.200'] });
    expect(phases()).toEqual(['backup', 'backup']);
    expect(box.said).toContain('VRRP_Group(G) Syncing instances to MASTER state');
  });

  it('take nothing over while one of them hears the master; all of it when none does', async () => {
    await box.start(two);
    for (let seconds = 0; seconds < 20; seconds++) {
      box.hear({ vrid: 52, addresses: ['10.77.0.200'] });
      await box.time.advance(1000);
    }
    expect([phases(), box.sent, box.batch()]).toEqual([['backup', 'backup'], [], []]);
    await box.time.advance(2810);
    expect(phases()).toEqual(['master', 'master']);
  });

  it('one that hears the master again waits as from the beginning', async () => {
    await box.start(two);
    for (let seconds = 0; seconds < 5; seconds++) {
      box.hear({ vrid: 52, addresses: ['10.77.0.200'] });
      await box.time.advance(1000);
    }
    // VI_1 has heard nothing for long. Now it does; VI_2 does not any more.
    box.hear({});
    await box.time.advance(3500);
    expect(phases()).toEqual(['backup', 'backup']);
    await box.time.advance(200);
    expect(phases()).toEqual(['master', 'master']);
  });
});

describe('reload', () => {
  it('what did not change keeps its state, its timer and its address', async () => {
    await becomeMaster();
    const [before] = box.pair.instances;
    box.batch();
    box.sent = [];
    // Comments and places move; another instance comes.
    const messages = await box.pair.reload(
      pairModel(`# a comment\n\n${instance('')}${instance('', 'VI_2', 52, '10.77.0.200')}`),
    );
    expect([messages, box.batch(), box.sent]).toEqual([[], [], []]);
    expect(box.pair.instances[0]).toBe(before);
    expect(phases()).toEqual(['master', 'backup']);
    await box.time.advance(1000);
    expect(box.sent).toEqual(['100@4610']);
  });

  it('one that changed goes on as master, with the addresses that it has now', async () => {
    await becomeMaster();
    box.batch();
    const more = instance('').replace('10.77.0.100/24', '10.77.0.100/24\n    10.77.0.101/24');
    await box.pair.reload(pairModel(more));
    expect(phases()).toEqual(['master']);
    const commands = box.batch();
    expect(commands).toContain('address replace 10.77.0.101/24 dev eth0 valid_lft 3 preferred_lft 3');
    expect(commands).not.toContain(DELETE);
    await box.pair.reload(pairModel(instance('')));
    expect(box.batch()).toContain('address del 10.77.0.101/24 dev eth0');
    expect(phases()).toEqual(['master']);
  });

  it('one that is gone leaves with priority 0', async () => {
    await becomeMaster();
    box.batch();
    await box.pair.reload(pairModel(instance('', 'VI_2', 52, '10.77.0.200')));
    expect(box.sent.at(-1)).toBe('0@3610');
    expect(box.batch()).toContain(DELETE);
    expect(box.pair.instances.map(({ model }) => model.name)).toEqual(['VI_2']);
  });

  it('one that names an interface that is not there changes nothing', async () => {
    await becomeMaster();
    const messages = await box.pair.reload(pairModel(instance('priority 120').replace('eth0', 'eth9')));
    expect(messages).toEqual(["(VI_1) WARNING - interface eth9 doesn't exist"]);
    expect([phases(), box.pair.instances[0]?.priority]).toEqual([['master'], 100]);
  });
});
