/**
 * Tandem and FRR's vrrpd, another make of router: three virtual routers side by side, one of every kind that FRR has. FRR is
 * always on lb1, Tandem on lb2; the client asks all three addresses at once.
 *
 *   51   version 2, 1 s           52   version 3, 0.2 s           52 over IPv6   version 3, 0.2 s
 *
 * FRR announces an IPv6 address an interval before its first advert and then never again: a client that hears the old master
 * in between would stay there. With the virtual MAC on both boxes, as FRR has it always, that does not matter.
 *
 * FRR's box goes on answering after vrrpd was killed, as nobody takes its addresses: what counts then is whom the client hears.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeAsRoot } from '../support/peers.ts';
import { FrrBox, type FrrRouter } from './pair/frr-box.ts';
import { PairLab, type ProbeResult } from './pair/pair-lab.ts';

const TWO: FrrRouter = { vrid: 51, version: 2, intervalMs: 1000, address: '10.77.0.100/24' };
const THREE: FrrRouter = { vrid: 52, version: 3, intervalMs: 200, address: '10.77.0.103/24' };
const SIX: FrrRouter = { vrid: 52, version: 3, intervalMs: 200, address: 'fd77::100/64' };
const ROUTERS = [TWO, THREE, SIX];
/** Two cores are shared with whoever else tests. */
const HICCUP_MS = 100;
/** Looking at all addresses on both boxes takes its time, too. */
const LOOKING_MS = 300;
const LEASE_MS = 4000;

type Owner = 'frr' | 'tandem';

const ipOf = ({ address }: FrrRouter) => address.split('/')[0] ?? '';
const skewMs = ({ version, intervalMs }: FrrRouter, priority: number) =>
  ((256 - priority) / 256) * (version === 2 ? 1000 : intervalMs);
const downMs = (router: FrrRouter, priority: number) => 3 * router.intervalMs + skewMs(router, priority);

function tandemText(routers: readonly FrrRouter[], priority: number, lines = ''): string {
  const instance = (router: FrrRouter) => `vrrp_instance VI_${router.vrid}_${router.address.includes(':') ? 6 : 4} {
  interface eth0
  version ${router.version}
  virtual_router_id ${router.vrid}
  priority ${priority}
  advert_int ${router.intervalMs / 1000}
  ${router === SIX ? 'use_vmac' : lines}
  virtual_ipaddress {
    ${router.address}
  }
}
`;
  return routers.map(instance).join('');
}

