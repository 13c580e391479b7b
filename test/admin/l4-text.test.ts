/** Virtual servers as people read them. */
import { describe, expect, it } from 'vitest';
import { virtualServerDetails, virtualServerLines } from '../../src/admin/l4-text.ts';
import { noPaint, renderLines } from '../../src/admin/text-line.ts';
import type { VirtualServerStatus } from '../../src/l4/status.ts';
import {
  deadServer,
  destinationFigures,
  realServerStatus,
  sorryServer,
  virtualServerStatus,
} from '../support/virtual-server-status.ts';

const NOW_MS = 1_000_000;

const WEB = virtualServerStatus({
  scheduler: 'wrr',
  persistenceTimeoutS: 300,
  quorum: 2,
  servers: [
    realServerStatus('10.0.0.71:80', {
      ...{ weight: 3, configuredWeight: 3 },
      figures: destinationFigures({
        ...{ connections: 12_345, requestPackets: 100, requestBytes: 2048, replyPackets: 90, replyBytes: 3_000_000 },
        ...{ active: 40, inactive: 7 },
      }),
    }),
    deadServer('10.0.0.72:80', 'status 503, expected 200-299', { lastChangeMs: NOW_MS - 4000 }),
    sorryServer('10.0.0.9:8080'),
  ],
});
const DNS = virtualServerStatus({
  ...{ name: 'FWM 5', protocol: 'UDP', places: ['fwmark 5'], suspended: true },
  servers: [realServerStatus('2001:db8::71:0', { forwarding: 'DR', checks: [] })],
});

const lines = (servers: 'all' | 'some' | 'none', all: readonly VirtualServerStatus[] = [WEB, DNS]): string =>
  renderLines(virtualServerLines(all, servers, NOW_MS), 160, noPaint);

describe('in short', () => {
  it('a line for each, and for its servers', () =>
    expect(`\n${lines('all')}`).toMatchInlineSnapshot(`
      "
                                       weight  active  other  conns     in    out
        [192.0.2.1]:tcp:80  UP              3      40      7  12.3k  2.0kB  2.9MB  1 of 2 servers, wrr, clients stay for 300 s
          10.0.0.71:80      UP              3      40      7  12.3k  2.0kB  2.9MB  NAT, http: status 200
          10.0.0.72:80      DOWN            1       0      0      0     0B     0B  NAT, http: status 503, expected 200-299, for 4.0s
          10.0.0.9:8080     SPARE           0       0      0      0     0B     0B  sorry server, NAT
        FWM 5               SUSPENDED       1       0      0      0     0B     0B  1 of 1 servers, rr
          2001:db8::71      UP              1       0      0      0     0B     0B  DR
      "
    `));

  it('a line for each', () =>
    expect(`\n${lines('none')}`).toMatchInlineSnapshot(`
    "
                                     weight  active  other  conns     in    out
      [192.0.2.1]:tcp:80  UP              3      40      7  12.3k  2.0kB  2.9MB  1 of 2 servers, wrr, clients stay for 300 s
      FWM 5               SUSPENDED       1       0      0      0     0B     0B  1 of 1 servers, rr
    "
  `));

  it('of many servers only those that are not well', () => {
    const servers = Array.from({ length: 20 }, (_, i) => realServerStatus(`10.0.1.${i}:80`));
    const many = virtualServerStatus({ servers: [...servers, deadServer('10.0.2.1:80', 'timeout')] });
    const shown = lines('some', [many]);
    expect([shown.includes('10.0.2.1:80'), shown.includes('10.0.1.')]).toEqual([true, false]);
    expect(lines('all', [many])).toContain('10.0.1.19');
  });
});

describe('in full', () => {
  it('says what each check found', () => {
    const [first, second, ...others] = WEB.servers;
    if (first === undefined || second === undefined) throw new Error('no servers');
    const checks = [
      { kind: 'http', isUp: false, why: 'status 503', checkedMs: NOW_MS - 1500 },
      { kind: 'ping', isUp: true, why: '', checkedMs: null },
    ];
    const told = virtualServerDetails({ ...WEB, servers: [first, { ...second, checks }, ...others] }, NOW_MS);
    expect(`\n${renderLines(told, 160, noPaint)}`).toMatchInlineSnapshot(`
      "
      [192.0.2.1]:tcp:80: UP
        addresses  192.0.2.1 80
        scheduler  wrr, clients stay for 300 s
        quorum     2, weight 3 is up
                                weight  active  other  conns     in    out
          10.0.0.71:80   UP          3      40      7  12.3k  2.0kB  2.9MB  NAT
            http passes: status 200, not tried yet
          10.0.0.72:80   DOWN        1       0      0      0     0B     0B  NAT, for 4.0s
            http fails: status 503, 1.5s ago
            ping passes, not tried yet
          10.0.0.9:8080  SPARE       0       0      0      0     0B     0B  sorry server, NAT
      "
    `);
  });
});
