/** The half of the stats socket that HAProxy does not have. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminScene } from '../../support/admin-scene.ts';
import { FakePair } from '../../support/fake-pair.ts';

const KEEPALIVED = `
vrrp_script chk { script "/bin/true"
  weight 20 }
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 110
  virtual_ipaddress { 10.77.0.100/24
 10.77.0.101/24 }
  track_script { chk }
}
vrrp_instance VI_2 {
  interface eth0
  virtual_router_id 52
  priority 100
  virtual_ipaddress { 10.77.0.200/24 }
}
`;

let scene: AdminScene;
let box: FakePair;
beforeEach(async () => {
  scene = new AdminScene();
  box = new FakePair();
  await box.start(KEEPALIVED);
  scene.side.pair = box.pair;
});
afterEach(async () => {
  await box.pair.stop(false);
  scene.close();
});

/** Moments are of who reads. */
const timeless = (text: string) => text.replace(/since \S+( \S+)? \(/g, 'since … (');

describe('without a keepalived.conf', () => {
  it.each(['show vrrp', 'show pair', 'set vrrp VI_1 master'])('%s says so', async (command) => {
    scene.side.pair = null;
    expect(await scene.ask(command)).toBe('There is no keepalived.conf here: no VRRP runs.\n\n');
  });
});

describe('show vrrp', () => {
  it('says all of one: state, priority and why, owner', async () => {
    box.hear({ priority: 150, addresses: ['10.77.0.100', '10.77.0.101'] });
    await box.time.advance(400);
    await scene.side.time.advance(400);
    expect(timeless(await scene.ask('show vrrp VI_1'))).toMatchInlineSnapshot(`
      "VI_1: BACKUP since … (0.4s)
        router     eth0, virtual_router_id 51, version 2, IPv4
        addresses  10.77.0.100/24, 10.77.0.101/24
        owner      10.77.0.2 has them: priority 150, heard 0.4s ago
        priority   130 of 110
        adverts    every 1 s; 0 sent, 1 received
        errors     0
        changes    became master 0 times, gave it up 0 times
          +20 track_script chk

      "
    `);
  });

  it('says what is wrong', async () => {
    box.hear({ priority: 150, addresses: ['10.77.0.99'], vrid: 52 });
    box.link(false);
    expect(timeless(await scene.ask('show vrrp VI_2'))).toMatchInlineSnapshot(`
      "VI_2: FAULT since … (0.0s)
        router     eth0, virtual_router_id 52, version 2, IPv4
        addresses  10.77.0.200/24
        owner      this box does not hear who has it
        priority   100
        adverts    every 1 s; 0 sent, 1 received
        errors     1
        changes    became master 0 times, gave it up 0 times
        not taken  an advert of 10.77.0.2, 0.0s ago: other-addresses
          interface eth0 is down

      "
    `);
  });

  it('without a name says all; nobody of a name is said', async () => {
    expect((await scene.ask('show vrrp')).match(/^VI_\d: BACKUP/gm)).toEqual(['VI_1: BACKUP', 'VI_2: BACKUP']);
    expect(await scene.ask('show vrrp VI_9')).toBe(
      'There is no virtual router of that name. There are VI_1, VI_2.\n\n',
    );
  });
});

describe('show pair', () => {
  it('is a line for each, and what explains it', async () => {
    await box.time.advance(10_000);
    await scene.side.time.advance(10_000);
    expect(await scene.ask('show pair')).toMatchInlineSnapshot(`
      "  VI_1  MASTER  10.77.0.100/24 +1  priority 130 of 110  for 6.5s  this box has them
          +20 track_script chk
        VI_2  MASTER  10.77.0.200/24            priority 100  for 6.4s  this box has it

      "
    `);
  });
});

describe('set vrrp', () => {
  const forced = () => box.pair.status().instances.map(({ forced: how }) => how);

  it.each([
    [
      'set vrrp VI_2 master',
      "VI_2: forced to be master, until 'set vrrp VI_2 release'. It takes over within 4.0s.\n\n",
    ],
    [
      'set vrrp VI_2 backup',
      "VI_2: forced to be backup, until 'set vrrp VI_2 release'. It takes nothing back before, even if nobody else is there.\n\n",
    ],
    ['set vrrp VI_2 fault', "VI_2: forced into FAULT, until 'set vrrp VI_2 release'.\n\n"],
  ])('%s', async (command, answer) => {
    expect(await scene.ask(command)).toBe(answer);
    expect(forced()).toEqual([null, command.split(' ').at(-1)]);
    expect(await scene.ask('set vrrp VI_2 release')).toMatch(/^VI_2: decides by itself again; it is BACKUP\.\n/);
    expect(forced()).toEqual([null, null]);
  });

  it.each(['set vrrp', 'set vrrp VI_1', 'set vrrp VI_1 MASTER', 'set vrrp VI_1 master now', 'set vrrp VI_9 master'])(
    '%s changes nothing',
    async (command) => {
      expect(await scene.ask(command)).toMatch(/^('set vrrp' expects a name|There is no virtual router)/);
      expect(forced()).toEqual([null, null]);
    },
  );

  it('says who may be in the way', async () => {
    box.hear({ priority: 255, addresses: ['10.77.0.100', '10.77.0.101'] });
    expect(await scene.ask('set vrrp VI_1 master')).toContain('10.77.0.2 has priority 255 and may stay master.');
    box.link(false);
    expect(await scene.ask('set vrrp VI_1 master')).toContain('It is in FAULT now (interface eth0 is down)');
  });
});
