/** The picture of this box's interfaces, as `ip` tells it. */
import { beforeEach, expect, it } from 'vitest';
import type { Change } from '../../src/netlink/monitor-line.ts';
import { Network } from '../../src/netlink/network.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime } from '../support/fake-time.ts';

let commands: FakeCommands;
let network: Network;
let heard: string[];

beforeEach(async () => {
  commands = new FakeCommands();
  const flags = ['UP', 'LOWER_UP'];
  const addresses = [{ family: 'inet', local: '10.0.0.2', prefixlen: 24 }];
  const eth1 = { ifindex: 3, ifname: 'eth1', flags, address: '02:00:00:00:00:03', addr_info: addresses };
  commands.answer = () => ({ stdout: JSON.stringify([{ ifindex: 1, ifname: 'lo', flags }, eth1]) });
  network = new Network(commands, new FakeTime(), () => {});
  await network.start();
  heard = [];
  network.onChange((change) => heard.push(said(change)));
});

function said(change: Change): string {
  const what = change.kind === 'link' ? change.name : `${change.ip} at ${change.device}`;
  return change.gone ? `${what} went` : what;
}

const line = (text: string): void => commands.streams.at(-1)?.events.line(text);
const names = (): readonly string[] => network.links.map(({ name }) => name);

it('an interface that gets another name is the same with its addresses, and the old name is nowhere', () => {
  line(
    '3: lan0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default \\    link/ether 02:00:00:00:00:03',
  );
  expect(names()).toEqual(['lo', 'lan0']);
  expect(network.has('lan0', '10.0.0.2')).toBe(true);
  expect(heard).toEqual(['10.0.0.2 at eth1 went', 'eth1 went', 'lan0', '10.0.0.2 at lan0']);
  line('Deleted 3: lan0: <BROADCAST> mtu 1500 qdisc noop state DOWN group default ');
  expect(names()).toEqual(['lo']);
});

it('another one that takes its name is another one', () => {
  line('Deleted 3: eth1: <BROADCAST> mtu 1500 qdisc noop state DOWN group default ');
  line(
    '9: eth1: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default \\    link/ether 02:00:00:00:00:09',
  );
  expect(network.link('eth1')).toMatchObject({ index: 9, mac: '02:00:00:00:00:09', addresses: [] });
});
