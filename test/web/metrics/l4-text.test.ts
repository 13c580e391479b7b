import { describe, expect, it } from 'vitest';
import type { VirtualServerStatus } from '../../../src/l4/status.ts';
import { GrowingSums } from '../../../src/web/metrics/growing-sums.ts';
import { l4Text } from '../../../src/web/metrics/l4-text.ts';
import { parseMetricsQuery } from '../../../src/web/metrics/metrics-query.ts';
import { readExposition } from '../../support/exposition-format.ts';
import {
  deadServer,
  destinationFigures,
  pairWith,
  realServerStatus,
  sorryServer,
  virtualServerStatus,
} from '../../support/virtual-server-status.ts';

/** What a server of number n has counted. */
const counted = (n: number) =>
  destinationFigures({
    ...{ connections: n, requestPackets: n * 10, requestBytes: n * 1000, replyPackets: n * 9, replyBytes: n * 900 },
    ...{ active: n * 2, inactive: n * 3 },
  });

const WEB = virtualServerStatus({
  servers: [
    realServerStatus('10.0.0.71:80', { figures: counted(1), weight: 3, configuredWeight: 5, lastChangeMs: 1500 }),
    deadServer('10.0.0.72:80', 'timeout', { figures: counted(2) }),
    sorryServer('10.0.0.9:80'),
  ],
});
const DNS = virtualServerStatus({
  ...{ name: '[2001:db8::1]:udp:53', family: 6, protocol: 'UDP' },
  servers: [realServerStatus('2001:db8::71:53', { figures: counted(4) })],
});
const MARKED = virtualServerStatus({ name: 'FWM 5', servers: [deadServer('10.0.0.71:0', 'timeout')] });

async function textOf(all: readonly VirtualServerStatus[], query = '', sums = new GrowingSums()): Promise<string> {
  const parsed = parseMetricsQuery(query);
  if (parsed === null) throw new Error('no query');
  let text = '';
  for await (const piece of l4Text(
    pairWith(() => all),
    parsed,
    sums,
    async () => {},
  ))
    text += piece;
  return text;
}

/** `label=value … number` of a family. */
async function lines(name: string, all: readonly VirtualServerStatus[], query = '', sums = new GrowingSums()) {
  const samples = readExposition(await textOf(all, query, sums)).get(name)?.samples ?? [];
  return samples.map(({ labels, text }) =>
    [...Object.entries(labels).map(([label, value]) => `${label}=${value}`), text].join(' '),
  );
}

describe("keepalived_exporter's families", () => {
  it('have its names, types and help', async () => {
    const families = [...readExposition(await textOf([WEB], 'scope=keepalived')).values()];
    expect(families.map(({ name, type, help }) => `${name} ${type} ${help}`)).toEqual([
      'keepalived_lvs_vip_in_packets counter VIP in packets',
      'keepalived_lvs_vip_out_packets counter VIP out packets',
      'keepalived_lvs_vip_in_bytes counter VIP in bytes',
      'keepalived_lvs_vip_out_bytes counter VIP out bytes',
      'keepalived_lvs_vip_conn counter VIP connections',
      'keepalived_lvs_rs_in_packets counter RS in packets',
      'keepalived_lvs_rs_out_packets counter RS out packets',
      'keepalived_lvs_rs_in_bytes counter RS in bytes',
      'keepalived_lvs_rs_out_bytes counter RS out bytes',
      'keepalived_lvs_rs_conn counter RS connections',
    ]);
  });

  it.each([
    [
      'keepalived_lvs_vip_conn',
      ['addr=192.0.2.1:80 proto=6 3', 'addr=2001:db8::1:53 proto=17 4', 'addr=FWM 5 proto=6 0'],
    ],
    [
      'keepalived_lvs_rs_out_bytes',
      [
        'vip=192.0.2.1:80 addr=10.0.0.71:80 proto=6 900',
        'vip=192.0.2.1:80 addr=10.0.0.72:80 proto=6 1800',
        'vip=192.0.2.1:80 addr=10.0.0.9:80 proto=6 0',
        'vip=2001:db8::1:53 addr=2001:db8::71:53 proto=17 3600',
        'vip=FWM 5 addr=10.0.0.71:0 proto=6 0',
      ],
    ],
  ])('%s', async (name, expected) => expect(await lines(name, [WEB, DNS, MARKED])).toEqual(expected));

  it('sums never fall, whatever is taken out, and count on when it is back', async () => {
    const sums = new GrowingSums();
    const conn = async (...counts: readonly number[]) => {
      const servers = counts.map((count, i) => realServerStatus(`10.0.0.${i + 1}:80`, { figures: counted(count) }));
      return (await lines('keepalived_lvs_vip_conn', [virtualServerStatus({ servers })], '', sums))[0];
    };
    expect(await conn(10, 5)).toBe('addr=192.0.2.1:80 proto=6 15');
    expect(await conn(12)).toBe('addr=192.0.2.1:80 proto=6 17');
    expect(await conn(12, 1)).toBe('addr=192.0.2.1:80 proto=6 18');
    // It was forgotten, and began anew.
    expect(await conn(2, 1)).toBe('addr=192.0.2.1:80 proto=6 20');
    expect(await lines('keepalived_lvs_vip_conn', [], '', sums)).toEqual([]);
    expect(await conn(2, 1)).toBe('addr=192.0.2.1:80 proto=6 3');
  });
});

