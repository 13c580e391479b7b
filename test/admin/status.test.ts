/** The one status: what it says of a program that is not there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statusOf } from '../../src/admin/status.ts';
import { PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';
import { FakePair } from '../support/fake-pair.ts';

const KEEPALIVED = `
vrrp_script chk { script "/bin/true"
  weight -20 }
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 100
  virtual_ipaddress { 10.77.0.100/24 }
  track_script { chk }
}
`;

let side: FakeAdminSide;
beforeEach(() => {
  side = new FakeAdminSide(PROXIES);
});

const status = () => statusOf(side);

describe('proxies', () => {
  it('a program that is well has nothing to complain of', () => {
    const { health, complaints, process, pair, proxies, events } = status();
    expect([health, complaints, pair, events]).toEqual(['ok', [], null, []]);
    expect(process).toMatchObject({
      generation: 1,
      olderGenerations: 0,
      dataPid: 4711,
      engine: 'epoll',
      reloadedMs: null,
    });
    expect(proxies.map(({ name, frontend, backend }) => [name, frontend !== null, backend !== null])).toEqual([
      ['web', true, false],
      ['app', false, true],
      ['tcp', true, true],
    ]);
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(status()))).toEqual(status());
  });

  it('what an operator takes out is an event, and no complaint while others serve', () => {
    side.board.setAdmin(0, 'maint');
    expect([status().health, status().events.map(({ subject, to, why }) => [subject, to, why])]).toEqual([
      'ok',
      [['app/s1', 'MAINT', 'is going DOWN for maintenance']],
    ]);
  });

  it('a server that is down is a warning, with the reason', () => {
    side.board.setHealth(0, 'down');
    expect([status().health, status().complaints]).toEqual(['warning', ['server app/s1 is DOWN']]);
  });

  it('a server that is up and has weight 0 is named, too, where a backend has no other', () => {
    side.board.setHealth(0, 'down');
    side.board.setWeight(1, 0);
    expect(status().complaints).toEqual(['backend app has no server: s1 is DOWN, s2 has weight 0, s3 is MAINT']);
  });

  it('a backend without servers has failed, until one is back', () => {
    side.board.setHealth(0, 'down');
    side.board.setAdmin(1, 'maint');
    expect([status().health, status().complaints]).toEqual([
      'failed',
      ['backend app has no server: s1 is DOWN, s2 is MAINT, s3 is MAINT'],
    ]);
    side.board.setAdmin(1, 'ready');
    expect(
      status()
        .events.slice(0, 3)
        .map(({ kind, subject, to }) => `${kind} ${subject} ${to}`),
    ).toEqual(['server app/s2 UP', 'backend app UP', 'backend app DOWN']);
    expect(status().health).toBe('warning');
  });

  it('a data process that is away has failed; that it died is a warning for a while', async () => {
    side.chronicle.note('data-process', '4711', 'died', 'it ended with SIGKILL');
    side.running = { ...side.running, serving: false, dataPid: null };
    expect(status()).toMatchObject({
      health: 'failed',
      complaints: [
        'the data process does not serve; it is started again',
        'the data process died within 10 minutes: it ended with SIGKILL',
      ],
    });
    side.running = { ...side.running, serving: true };
    expect(status().health).toBe('warning');
    await side.time.advance(600_000);
    expect(status().health).toBe('ok');
  });

  it('a refused reload is a warning until one succeeds', () => {
    side.chronicle.noteReload(false, 'a.cfg:3: no such thing');
    expect(status().complaints).toEqual([
      'the last reload was refused, what ran before goes on: a.cfg:3: no such thing',
    ]);
    side.chronicle.noteReload(true, '');
    expect(status().health).toBe('ok');
  });

  it('older configurations that pile up are a warning', () => {
    side.running = { ...side.running, olderGenerations: 16 };
    expect(status().complaints).toEqual([
      '16 older configurations still serve their last clients; from 32 on none is reloaded',
    ]);
  });
});

describe('the pair', () => {
  let box: FakePair;
  beforeEach(async () => {
    box = new FakePair();
    await box.start(KEEPALIVED);
    side.pair = box.pair;
  });
  afterEach(() => box.pair.stop(false));

  it('a master says what it owns', async () => {
    await box.time.advance(10_000);
    expect(status()).toMatchObject({
      health: 'ok',
      pair: {
        groups: [],
        rulesTrouble: null,
        instances: [
          {
            ...{ name: 'VI_1', interface: 'eth0', family: 4, vrid: 51, version: 2, state: 'MASTER', forced: null },
            ...{ addresses: ['10.77.0.100/24'], holds: true, configuredPriority: 100, effectivePriority: 100 },
            ...{ reasons: [], faults: [], master: null, rival: null, refused: null, advertIntervalMs: 1000 },
            counters: { becameMaster: 1, errors: 0 },
          },
        ],
      },
    });
    expect(box.chronicle.events.map(({ to, why }) => `${to}: ${why}`)).toEqual([
      'MASTER: no master was heard',
      'BACKUP: it has started',
    ]);
  });

  it('a backup says whom it heard, and when', async () => {
    box.hear({ priority: 150 });
    await box.time.advance(300);
    expect(status().pair?.instances[0]).toMatchObject({
      state: 'BACKUP',
      holds: false,
      master: { address: '10.77.0.2', priority: 150, heardMsAgo: 300 },
    });
  });

  it('a second master fails, while it is heard', async () => {
    await box.time.advance(10_000);
    for (let i = 0; i < 3; i++) box.hear({ priority: 50 });
    expect(status()).toMatchObject({
      health: 'failed',
      complaints: ['VI_1 has two masters: this box, and 10.77.0.2 with priority 50'],
    });
    await box.time.advance(10_000);
    expect(status().health).toBe('ok');
  });

  it('adverts that are not taken are a warning', () => {
    box.hear({ priority: 150, addresses: ['10.77.0.99'] });
    expect(status().complaints).toEqual(['VI_1 does not take what 10.77.0.2 advertises: other-addresses']);
  });

  it('a fault has its reason', () => {
    box.link(false);
    expect(status()).toMatchObject({
      health: 'failed',
      complaints: ['VI_1 is in FAULT: interface eth0 is down'],
      pair: { instances: [{ state: 'FAULT', faults: ['interface eth0 is down'] }] },
    });
    expect(box.chronicle.events[0]).toMatchObject({ to: 'FAULT', why: 'interface eth0 is down' });
  });
});
