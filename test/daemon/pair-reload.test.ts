/** What a SIGHUP changes beyond instances: what concerns the process, scripts' users, FIFOs, macvlans; and two at once. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakePair } from '../support/fake-pair.ts';
import { settle } from '../support/fake-time.ts';

const DOWN_MS = 3610;
const LINK = { flags: ['UP', 'LOWER_UP'] };
const DUMP = JSON.stringify([
  {
    ...LINK,
    ifindex: 2,
    ifname: 'eth0',
    address: '02:77:00:00:00:01',
    addr_info: [{ family: 'inet', local: '10.77.0.1', prefixlen: 24 }],
  },
  { ...LINK, ifindex: 3, ifname: 'vrrp.51', address: '00:00:5e:00:01:33', addr_info: [] },
]);

const conf = (globals: string, lines = '') => `global_defs {
  ${globals}
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  ${lines}
  virtual_ipaddress {
    10.77.0.100/24
  }
}
`;

let box: FakePair;
let folder: string;
beforeEach(() => {
  box = new FakePair();
  folder = mkdtempSync(join(tmpdir(), 'tandem-reload-'));
  box.commands.answer = (argv) => {
    const [program = '', ...rest] = argv;
    if (program === 'mkfifo') execFileSync(program, rest);
    return { stdout: DUMP };
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function becomeMaster(text: string): Promise<void> {
  expect(await box.start(text)).toEqual([]);
  await box.time.advance(DOWN_MS);
  expect(box.pair.instances[0]?.phase).toBe('master');
}

it('what concerns the process is told at the start and again', async () => {
  await box.start(conf('vrrp_priority -5\n enable_script_security'));
  await box.reload(conf('vrrp_rt_priority 50\n vrrp_no_swap'));
  const told = box.adopted.map(({ processPriority, realtimePriority, scriptSecurity, noSwap }) => {
    return [processPriority, realtimePriority, scriptSecurity, noSwap];
  });
  expect(told).toEqual([
    [-5, null, true, false],
    [null, 50, false, true],
  ]);
});

it('scripts run as the new script_user; a master stays master', async () => {
  await becomeMaster(conf('script_user root', 'notify /bin/told'));
  const sent = box.sent.length;
  await box.reload(conf('script_user nobody', 'notify /bin/told'));
  expect([box.pair.instances[0]?.phase, box.sent.length >= sent, box.sent.some((one) => one.startsWith('0@'))]).toEqual(
    ['master', true, false],
  );
  box.commands.runs.length = 0;
  box.hear({ priority: 200 });
  await settle();
  const run = box.commands.runs.find(({ argv }) => argv[0] === '/bin/told');
  expect([run?.argv.slice(1, 4), run?.options.uid]).toEqual([['INSTANCE', 'VI_1', 'BACKUP'], 65_534]);
});

it('what an unchanged instance asks of global_defs is what stands there now', async () => {
  await becomeMaster(conf(''));
  const unknown = () => box.said.filter((text) => text.startsWith('Unknown VRID(99)')).length;
  box.hear({ vrid: 99 });
  expect(unknown()).toBe(0);
  await box.reload(conf('log_unknown_vrids'));
  box.hear({ vrid: 99 });
  expect(unknown()).toBe(1);
});

it('FIFOs come and go; one that stays keeps its reader', async () => {
  const [stays, goes, comes] = ['stays', 'goes', 'comes'].map((name) => join(folder, name)) as [string, string, string];
  await becomeMaster(conf(`notify_fifo ${stays}\n vrrp_notify_fifo ${goes}`));
  const reader = openSync(stays, constants.O_RDONLY | constants.O_NONBLOCK);
  const read = () => {
    const buffer = Buffer.alloc(512);
    return buffer.toString('utf8', 0, readSync(reader, buffer));
  };
  expect(read()).toContain('INSTANCE "VI_1" MASTER 100\n');
  await box.reload(conf(`notify_fifo ${stays}\n vrrp_notify_fifo ${comes}`));
  expect([stays, goes, comes].map((path) => existsSync(path))).toEqual([true, false, true]);
  box.hear({ priority: 200 });
  expect(read()).toBe('INSTANCE "VI_1" BACKUP 100\n');
  closeSync(reader);
  await box.pair.stop(false);
  expect([stays, comes].map((path) => existsSync(path))).toEqual([false, false]);
});

it('a macvlan that nobody uses any more goes', async () => {
  await becomeMaster(conf('', 'use_vmac'));
  box.batch();
  await box.reload(conf(''));
  expect(box.batch()).toContain('link del vrrp.51');
  await box.pair.stop(false);
  expect(box.batch()).not.toContain('link del vrrp.51');
});

it('two at once: one after the other, the last one counts', async () => {
  await becomeMaster(conf(''));
  box.commands.answer = null;
  const slow = box.reload(conf(`notify_fifo ${join(folder, 'slow')}`, 'priority 120'));
  const quick = box.reload(conf('', 'priority 130'));
  await settle();
  box.commands.runs.find(({ argv }) => argv[0] === 'mkfifo')?.end({ exitCode: 1 });
  await Promise.all([slow, quick]);
  expect(box.pair.instances.map(({ priority, phase }) => [priority, phase])).toEqual([[130, 'master']]);
  expect(box.sockets.filter(({ closed }) => !closed)).toHaveLength(1);
});

it('an end in the middle of one leaves nothing', async () => {
  await becomeMaster(conf(''));
  const reload = box.reload(conf('', 'priority 120'));
  const stopped = box.pair.stop(false);
  await Promise.all([reload, stopped]);
  expect(box.sockets.filter(({ closed }) => !closed)).toEqual([]);
  expect(box.batch().at(-1)).toBe('address del 10.77.0.100/24 dev eth0');
});
