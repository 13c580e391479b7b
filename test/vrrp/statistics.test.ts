import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/vrrp/acceptance.ts';
import type { Phase } from '../../src/vrrp/election-types.ts';
import type { Advert } from '../../src/vrrp/packet.ts';
import { RouterStatistics } from '../../src/vrrp/statistics.ts';

const advert = (more: Partial<Advert> = {}): Advert => ({
  version: 2,
  vrid: 51,
  priority: 100,
  intervalCs: 100,
  addresses: [],
  authType: 0,
  authData: new Uint8Array(8),
  ...more,
});

/** What is not 0. */
function counted(statistics: RouterStatistics): Record<string, number> {
  return Object.fromEntries(Object.entries(statistics).filter(([name, count]) => name !== 'lateness' && count !== 0));
}

describe('an advert that was heard', () => {
  it.each<[Refusal | null, Partial<Advert>, Record<string, number>]>([
    [null, {}, { advertsReceived: 1 }],
    [null, { priority: 0 }, { advertsReceived: 1, priorityZeroReceived: 1 }],
    ['other-addresses', {}, { advertsReceived: 1, addressListErrors: 1 }],
    ['no-addresses', {}, { addressListErrors: 1 }],
    ['other-destination', {}, { addressListErrors: 1 }],
    ['too-short', {}, { lengthErrors: 1 }],
    ['bad-length', {}, { lengthErrors: 1 }],
    ['carp', {}, { lengthErrors: 1 }],
    ['bad-ttl', {}, { ttlErrors: 1 }],
    ['bad-type', {}, { invalidTypes: 1 }],
    ['other-interval', {}, { intervalErrors: 1 }],
    ['other-auth-type', { authType: 1 }, { authTypeMismatches: 1 }],
    ['other-auth-type', { authType: 7 }, { invalidAuthTypes: 1 }],
    ['wrong-password', {}, { authFailures: 1 }],
    ['other-vrid', { priority: 0 }, {}],
    ['own-source', {}, {}],
    ['bad-checksum', {}, {}],
  ])('%s %j', (refusal, more, counts) => {
    const statistics = new RouterStatistics();
    if (refusal === null) statistics.heard({ refusal, advert: advert(more), alarms: [] });
    else statistics.heard({ refusal, advert: advert(more), alarms: [] });
    expect(counted(statistics)).toEqual(counts);
  });
});

describe('a change of state', () => {
  it.each<[Phase, Phase, Record<string, number>]>([
    ['backup', 'master', { becameMaster: 1 }],
    ['master', 'backup', { releasedMaster: 1 }],
    ['master', 'fault', { releasedMaster: 1 }],
    ['master', 'leaving', {}],
    ['leaving', 'stopped', { releasedMaster: 1 }],
    ['init', 'backup', {}],
    ['backup', 'fault', {}],
  ])('%s to %s', (before, after, counts) => {
    const statistics = new RouterStatistics();
    statistics.moved(before, after);
    expect(counted(statistics)).toEqual(counts);
  });
});

it('what was sent, and beginning anew', () => {
  const statistics = new RouterStatistics();
  statistics.sent(100);
  statistics.sent(0);
  expect(counted(statistics)).toEqual({ advertsSent: 2, priorityZeroSent: 1 });
  statistics.clear();
  expect(counted(statistics)).toEqual({});
});
