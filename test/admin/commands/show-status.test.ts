/** Both halves at a glance. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../../src/admin/status.ts';
import { AdminScene } from '../../support/admin-scene.ts';
import { FakePair } from '../../support/fake-pair.ts';

const KEEPALIVED = `
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 110
  virtual_ipaddress { 10.77.0.100/24 }
}
`;

let scene: AdminScene;
let box: FakePair;
beforeEach(async () => {
  scene = new AdminScene('level admin', 'node lb1');
  box = new FakePair();
  await box.start(KEEPALIVED);
  scene.side.pair = box.pair;
});
afterEach(async () => {
  await box.pair.stop(false);
  scene.close();
});

const timeless = (text: string) => text.replace(/\b\d\d:\d\d:\d\d\b/g, 'hh:mm:ss').replace(/Tandem \S+,/, 'Tandem V,');

describe('show status', () => {
  it('shows what is well in its place', async () => {
    await box.time.advance(10_000);
    await scene.side.time.advance(10_000);
    expect(timeless(await scene.ask('show status'))).toMatchInlineSnapshot(`
      "lb1  ok  Tandem V, up 10s
      0 of 1.0k connections, 0/s new, 0B/s out, 2 threads on epoll, 100 % idle

      PAIR
        VI_1  MASTER  10.77.0.100/24  priority 110  for 6.4s  this box has it

      FRONTENDS
                   conns  limit  new/s  req/s  in  out  4xx  5xx
        web  OPEN      0   1.0k      0      0  0B   0B    0    0
        tcp  OPEN      0   1.0k      0      -  0B   0B    -    -

      BACKENDS
                     weight  conns  queue  req/s  time  5xx
        app   UP         10      0      0      0  0 ms    0  2 of 3 servers
          s1  UP         10      0      0      0  0 ms    0
          s2  UP          1      0      0      0  0 ms    0  backup
          s3  MAINT       1      0      0      0  0 ms    0  for 10s
        tcp   UP          1      0      0      0  0 ms    -  1 of 1 servers
          t1  UP          1      0      0      0  0 ms    -

      "
    `);
  });

  it('begins with what is wrong', async () => {
    await box.time.advance(10_000);
    box.link(false);
    scene.side.board.setHealth(0, 'down');
    scene.side.board.setAdmin(1, 'drain');
    scene.side.chronicle.noteReload(false, 'a.cfg:3:1: error: no such \x1b[31mthing');
    expect(timeless(await scene.ask('show status'))).toMatchInlineSnapshot(`
      "lb1  FAILED  Tandem V, up 0.0s
      0 of 1.0k connections, 0/s new, 0B/s out, 2 threads on epoll, 100 % idle
      ! VI_1 is in FAULT: interface eth0 is down
      ! backend app has no server: s1 is DOWN, s2 is DRAIN, s3 is MAINT
      ! the last reload was refused, what ran before goes on: a.cfg:3:1: error: no such ?[31mthing

      PAIR
        VI_1  FAULT  10.77.0.100/24  priority 110  for 0.0s  this box does not hear who has it
          interface eth0 is down

      FRONTENDS
                   conns  limit  new/s  req/s  in  out  4xx  5xx
        web  OPEN      0   1.0k      0      0  0B   0B    0    0
        tcp  OPEN      0   1.0k      0      -  0B   0B    -    -

      BACKENDS
                     weight  conns  queue  req/s  time  5xx
        app   DOWN        0      0      0      0  0 ms    0  0 of 3 servers
          s1  DOWN       10      0      0      0  0 ms    0  for 0.0s
          s2  DRAIN       1      0      0      0  0 ms    0  backup, for 0.0s
          s3  MAINT       1      0      0      0  0 ms    0  for 0.0s
        tcp   UP          1      0      0      0  0 ms    -  1 of 1 servers
          t1  UP          1      0      0      0  0 ms    -

      LAST CHANGES
        hh:mm:ss  configuration  refused  a.cfg:3:1: error: no such ?[31mthing
        hh:mm:ss  app            DOWN     no server is left
        hh:mm:ss  app/s2         DRAIN    enters drain state
        hh:mm:ss  app/s1         DOWN     is DOWN, changed from CLI

      "
    `);
  });

  it('is one line of JSON when asked so', async () => {
    const answer = await scene.ask('show status json');
    expect(answer.endsWith('}\n\n')).toBe(true);
    const status = JSON.parse(answer) as Status;
    expect([status.node, status.health, status.pair?.instances[0]?.name]).toEqual(['lb1', 'ok', 'VI_1']);
    expect(await scene.ask('show status xml')).toBe("'show status' takes nothing, or json.\n\n");
  });
});
