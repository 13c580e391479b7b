/** Sockets of a pair whose interface is made anew, and cannot be listened on at first. */
import { expect, it } from 'vitest';
import { FakePair } from '../support/fake-pair.ts';

const CONF = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress {
    10.77.0.100/24
  }
}
`;
const link = (index: number) =>
  `${index}: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 \\    link/ether 02:77:00:00:00:01 brd ff:ff:ff:ff:ff:ff`;

it('is tried again until it can be had; then it hears', async () => {
  const box = new FakePair();
  await box.start(CONF);
  box.refuse = 'raw socket: Too many open files';
  box.monitor(link(7));
  const open = () => box.sockets.filter(({ closed }) => !closed).length;
  expect([open(), box.said.at(-1)]).toEqual([0, '(VI_1) raw socket: Too many open files']);
  await box.time.advance(2000);
  expect(open()).toBe(0);
  box.refuse = null;
  await box.time.advance(1000);
  expect(open()).toBe(1);
  box.hear({ priority: 200 });
  await box.time.advance(3000);
  expect(box.pair.instances[0]?.phase).toBe('backup');
});

it('is not tried any more after the end', async () => {
  const box = new FakePair();
  await box.start(CONF);
  box.refuse = 'no';
  box.monitor(link(7));
  await box.pair.stop(false);
  box.refuse = null;
  await box.time.advance(5000);
  expect(box.sockets.filter(({ closed }) => !closed)).toEqual([]);
});
