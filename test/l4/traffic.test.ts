/** Counters of sets, as `nft list set` gives them. */
import { expect, it } from 'vitest';
import { TrafficSums, trafficKind } from '../../src/l4/traffic.ts';

const KEY = '192.0.2.1 . tcp . 10.0.0.71 . 80';

function element(comment: string, packets: number, bytes: number): string {
  return `${KEY} counter packets ${packets} bytes ${bytes} comment "${comment}"`;
}

it('adds up what the places of a service say of a server', () => {
  const traffic = new TrafficSums();
  const read = (set: string, ...lines: readonly string[]): void => {
    const kind = trafficKind(set);
    for (const line of lines) if (kind !== null) traffic.add(kind, line);
  };
  read('connections4', `\t\telements = { ${element('web/a', 2, 120)},`, `\t\t\t     ${element('web/b', 1, 60)} }`);
  read('connections4_ranges', `192.0.2.1-192.0.2.9 . ${element('web/a', 3, 180)} }`);
  read('requests', `4000:10 comment "web/a" counter packets 10 bytes 1000, ${element('web/b', 7, 700)} }`, '\t}', '}');
  read('replies6', element('web/a', 20, 2000), 'an element without a counter');
  read('somebody_elses', element('web/a', 9, 9));
  expect(Object.fromEntries(traffic.sums)).toEqual({
    'web/a': { connections: 5, requestPackets: 10, requestBytes: 1000, replyPackets: 20, replyBytes: 2000 },
    'web/b': { connections: 1, requestPackets: 7, requestBytes: 700, replyPackets: 0, replyBytes: 0 },
  });
});
