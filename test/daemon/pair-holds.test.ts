/** What an operator makes of virtual routers by hand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakePair } from '../support/fake-pair.ts';

const instance = (lines = '', name = 'VI_1', vrid = 51, vip = '10.77.0.100') => `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${vrid}
  priority 100
  ${lines}
  virtual_ipaddress { ${vip}/24 }
}
`;
const GROUP = `vrrp_sync_group G { group {
 VI_1
 VI_2
} }
${instance()}${instance('', 'VI_2', 52, '10.77.0.200')}`;
/** Three intervals and the skew of priority 100. */
const DOWN_MS = 3610;

let box: FakePair;
beforeEach(() => {
  box = new FakePair();
});
afterEach(() => box.pair.stop(false));

const phases = () => box.pair.instances.map(({ phase }) => phase).join(' ');
const status = () => box.pair.status().instances[0];
const events = () => box.chronicle.events.map(({ to, why }) => `${to}: ${why}`);

describe('forced to be backup', () => {
  beforeEach(async () => {
    await box.start(instance());
    await box.time.advance(DOWN_MS);
    box.sent = [];
  });

  it('clients are told, the address goes gently, and does not come back before the release', async () => {
    expect(box.pair.set('VI_1', 'backup')).toEqual(['VI_1']);
    await box.time.advance(0);
    expect([phases(), box.lastAnswers]).toEqual(['leaving', [true]]);
    expect(box.sent).toEqual(['0@3610']);
    box.hear({ priority: 90 });
    await box.time.advance(400);
    expect([phases(), box.lastAnswers]).toEqual(['backup', [true, false]]);
    expect(status()).toMatchObject({ forced: 'backup', state: 'BACKUP', holds: false, effectivePriority: 100 });
    await box.time.advance(60_000);
    expect(phases()).toBe('backup');
    expect(events().slice(0, 2)).toEqual(['BACKUP: its successor is there', 'LEAVING: it is held as backup']);
    box.pair.set('VI_1', null);
    await box.time.advance(DOWN_MS);
    expect([phases(), status()?.forced]).toEqual(['master', null]);
  });

  it('what is released before it has gone stays', async () => {
    box.pair.set('VI_1', 'backup');
    box.pair.set('VI_1', null);
    await box.time.advance(10_000);
    expect(phases()).toBe('master');
    expect(box.sent).not.toContain('0@3610');
  });

  it('a fault that comes meanwhile is one afterwards', async () => {
    box.pair.set('VI_1', 'backup');
    await box.time.advance(0);
    box.link(false);
    expect(phases()).toBe('leaving');
    await box.time.advance(2000);
    expect(phases()).toBe('fault');
  });
});

describe('forced to be in fault', () => {
  it('gives up at once, and comes back like anybody', async () => {
    await box.start(instance());
    await box.time.advance(DOWN_MS);
    box.pair.set('VI_1', 'fault');
    expect([phases(), status()?.faults]).toEqual(['fault', ['set vrrp VI_1 fault']]);
    expect(box.sent.at(-1)).toBe('0@3610');
    await box.time.advance(60_000);
    expect(phases()).toBe('fault');
    box.pair.set('VI_1', null);
    expect(phases()).toBe('backup');
    await box.time.advance(DOWN_MS);
    expect(phases()).toBe('master');
  });
});

describe('forced to be master', () => {
  it('takes over from who is better, though it is not to preempt, and gives it back', async () => {
    await box.start(instance('state BACKUP\nnopreempt'));
    box.hear({ priority: 150 });
    box.pair.set('VI_1', 'master');
    expect(status()).toMatchObject({
      forced: 'master',
      effectivePriority: 254,
      reasons: [{ what: 'set vrrp VI_1 master', weight: 154 }],
    });
    for (let i = 0; i < 4; i++) {
      await box.time.advance(1000);
      box.hear({ priority: 150 });
    }
    expect(phases()).toBe('master');
    box.pair.set('VI_1', null);
    box.hear({ priority: 150 });
    expect([phases(), status()?.effectivePriority, status()?.reasons]).toEqual(['backup', 100, []]);
  });

  it('a fault is stronger', async () => {
    await box.start(instance());
    box.link(false);
    box.pair.set('VI_1', 'master');
    await box.time.advance(10_000);
    expect(phases()).toBe('fault');
    box.link(true);
    await box.time.advance(DOWN_MS);
    expect(phases()).toBe('master');
  });
});

describe('sync groups', () => {
  it.each(['VI_2', 'G'])('go together, by the name of %s', async (name) => {
    await box.start(GROUP);
    await box.time.advance(2 * DOWN_MS);
    expect(phases()).toBe('master master');
    expect(box.pair.set(name, 'backup')).toEqual(['VI_1', 'VI_2']);
    await box.time.advance(2000);
    expect(phases()).toBe('backup backup');
    box.pair.set(name, 'fault');
    expect(phases()).toBe('fault fault');
    box.pair.set(name, 'master');
    await box.time.advance(2 * DOWN_MS);
    expect(phases()).toBe('master master');
    expect(box.pair.status().groups).toEqual([{ name: 'G', state: 'MASTER', instances: ['VI_1', 'VI_2'] }]);
  });
});

it('nobody of that name is nobody', async () => {
  await box.start(instance());
  expect(box.pair.set('VI_9', 'fault')).toEqual([]);
  expect(phases()).toBe('backup');
});

describe('a reload', () => {
  it.each(['', 'garp_master_delay 2'])('keeps it, and says so (%j)', async (lines) => {
    await box.start(instance());
    await box.time.advance(DOWN_MS);
    box.pair.set('VI_1', 'backup');
    await box.time.advance(2000);
    await box.reload(instance(lines));
    expect(box.said).toContain("(VI_1) is still forced to be backup, until 'set vrrp VI_1 release'");
    await box.time.advance(60_000);
    expect([phases(), status()?.forced]).toEqual(['backup', 'backup']);
  });

  it('waits for one that gives up', async () => {
    await box.start(instance());
    await box.time.advance(DOWN_MS);
    box.pair.set('VI_1', 'backup');
    const reloaded = box.reload(instance('garp_master_delay 2'));
    await box.time.advance(2000);
    await reloaded;
    expect(phases()).toBe('backup');
    expect(box.batch().at(-1)).toBe('address del 10.77.0.100/24 dev eth0');
  });

  it('takes in who joins the group of one that is held, with the address', async () => {
    const alone = `${instance()}${instance('', 'VI_2', 52, '10.77.0.200')}`;
    await box.start(alone);
    await box.time.advance(2 * DOWN_MS);
    box.pair.set('VI_1', 'fault');
    expect(phases()).toBe('fault master');
    await box.reload(GROUP);
    await box.time.advance(1000);
    expect(phases()).toBe('fault fault');
    expect(box.batch().at(-1)).toBe('address del 10.77.0.200/24 dev eth0');
  });

  it('forgets it with the instance', async () => {
    await box.start(instance());
    box.pair.set('VI_1', 'fault');
    await box.reload(instance('', 'VI_2'));
    await box.reload(instance());
    expect([phases(), status()?.forced]).toEqual(['backup', null]);
  });
});
