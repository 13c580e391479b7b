/** Virtual servers beside virtual routers: who comes first at the start, at the end and in a reload. */
import { beforeEach, describe, expect, it } from 'vitest';
import { statusLine } from '../../src/daemon/service-status.ts';
import { FakePair } from '../support/fake-pair.ts';
import { settle } from '../support/fake-time.ts';

const VRRP = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 255
  virtual_ipaddress {
    10.77.0.100/24
  }
}
`;
const web = (lines = '') => `virtual_server 10.77.0.100 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  ${lines}
  real_server 10.0.0.71 80 {
    TCP_CHECK {
    }
  }
}
`;
const WEB = web();
const RULES = '10_77_0_100_tcp_80:10.0.0.71*1';
const REPLACE = 'address replace 10.77.0.100/24 dev eth0 valid_lft 3 preferred_lft 3';
const DELETE = 'address del 10.77.0.100/24 dev eth0';

let box: FakePair;
/** What was asked of the kernel's tables and of its addresses, in that order. */
let order: string[];

beforeEach(() => {
  box = new FakePair();
  order = [];
  const { asked } = box.layer4.kernel;
  asked.push = (...items) => order.push(...items);
  const stream = box.commands.stream.bind(box.commands);
  box.commands.stream = (argv, events) => {
    const real = stream(argv, events);
    const isBatch = argv.includes('-batch');
    return {
      ...real,
      write: (text) => {
        if (isBatch) order.push(...text.split('\n').filter((line) => line !== ''));
        real.write(text);
      },
    };
  };
});

describe('the start', () => {
  it('rules are there before the first instance takes an address, even the owner’s', async () => {
    expect(await box.start(VRRP + WEB)).toEqual([]);
    await settle();
    expect(order).toEqual([`start ${RULES}`, REPLACE]);
  });

  it('virtual servers alone', async () => {
    expect(await box.start(WEB)).toEqual([]);
    expect([order, box.sockets]).toEqual([[`start ${RULES}`], []]);
    expect(box.pair.status().virtualServers.map(({ name }) => name)).toEqual(['[10.77.0.100]:tcp:80']);
  });

  it('without any: nft is not asked, and no table is opened', async () => {
    await box.start(VRRP);
    await box.reload(VRRP.replace('255', '254'));
    await box.pair.stop(false);
    expect([box.layer4.opened, box.commands.runs.filter(({ argv }) => argv[0] === 'nft')]).toEqual([0, []]);
  });

  it('without any, after a program that was killed: its rules go', async () => {
    box.layer4.hasRules = true;
    await box.start(VRRP);
    await settle();
    expect([order, box.layer4.hasRules]).toEqual([['start nothing', 'stop', REPLACE], false]);
  });

  it('without nft: nothing is started, and what to install is said', async () => {
    const { answer } = box.commands;
    box.commands.answer = (argv) =>
      argv[0] === 'nft' ? { exitCode: null, how: 'spawn nft ENOENT' } : (answer?.(argv) ?? {});
    const [message = ''] = await box.start(VRRP + WEB);
    expect(message).toContain('package nftables');
    await settle();
    expect([order, box.sockets, box.layer4.opened]).toEqual([[], [], 0]);
  });

  it('what the kernel refuses ends it: no address', async () => {
    box.layer4.kernel.missing = ['nothing to be had'];
    expect(await box.start(VRRP + WEB)).toEqual(['nothing to be had']);
    await box.time.advance(10_000);
    expect(order).toEqual([`start ${RULES}`]);
    expect(box.sockets.every(({ closed }) => closed)).toBe(true);
  });
});

describe('the end', () => {
  async function begun(text: string): Promise<void> {
    await box.start(text);
    await settle();
    box.address('10.77.0.100');
    order.length = 0;
  }

  it('addresses leave, then the rules', async () => {
    await begun(VRRP + WEB);
    expect(box.layer4.hasRules).toBe(true);
    await box.pair.stop(false);
    expect([order, box.layer4.hasRules]).toEqual([[DELETE, 'stop'], false]);
  });

  it('a hand-over: the master serves on until its successor is heard', async () => {
    await begun(VRRP.replace('255', '100') + WEB);
    await box.time.advance(4000);
    box.address('10.77.0.100');
    order.length = 0;
    const stopped = box.pair.stop(true);
    await box.time.advance(100);
    expect(order.filter((line) => line !== REPLACE)).toEqual([]);
    box.hear({ priority: 50 });
    await box.time.advance(5000);
    await stopped;
    expect(order.filter((line) => line !== REPLACE)).toEqual([DELETE, 'stop']);
  });

  it('told to keep them: they stay', async () => {
    await begun(`tandem {\n virtual_servers_at_stop keep\n}\n${VRRP}${WEB}`);
    await box.pair.stop(false);
    expect([order, box.layer4.hasRules]).toEqual([[DELETE, 'stop keeping'], true]);
  });

  it('addresses that stay (-V): rules go', async () => {
    await begun(VRRP + WEB);
    await box.pair.abandon();
    expect(order.filter((line) => !line.startsWith('address'))).toEqual(['stop']);
    expect(order).not.toContain(DELETE);
  });

  it('notifiers of omega run before it is over', async () => {
    await begun(web('omega\n quorum_down "/bin/gone"'));
    await box.pair.stop(false);
    expect(box.commands.runs.map(({ argv }) => argv.join(' '))).toContain('/bin/gone');
  });
});

describe('a reload', () => {
  it('virtual servers come, change and go', async () => {
    await box.start(VRRP);
    expect(await box.reload(VRRP + WEB)).toEqual([]);
    expect(await box.reload(VRRP + web('persistence_timeout 60'))).toEqual([]);
    expect(box.layer4.kernel.services[0]?.persistence?.timeoutS).toBe(60);
    expect(await box.reload(VRRP)).toEqual([]);
    expect(order.filter((line) => !line.startsWith('address'))).toEqual([`start ${RULES}`, `follow ${RULES}`, 'stop']);
    expect(box.pair.status().virtualServers).toEqual([]);
  });

  it('that takes out the last one runs its notifiers, without omega, too', async () => {
    await box.start(VRRP + web('quorum_down "/bin/gone"'));
    await box.reload(VRRP);
    await settle();
    expect(box.commands.runs.map(({ argv }) => argv.join(' '))).toContain('/bin/gone');
  });

  it('that needs what is not there changes nothing', async () => {
    await box.start(VRRP);
    const { answer } = box.commands;
    box.commands.answer = (argv) =>
      argv[0] === 'nft' ? { exitCode: null, how: 'spawn nft ENOENT' } : (answer?.(argv) ?? {});
    const [message = ''] = await box.reload(VRRP.replace('255', '254') + WEB);
    expect(message).toContain('package nftables');
    expect([box.layer4.opened, box.pair.instances[0]?.model.priority]).toEqual([0, 255]);
  });

  it('asks the kernel again for what it was not asked for yet', async () => {
    await box.start(VRRP + WEB);
    const { answer } = box.commands;
    box.commands.answer = (argv) => (argv[0] === 'nft' && argv[1] === '-c' ? { exitCode: 1 } : (answer?.(argv) ?? {}));
    expect(await box.reload(VRRP + web('persistence_timeout 60'))).toEqual([]);
    expect(await box.reload(VRRP + WEB.replace('lb_kind NAT', 'lb_kind DR'))).toHaveLength(1);
    expect(box.layer4.kernel.services[0]?.destinations[0]?.forwarding).toBe('NAT');
  });

  it('a kernel that takes its time keeps nobody from speaking', async () => {
    await box.start(VRRP + WEB);
    await settle();
    box.sent = [];
    let done = (): void => {};
    box.layer4.kernel.busy = new Promise((resolve) => {
      done = resolve;
    });
    const reloaded = box.reload(VRRP.replace('priority 255', 'priority 255\n  garp_master_delay 1') + web('omega'));
    await box.time.advance(3000);
    expect(box.sent).toEqual(['255@1000', '255@2000', '255@3000']);
    done();
    expect(await reloaded).toEqual([]);
    await box.time.advance(1000);
    expect(box.sent.at(-1)).toBe('255@4000');
  });

  it('a check of a file that is new', async () => {
    await box.start(WEB);
    const file = 'track_file load {\n file /nowhere/load\n}\n';
    const check = 'FILE_CHECK {\n track_file load\n }';
    expect(await box.reload(file + WEB.replace(/TCP_CHECK[^}]*}/, check))).toEqual([]);
    expect(box.layer4.watched).toEqual([['load', 0]]);
  });

  it('an interface that is missing changes nothing of virtual servers either', async () => {
    await box.start(VRRP + WEB);
    order.length = 0;
    expect(await box.reload(VRRP.replace('eth0', 'eth7') + web('persistence_timeout 60'))).toHaveLength(1);
    expect([order, box.layer4.kernel.services[0]?.persistence]).toEqual([[], null]);
  });

  it('while it stops begins nothing', async () => {
    await box.start(VRRP + WEB);
    const stopped = box.pair.stop(false);
    await box.reload(VRRP + WEB + WEB.replace('80 {', '81 {'));
    await stopped;
    expect(box.layer4.kernel.services).toEqual([]);
  });
});

describe('what is told', () => {
  it('the chronicle has changes of servers', async () => {
    await box.start(WEB);
    box.layer4.checkOf('10.0.0.71').find(false);
    const events = box.chronicle.events.map(({ kind, subject, to }) => `${kind} ${subject} ${to}`);
    expect(events).toContain('real-server [10.77.0.100]:tcp:80/[10.0.0.71]:tcp:80 DOWN');
    expect(events).toContain('virtual-server [10.77.0.100]:tcp:80 DOWN');
    expect(statusLine(null, box.pair)).toBe('0 of 1 virtual servers up');
  });

  it('scripts of one virtual server do not wait for those of another', async () => {
    const { answer } = box.commands;
    box.commands.answer = null;
    const other = web('quorum_down "/bin/quick"').replace('100 80', '100 81').replace('10.0.0.71', '10.0.0.72');
    const started = box.start(web('quorum_down "/bin/slow"') + other);
    for (let ended = 0; ; ended++) {
      await settle();
      const run = box.commands.runs[ended];
      if (run === undefined) break;
      run.end(answer?.(run.argv) ?? {});
    }
    await started;
    box.layer4.checkOf('10.0.0.71').find(false);
    box.layer4.checkOf('10.0.0.72').find(false);
    await settle();
    const run = box.commands.runs.map(({ argv }) => argv.join(' '));
    expect(run).toContain('/bin/slow');
    expect(run).toContain('/bin/quick');
  });

  it('forwarding, where the file says so', async () => {
    await box.start(WEB);
    expect(box.layer4.forwarded).toEqual([]);
    await box.reload(`tandem {\n ip_forward on\n}\n${WEB}`);
    expect(box.layer4.forwarded).toEqual([4]);
    expect(box.said).toContain('ip_forward: this box forwards IPv4 from now on');
    await box.reload(
      `tandem {\n ip_forward on\n}\n${WEB}${WEB.replace('10.77.0.100', 'fd77::100').replace('10.0.0.71', 'fd77::71')}`,
    );
    expect(box.layer4.forwarded).toEqual([4, 4, 6]);
    expect(box.said.some((line) => line.includes('accept_ra is 2'))).toBe(true);
  });
});