describe('ours', () => {
  it('say whether clients are served, and by whom', async () => {
    const sorry = virtualServerStatus({
      name: 'sorry',
      servers: [deadServer('10.0.0.1:80', ''), sorryServer('10.0.0.9:80', true)],
    });
    const suspended = virtualServerStatus({ name: 'suspended', suspended: true });
    const all = [WEB, MARKED, sorry, suspended];
    const of = async (name: string) => (await lines(`tandem_lvs_${name}`, all)).map((line) => line.at(-1)).join('');
    expect(await of('vip_up')).toBe('1010');
    expect(await of('vip_quorum_up')).toBe('1001');
    expect(await of('vip_sorry')).toBe('0010');
    expect(await of('vip_suspended')).toBe('0001');
    expect(await of('vip_weight')).toBe('3002');
  });

  it.each([
    ['rs_up', '1 0 1'],
    ['rs_balanced', '1 0 0'],
    ['rs_weight', '3 1 0'],
    ['rs_configured_weight', '5 1 1'],
    ['rs_sorry', '0 0 1'],
    ['rs_active_connections', '2 4 0'],
    ['rs_inactive_connections', '3 6 0'],
    // Of what has not changed yet there is nothing to say.
    ['rs_last_change_timestamp_seconds', '1.5'],
    ['check_up', '1 0'],
    ['check_timestamp_seconds', ''],
  ])('tandem_lvs_%s', async (name, expected) => {
    const values = (await lines(`tandem_lvs_${name}`, [WEB])).map((line) => line.split(' ').at(-1));
    expect(values.join(' ')).toBe(expected);
  });

  it('name each check', async () => {
    const checks = ['http', 'ping'].map((kind) => ({ kind, isUp: kind === 'http', why: '', checkedMs: 2000 }));
    const one = virtualServerStatus({ servers: [realServerStatus('10.0.0.71:80', { checks })] });
    const of = 'vip=192.0.2.1:80 addr=10.0.0.71:80 proto=6';
    expect(await lines('tandem_lvs_check_up', [one])).toEqual([
      `${of} check=http number=1 1`,
      `${of} check=ping number=2 0`,
    ]);
  });
});

describe('a scrape', () => {
  it('has one line of a server that is its own sorry server, and of a mark of both families', async () => {
    const server = realServerStatus('10.0.0.71:80', { figures: counted(1) });
    const both = { ...server, isSorryServer: true, checks: [] };
    const one = virtualServerStatus({ name: 'FWM 5', servers: [server, both] });
    const text = await textOf([one, { ...one, family: 6 }]);
    expect(() => readExposition(text)).not.toThrow();
    expect(text).toContain('keepalived_lvs_rs_conn{vip="FWM 5",addr="10.0.0.71:80",proto="6"} 4\n');
  });

  it('has what is asked for', async () => {
    const names = [...readExposition(await textOf([WEB], 'metrics=keepalived_lvs_rs_conn,tandem_lvs_rs_up')).keys()];
    expect(names).toEqual(['keepalived_lvs_rs_conn', 'tandem_lvs_rs_up']);
    expect(await textOf([WEB], 'scope=server')).toBe('');
    expect(await textOf([])).toBe('');
  });

  it('of thousands of servers is made in pieces, with others in between', async () => {
    const servers = Array.from({ length: 100 }, (_, i) => realServerStatus(`10.0.1.${i}:80`));
    const all = Array.from({ length: 50 }, (_, i) => virtualServerStatus({ name: `web${i}`, servers }));
    const parsed = parseMetricsQuery('');
    if (parsed === null) throw new Error('no query');
    let turns = 0;
    let longest = 0;
    const pause = async () => {
      turns++;
    };
    for await (const piece of l4Text(
      pairWith(() => all),
      parsed,
      new GrowingSums(),
      pause,
    ))
      longest = Math.max(longest, piece.length);
    expect([turns > 5000 / 64, longest < 20_000]).toEqual([true, true]);
  });
});
