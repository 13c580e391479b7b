/** Counters of sets, as `nft -j list set` gives them. */
import { expect, it } from 'vitest';
import { parseTraffic } from '../../src/l4/traffic.ts';

function listing(name: string, ...elements: readonly unknown[]): string {
  return JSON.stringify({ nftables: [{ metainfo: {} }, { set: { name, elem: elements } }, { map: { name } }] });
}

function element(comment: string, packets: number, bytes: number): unknown {
  return { elem: { val: { concat: ['192.0.2.1', 'tcp'] }, comment, counter: { packets, bytes } } };
}

it('adds up what the places of a service say of a server', () => {
  const traffic = parseTraffic([
    listing('connections4', element('web/a', 2, 120), element('web/b', 1, 60)),
    listing('connections4_ranges', element('web/a', 3, 180)),
    listing('requests6', element('web/a', 10, 1000)),
    listing('vs_web_requests', element('web/b', 7, 700), 'an element without a counter'),
    listing('replies4', element('web/a', 20, 2000)),
    listing('somebody_elses', element('web/a', 9, 9)),
  ]);
  expect(Object.fromEntries(traffic)).toEqual({
    'web/a': { connections: 5, requestPackets: 10, requestBytes: 1000, replyPackets: 20, replyBytes: 2000 },
    'web/b': { connections: 1, requestPackets: 7, requestBytes: 700, replyPackets: 0, replyBytes: 0 },
  });
});
