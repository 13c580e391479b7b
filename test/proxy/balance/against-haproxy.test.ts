/** The same requests through a real haproxy and through our algorithms must reach the same servers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STATE_MAINT, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { describeWithPeer } from '../../support/peers.ts';
import { type Algorithm, Dice, TestBackend, type TestServer } from './backend.ts';
import { HaproxyPeer, type Held, type PeerBackend } from './haproxy-peer.ts';

const ALGORITHMS: readonly Algorithm[] = ['roundrobin', 'static-rr', 'leastconn', 'first'];
const dice = new Dice(20261120);

function randomServers(maxconn: boolean): TestServer[] {
  return Array.from({ length: 2 + dice.roll(9) }, () => ({
    weight: 1 + dice.roll(dice.roll(2) === 0 ? 4 : 256),
    ...(maxconn && dice.roll(3) > 0 ? { maxconn: 1 + dice.roll(3) } : {}),
  }));
}

interface Case extends PeerBackend {
  readonly number: number;
  readonly title: string;
}

const cases: Case[] = [];
function addCase(title: string, backend: PeerBackend): void {
  const weights = backend.servers.map(
    ({ weight, maxconn }) => `${weight}${maxconn === undefined ? '' : `/${maxconn}`}`,
  );
  cases.push({ ...backend, number: cases.length, title: `${title} ${backend.algorithm} ${weights.join(' ')}` });
}
for (const algorithm of ALGORITHMS) {
  for (let i = 0; i < 3; i++) addCase('requests', { algorithm, servers: randomServers(false) });
  for (let i = 0; i < 3; i++) addCase('changes', { algorithm, servers: randomServers(false) });
  for (let i = 0; i < 3; i++) addCase('held', { algorithm, servers: randomServers(true) });
  // Small weights: the windows of the weighted round robin end often, also while a server is full.
  addCase('held', { algorithm, servers: [{ weight: 1, maxconn: 1 }, { weight: 2, maxconn: 2 }, { weight: 1 }] });
  const backups = Array.from({ length: 6 }, (_, i) => ({ weight: 1 + dice.roll(5), backup: i > 2 }));
  addCase('changes', { algorithm, servers: backups, allBackups: true });
}
addCase('shrinking', { algorithm: 'roundrobin', servers: [{ weight: 256 }, { weight: 256 }, { weight: 256 }] });

describeWithPeer('haproxy', 'balance algorithms like haproxy', () => {
  const peer = new HaproxyPeer();
  beforeAll(() => peer.start(cases));
  afterAll(() => peer.stop());

  const of = (title: string) => cases.filter((one) => one.title.startsWith(title));

  it.each(of('requests'))('$title', async ({ number, algorithm, servers }) => {
    const ours = new TestBackend(algorithm, servers);
    const requests = algorithm === 'leastconn' ? 100 : 500;
    expect(ours.sequence(requests)).toEqual(await peer.sequence(number, requests, algorithm === 'leastconn'));
  });

  it.each(of('changes'))('$title', async ({ number, algorithm, servers, allBackups }) => {
    const ours = new TestBackend(algorithm, servers, allBackups, true);
    const settle = algorithm === 'leastconn';
    const down = new Set<number>();
    for (let round = 0; round < (settle ? 12 : 60); round++) {
      const requests = 1 + dice.roll(20);
      expect(ours.sequence(requests), `round ${round}`).toEqual(await peer.sequence(number, requests, settle));
      const i = dice.roll(servers.length);
      if (algorithm !== 'static-rr' && dice.roll(2) === 0) {
        const weight = dice.roll(5) === 0 ? 0 : 1 + dice.roll(256);
        expect(await peer.command(`set weight b${number}/s${i} ${weight}`)).toBe('');
        ours.setWeight(i, weight);
        if (weight === 0) {
          // Back at once: a backend of zeros would refuse the next round.
          expect(await peer.command(`set weight b${number}/s${i} ${weight + 1}`)).toBe('');
          ours.setWeight(i, weight + 1);
        }
        continue;
      }
      if (down.delete(i)) {
        expect(await peer.command(`enable server b${number}/s${i}`)).toBe('');
        ours.setState(i, STATE_UP);
      } else if (down.size + 1 < servers.length) {
        down.add(i);
        expect(await peer.command(`disable server b${number}/s${i}`)).toBe('');
        ours.setState(i, STATE_MAINT);
      }
    }
  });

  it.each(of('shrinking'))('$title, a server coming back after the end of the window', async ({ number, servers }) => {
    const ours = new TestBackend('roundrobin', servers, false, true);
    const same = async (requests: number) => {
      expect(ours.sequence(requests)).toEqual(await peer.sequence(number, requests, false));
    };
    await same(100);
    await peer.command(`disable server b${number}/s2`);
    ours.setState(2, STATE_MAINT);
    for (const i of [0, 1, 2]) {
      await peer.command(`set weight b${number}/s${i} 1`);
      ours.setWeight(i, 1);
    }
    await same(10);
    await peer.command(`enable server b${number}/s2`);
    ours.setState(2, STATE_UP);
    await same(300);
  });

  it.each(of('held'))('$title', async ({ number, algorithm, servers }) => {
    const ours = new TestBackend(algorithm, servers, false, true);
    const open: Held[] = [];
    for (let step = 0; step < 150; step++) {
      if (open.length > 0 && dice.roll(5) < 2) {
        const [held] = open.splice(dice.roll(open.length), 1);
        if (held === undefined) continue;
        await held.close();
        ours.release(held.server);
        continue;
      }
      const full = servers.every(({ maxconn }, i) => maxconn !== undefined && ours.sessions(i) >= maxconn);
      // A pick that ends in the queue moves the order too; this test has no queue.
      if (full) continue;
      const picked = ours.pick();
      const held = await peer.hold(number);
      expect(picked, `step ${step}`).toBe(held.server);
      ours.take(picked);
      open.push(held);
    }
    for (const held of open) await held.close();
  });
});
