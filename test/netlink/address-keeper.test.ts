import { beforeEach, describe, expect, it } from 'vitest';
import { AddressKeeper } from '../../src/netlink/address-keeper.ts';
import { IpBatch } from '../../src/netlink/batch.ts';
import type { KeptAddress } from '../../src/netlink/kept-address.ts';
import { Network } from '../../src/netlink/network.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime, settle } from '../support/fake-time.ts';

const VIP: KeptAddress = {
  ip: '10.0.0.10',
  family: 4,
  prefixLength: 24,
  device: 'eth0',
  words: [],
  peer: null,
  flags: [],
  preferredLifetimeS: null,
  untracked: false,
};
const LEASED = 'address replace 10.0.0.10/24 dev eth0 valid_lft 3 preferred_lft 3';
const DUMP = JSON.stringify([{ ifindex: 2, ifname: 'eth0', flags: ['UP', 'LOWER_UP'], addr_info: [] }]);
const SEEN = String.raw`2: eth0    inet 10.0.0.10/24 scope global secondary eth0\       valid_lft 3sec`;

let time: FakeTime;
let commands: FakeCommands;
let network: Network;
let keeper: AddressKeeper;
let said: string[];
let failures: [string, string][];

const monitor = (line: string) => commands.streams[0]?.events.line(line);
const taken = () => commands.taken('ip -force -batch');

beforeEach(async () => {
  time = new FakeTime();
  commands = new FakeCommands();
  commands.answer = () => ({ stdout: DUMP });
  said = [];
  failures = [];
  network = new Network(commands, time, (text) => said.push(text));
  await network.start();
  const batch = new IpBatch(commands, time, null, { failed: (command, why) => failures.push([command, why]) });
  batch.start();
  keeper = new AddressKeeper({ batch, network, clock: time, timers: time, say: (text) => said.push(text) });
});

describe('holding', () => {
  it('resolves when the address can be seen', async () => {
    let visible = false;
    void keeper.hold([VIP], 3000, () => {}).then(() => (visible = true));
    await settle();
    expect([taken(), visible]).toEqual([[LEASED], false]);
    monitor(SEEN);
    await settle();
    expect(visible).toBe(true);
  });

  it('does not wait for ever', async () => {
    let visible = false;
    void keeper.hold([VIP], 3000, () => {}).then(() => (visible = true));
    await time.advance(100);
    expect(visible).toBe(true);
  });

  it('renews the lease three times as often as it runs out', async () => {
    void keeper.hold([VIP], 3000, () => {});
    taken();
    await time.advance(3000);
    expect(taken()).toEqual([LEASED, LEASED, LEASED]);
    keeper.release([VIP]);
    expect(taken()).toEqual(['address del 10.0.0.10/24 dev eth0']);
    await time.advance(10_000);
    expect(taken()).toEqual([]);
  });

  it('without a lease sets it once', async () => {
    void keeper.hold([VIP], null, () => {});
    await time.advance(60_000);
    expect(taken()).toEqual(['address replace 10.0.0.10/24 dev eth0']);
  });
});

describe('an address that somebody else removes', () => {
  it('is put back at once, and whoever holds it is told when it is there', async () => {
    let restored = 0;
    void keeper.hold([VIP], 3000, () => restored++);
    monitor(SEEN);
    taken();
    monitor(`Deleted ${SEEN}`);
    expect(taken()).toEqual([LEASED]);
    await settle();
    expect(restored).toBe(0);
    monitor(SEEN);
    await settle();
    expect(restored).toBe(1);
    expect(said).toEqual(['10.0.0.10 was removed from eth0 by somebody else - putting it back']);
  });

  it('again and again is put back once a second', async () => {
    void keeper.hold([VIP], null, () => {});
    for (let i = 0; i < 40; i++) {
      monitor(SEEN);
      monitor(`Deleted ${SEEN}`);
    }
    expect(taken().length).toBe(31);
    expect(said.at(-1)).toBe('10.0.0.10 is removed from eth0 again and again - putting it back once a second');
    await time.advance(1000);
    expect(taken().length).toBe(10);
  });

  it('is let go when it is not tracked, or not ours any more', () => {
    void keeper.hold([{ ...VIP, untracked: true }], null, () => {});
    taken();
    monitor(SEEN);
    monitor(`Deleted ${SEEN}`);
    expect(taken()).toEqual([]);
    keeper.release([VIP]);
    taken();
    monitor(`Deleted ${SEEN}`);
    expect(taken()).toEqual([]);
  });
});

describe('letting go', () => {
  it('takes away what an earlier life has left, and nothing that is not there', () => {
    keeper.release([VIP]);
    expect(taken()).toEqual([]);
    monitor(SEEN);
    keeper.release([VIP]);
    expect(taken()).toEqual(['address del 10.0.0.10/24 dev eth0']);
  });
});

describe('the batch', () => {
  it('names the command that failed', () => {
    void keeper.hold([VIP], null, () => {});
    const stream = commands.streams.at(-1);
    stream?.events.errorLine('RTNETLINK answers: Permission denied');
    stream?.events.errorLine('Command failed -:1');
    expect(failures).toEqual([['address replace 10.0.0.10/24 dev eth0', 'RTNETLINK answers: Permission denied']]);
  });

  it('starts again when it dies', async () => {
    commands.streams.at(-1)?.events.exit('signal SIGKILL');
    expect(commands.streams.length).toBe(2);
    await time.advance(100);
    expect(commands.streams.length).toBe(3);
    void keeper.hold([VIP], null, () => {});
    expect(taken()).toEqual(['address replace 10.0.0.10/24 dev eth0']);
  });
});

describe('the network', () => {
  it('follows addresses and links', () => {
    expect(network.link('eth0')).toMatchObject({ up: true, running: true, addresses: [] });
    monitor(SEEN);
    expect(network.has('eth0', '10.0.0.10')).toBe(true);
    monitor(
      String.raw`2: eth0: <NO-CARRIER,BROADCAST,UP> mtu 1500 \    link/ether 02:77:00:00:00:01 brd ff:ff:ff:ff:ff:ff`,
    );
    expect(network.link('eth0')).toMatchObject({ up: true, running: false, mac: '02:77:00:00:00:01' });
    expect(network.has('eth0', '10.0.0.10')).toBe(true);
    monitor(`Deleted ${SEEN}`);
    expect(network.has('eth0', '10.0.0.10')).toBe(false);
  });

  it('finds what it missed while the monitor was dead', async () => {
    monitor(SEEN);
    const gone: string[] = [];
    network.onChange((change) => {
      if (change.gone) gone.push(change.kind);
    });
    commands.streams[0]?.events.exit('signal SIGKILL');
    await time.advance(100);
    expect(gone).toEqual(['address']);
    expect(network.has('eth0', '10.0.0.10')).toBe(false);
  });
});
