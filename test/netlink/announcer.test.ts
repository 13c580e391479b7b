import { describe, expect, it } from 'vitest';
import { type AnnounceRules, Announcer, type AnnounceTarget, SPREAD } from '../../src/netlink/announcer.ts';
import { FakeTime } from '../support/fake-time.ts';

const RULES: AnnounceRules = {
  master: SPREAD,
  lowerPriority: SPREAD,
  refreshMs: 0,
  refreshRepeat: 1,
  garpIntervalMs: 0,
  gnaIntervalMs: 0,
};
const V4: AnnounceTarget = { family: 4, ip: '10.0.0.10', device: 'eth0', mac: '02:00:00:00:00:01' };
const V6: AnnounceTarget = { ...V4, family: 6, ip: 'fd00::10' };

function announcer(rules: Partial<AnnounceRules> = {}) {
  const time = new FakeTime();
  const sent: [number, string][] = [];
  const said: string[] = [];
  let trouble: string | null = null;
  const forwarding = new Set<string>();
  const one = new Announcer({
    rules: { ...RULES, ...rules },
    clock: time,
    timers: time,
    say: (text) => said.push(text),
    forwards: (device) => forwarding.has(device),
    send: (device, frame) => {
      const na = frame[58] === 0xa0 ? 'na of a router' : 'na';
      const kind = frame[12] === 0x86 ? na : frame[21] === 1 ? 'request' : 'reply';
      sent.push([time.monotonicMs(), `${device} ${kind}`]);
      return trouble;
    },
  });
  return { one, time, sent, said, forwarding, fail: (text: string | null) => (trouble = text) };
}

const timesOf = (sent: readonly [number, string][], kind: string) =>
  sent.filter(([, what]) => what === `eth0 ${kind}`).map(([at]) => at);

describe('announcing', () => {
  it('spreads requests and replies over time', async () => {
    const { one, time, sent } = announcer();
    one.announce([V4, V6], 'master');
    await time.advance(60_000);
    for (const kind of ['request', 'reply', 'na']) expect(timesOf(sent, kind)).toEqual([0, 100, 500, 1000, 2000, 5000]);
  });

  it('in volleys with distances, as garp_* keywords say', async () => {
    const { one, time, sent } = announcer({ master: { atMs: [0, 5000], repeat: 3 }, garpIntervalMs: 10 });
    one.announce([V4], 'master');
    await time.advance(60_000);
    expect(timesOf(sent, 'request')).toEqual([0, 10, 20, 5000, 5010, 5020]);
  });

  it('again and again, if wanted', async () => {
    const { one, time, sent } = announcer({ refreshMs: 10_000 });
    one.announce([V4], 'master');
    await time.advance(30_000);
    expect(timesOf(sent, 'request').slice(6)).toEqual([10_000, 20_000, 30_000]);
  });

  it('says of IPv6 whether the box is a router now, not when it began', async () => {
    const { one, time, sent, forwarding } = announcer({ refreshMs: 10_000 });
    one.announce([V4, V6], 'master');
    await time.advance(4000);
    forwarding.add('eth0');
    await time.advance(6000);
    expect([timesOf(sent, 'na'), timesOf(sent, 'na of a router')]).toEqual([
      [0, 100, 500, 1000, 2000],
      [5000, 10_000],
    ]);
  });

  it('stops', async () => {
    const { one, time, sent } = announcer({ refreshMs: 1000 });
    one.announce([V4], 'master');
    one.stop();
    await time.advance(60_000);
    expect(timesOf(sent, 'request')).toEqual([0]);
    expect(time.due).toEqual([]);
  });

  it('a foreign master that goes on talking is answered each time, but no series starts over', async () => {
    const { one, time, sent } = announcer();
    one.announce([V4], 'master');
    for (let i = 0; i < 5; i++) {
      await time.advance(10);
      one.announce([V4], 'lowerPriority');
    }
    expect(timesOf(sent, 'request')).toEqual([0, 10, 20, 30, 40, 50]);
    await time.advance(60_000);
    expect(timesOf(sent, 'request').slice(6)).toEqual([100, 500, 1000, 2000, 5000]);
  });

  it('says once what is wrong', async () => {
    const { one, time, said, fail } = announcer();
    fail('eth0: Network is down');
    one.announce([V4], 'master');
    await time.advance(60_000);
    expect(said).toEqual(['cannot announce 10.0.0.10: eth0: Network is down']);
  });
});