describeAsRoot('a pair of FRR and Tandem', () => {
  const lab = new PairLab();
  const frr = new FrrBox(lab, 'lb1');

  beforeAll(async () => {
    await lab.up();
    // FRR's master is an IPv6 router, too: nobody here shall get a further address by that.
    for (const box of ['lb2', 'client'] as const) lab.run(box, 'sysctl', '-qw', 'net.ipv6.conf.eth0.accept_ra=0');
    await frr.prepare(ROUTERS);
  });
  afterEach(async () => {
    await lab.clear();
    await frr.stop();
  });
  afterAll(() => lab.down());

  const startTandem = (priority: number, routers: readonly FrrRouter[] = ROUTERS, lines = '') =>
    lab.start('lb2', 'tandem', tandemText(routers, priority, lines));

  const holds = (owner: Owner, router: FrrRouter) =>
    owner === 'frr' ? frr.holds(router) : lab.has('lb2', ipOf(router));

  /** Exactly that one answers for all of them. */
  const owned = async (owner: Owner, withinMs: number, routers: readonly FrrRouter[] = ROUTERS): Promise<void> => {
    const other = owner === 'frr' ? 'tandem' : 'frr';
    const alone = (router: FrrRouter) => holds(owner, router) && !holds(other, router);
    await lab.eventually(`${owner} alone has every address`, () => routers.every(alone), withinMs);
  };

  /** How long after now that one has each of them, in the order of ROUTERS. */
  const taken = async (owner: Owner, withinMs: number): Promise<number[]> => {
    const started = performance.now();
    const atMs = ROUTERS.map(() => Number.NaN);
    const look = (): boolean => {
      ROUTERS.forEach((router, i) => {
        if (Number.isNaN(atMs[i]) && holds(owner, router)) atMs[i] = performance.now() - started;
      });
      return !atMs.some(Number.isNaN);
    };
    await lab.eventually(`${owner} takes over`, look, withinMs);
    return atMs;
  };

  const expectTimes = (atMs: readonly number[], least: (router: FrrRouter) => number, most: typeof least): void => {
    const said = `taken over after ${atMs.map(Math.round).join(', ')} ms`;
    ROUTERS.forEach((router, i) => {
      expect(atMs[i], said).toBeGreaterThan(least(router));
      expect(atMs[i], said).toBeLessThan(most(router) + LOOKING_MS);
    });
  };

  /** The client asks for all addresses at once; it happens when all are being asked for. */
  const probe = async (seconds: number, action: () => unknown): Promise<ProbeResult[]> => {
    let probing = 0;
    const act = async (): Promise<void> => {
      probing++;
      if (probing === ROUTERS.length) await action();
    };
    return await Promise.all(ROUTERS.map((one) => lab.probe(seconds, act, ipOf(one))));
  };
  const names = (results: readonly ProbeResult[]) => results.map((result) => result.names);
  const outages = (results: readonly ProbeResult[]) => results.map(({ longestMs }) => longestMs);
  /** With the virtual MAC a last answer may draw the switch back; the next advert ends that. */
  const expectHandOver = (results: readonly ProbeResult[]): void => {
    ROUTERS.forEach((router, i) => {
      expect(outages(results)[i]).toBeLessThan(HICCUP_MS + (router === SIX ? router.intervalMs : 0));
    });
  };
  const allOf = <T>(value: T) => ROUTERS.map(() => value);

  /** Every message was taken on both sides; routers of FRR complain of those of other versions that are not for them. */
  const expectNoRefusals = (): void => {
    expect(frr.complaints.filter((line) => !line.includes('Bad version'))).toEqual([]);
    expect(lab.output('lb2')).not.toMatch(/ignored an advert|pseudo-header|both will be masters|other addresses/);
  };

  it('Tandem is master: FRR takes over when it leaves or is killed, and yields when it is back', async () => {
    await startTandem(150);
    await frr.start(ROUTERS, 100);
    await owned('tandem', 6000);
    const left = await probe(2.5, () => lab.signal('lb2', 'SIGTERM'));
    expect(names(left)).toEqual(allOf(['lb2', 'lb1']));
    expectHandOver(left);
    await owned('frr', 500);

    const back = await probe(6, () => startTandem(150));
    expect(names(back)).toEqual(allOf(['lb1', 'lb2']));
    expectHandOver(back);
    await owned('tandem', 500);
    expectNoRefusals();
    expect(ROUTERS.map((router) => frr.states(router))).toEqual(allOf(['Backup', 'Master', 'Backup']));

    let atMs: number[] = [];
    const died = await probe(5.5, async () => {
      lab.signal('lb2', 'SIGKILL');
      atMs = await taken('frr', LEASE_MS);
    });
    expectTimes(
      atMs,
      (router) => downMs(router, 100) - router.intervalMs - HICCUP_MS,
      (router) => downMs(router, 100),
    );
    expect(names(died)).toEqual(allOf(['lb2', 'lb1']));
    ROUTERS.forEach((router, i) => {
      expect(outages(died)[i]).toBeLessThan(downMs(router, 100) + HICCUP_MS);
    });
    await owned('frr', LEASE_MS);
  });

  it('FRR is master: Tandem takes over when it leaves or is killed, and yields when it is back', async () => {
    await frr.start(ROUTERS, 150);
    await startTandem(100);
    await owned('frr', 6000);
    let atMs: number[] = [];
    const left = await probe(2.5, async () => {
      frr.signal('SIGTERM');
      atMs = await taken('tandem', 2000);
    });
    expectTimes(
      atMs,
      (router) => skewMs(router, 100),
      (router) => skewMs(router, 100),
    );
    expect(names(left)).toEqual(allOf(['lb1', 'lb2']));
    await owned('tandem', 500);

    const back = await probe(6, () => frr.start(ROUTERS, 150));
    expect(names(back)).toEqual(allOf(['lb2', 'lb1']));
    expectHandOver(back);
    await owned('frr', 500);
    expectNoRefusals();
    expect(ROUTERS.map((router) => frr.states(router))).toEqual(allOf(['Backup', 'Master']));

    const died = await probe(5.5, async () => {
      frr.signal('SIGKILL');
      atMs = await taken('tandem', 5000);
    });
    expectTimes(
      atMs,
      (router) => downMs(router, 100) - router.intervalMs - HICCUP_MS,
      (router) => downMs(router, 100),
    );
    expect(names(died)).toEqual(allOf(['lb1', 'lb2']));
    expect(died.map(({ unanswered }) => unanswered)).toEqual(allOf(0));
  });

  it('equal priorities: who is there stays; of two masters the greater address stays', async () => {
    await frr.start([THREE], 100);
    await startTandem(100, [THREE]);
    await owned('frr', 2000, [THREE]);
    await sleep(1000);
    await owned('frr', 100, [THREE]);
    lab.part('lb2');
    await lab.eventually('both are masters', () => frr.holds(THREE) && lab.has('lb2', ipOf(THREE)), 2000);
    lab.heal('lb2');
    await owned('tandem', 1000, [THREE]);
    await sleep(800);
    await owned('tandem', 100, [THREE]);
  });

  it('use_vmac: the hardware address is FRR’s as well, and clients keep it', async () => {
    await startTandem(150, [THREE], 'use_vmac');
    await frr.start([THREE], 100);
    const neighbour = () => lab.run('client', 'ip', 'neigh', 'show', ipOf(THREE));
    await owned('tandem', 2000, [THREE]);
    const left = await lab.probe(1.5, () => lab.signal('lb2', 'SIGTERM'), ipOf(THREE));
    expect([left.names, left.longestMs < HICCUP_MS]).toEqual([['lb2', 'lb1'], true]);
    expect(neighbour()).toContain('00:00:5e:00:01:34');
    await startTandem(50, [THREE], 'use_vmac');
    await sleep(1000);
    expect(lab.output('lb2')).not.toContain('MASTER');
  });

  it('without pseudo-header FRR does not hear us: the form of the sum matters', async () => {
    await frr.start([THREE], 100);
    await startTandem(150, [THREE], 'v3_checksum_as_v2');
    await lab.eventually('FRR refuses', () => frr.complaints.some((line) => line.includes('Bad VRRP checksum')), 3000);
    await lab.eventually('both are masters', () => frr.holds(THREE) && lab.has('lb2', ipOf(THREE)), 2000);
  });

  it('the other version on either side: two masters, and Tandem says so once for each', async () => {
    await frr.start([TWO, THREE], 150);
    await startTandem(100, [
      { ...TWO, version: 3 },
      { ...THREE, version: 2, intervalMs: 1000 },
    ]);
    const alarms = () =>
      lab
        .output('lb2')
        .split('\n')
        .flatMap(
          (line) => /\((VI_\w+)\) 10\.77\.0\.1 speaks VRRP version (\d), we version (\d)/.exec(line)?.slice(1, 4) ?? [],
        );
    await lab.eventually('both are masters', () => [TWO, THREE].every((router) => lab.has('lb2', ipOf(router))), 6000);
    expect([frr.holds(TWO), frr.holds(THREE)]).toEqual([true, true]);
    await sleep(300);
    expect(alarms().sort()).toEqual(['VI_51_4', '2', '3', 'VI_52_4', '3', '2'].sort());
  });
}, ['netns', 'ip', 'vrrpd']);
