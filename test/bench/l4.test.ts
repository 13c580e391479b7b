/** bench:l4 without a network: its command line, its arithmetic, its tables. */
import { describe, expect, it } from 'vitest';
import { timedMicroseconds } from '../../bench/l4/cpu.mjs';
import { parseL4Options } from '../../bench/l4/options.mjs';
import { askedLines, workResult, workTable } from '../../bench/l4/result.mjs';
import { sampleOf } from '../../bench/l4/stage.mjs';
import { proxyText, virtualServerText, WAYS } from '../../bench/l4/ways.mjs';
import { does, unitsOf, WORKS } from '../../bench/l4/works.mjs';
import { check } from '../../src/cli/library.ts';

const CONNECTIONS = { name: 'connection per request', per: 'connection' };

describe('the command line', () => {
  it('without options measures every way', () => {
    expect(parseL4Options([])).toMatchObject({ rounds: 5, seconds: 1, ways: Object.keys(WAYS) });
    expect(parseL4Options(['--ways', 'nat,routing', '--rounds', '9'])).toMatchObject({
      rounds: 9,
      ways: ['nat', 'routing'],
    });
  });

  it.each([[['--rounds', '0']], [['--secs', '0.5']], [['--ways', 'ipvs']], [['--only', '(']], [['--unknown']]])(
    'refuses %j',
    (args) => {
      expect(parseL4Options(args)).toHaveProperty('error');
    },
  );
});

describe('a measurement', () => {
  const output =
    'Running 1s test\n{"requests":200,"bytes":4194304,"seconds":2.0,"connect":0,"read":3,"write":0,"status":0,"timeout":0}\n';

  it('counts connections, or MiB, by the second and by the CPU time they took', () => {
    expect(sampleOf(CONNECTIONS, output, 20_000, 2000)).toEqual({
      rate: 100,
      packetRate: 1000,
      cpu: 100,
      trouble: '3 read errors',
    });
    expect(sampleOf({ name: 'bulk', per: 'MiB' }, output, 8000, 0)).toMatchObject({ rate: 2, cpu: 2000 });
    expect(unitsOf({ per: 'MiB' }, { requests: 1, bytes: 1024 * 1024 })).toBe(1);
  });

  it('of nothing has no price, and without the line of wrk there is none', () => {
    expect(sampleOf(CONNECTIONS, output.replace('200', '0'), 20_000, 0).cpu).toBeNaN();
    expect(() => sampleOf(CONNECTIONS, 'no route to host', 0, 0)).toThrow('no route to host');
  });

  it('takes what bash says that the load generator took', () => {
    expect(timedMicroseconds(`${output}cpu 0.250 1.002\n`)).toBeCloseTo(1_252_000);
    expect(() => timedMicroseconds(output)).toThrow();
  });
});

function sampleAt(cpu: number, trouble = '') {
  return { rate: 1e6 / cpu, packetRate: 1e7 / cpu, cpu, trouble };
}

const samples = new Map([
  ['link', [sampleAt(80), sampleAt(70)]],
  ['routing', [sampleAt(100), sampleAt(80)]],
  ['routing-conntrack', [sampleAt(125), sampleAt(100)]],
  ['nat', [sampleAt(200, '3 read errors'), sampleAt(100)]],
  ['dr', [sampleAt(100), sampleAt(80)]],
]);
const result = workResult(CONNECTIONS, samples);

describe('the result of a work', () => {
  const nat = result.ways.find(({ way }) => way === 'nat');

  it('compares with plain routing in the same round, and the least of all rounds', () => {
    // 100 ÷ 200 and 80 ÷ 100
    expect(nat?.workRatio).toBeCloseTo(0.65);
    expect(nat?.leastRatio).toBeCloseTo(0.8);
    expect(nat?.rateRatio).toBeCloseTo(0.65);
  });

  it('knows what is left when client and servers on one cable are taken away', () => {
    expect(nat?.ownCpu).toBe(30);
    expect(workResult(CONNECTIONS, new Map([['nat', [sampleAt(90)]]])).ways[0]?.ownCpu).toBeNaN();
  });

  it('is a table with a line for each way, its trouble beside its name', () => {
    const lines = workTable(result)
      .split('\n')
      .filter((line: string) => line.startsWith('|'));
    expect(lines).toHaveLength(2 + samples.size);
    expect(new Set(lines.map((line: string) => line.split('|').length)).size).toBe(1);
    expect(lines.find((line: string) => line.includes('NAT'))).toContain('Tandem, NAT (3 read errors)');
  });

  it('says what it has come to, beside what was asked', () => {
    expect(askedLines([result])).toEqual([
      'connection per request: Tandem, NAT 0.65 of plain routing, asked 0.85; of routing that tracks connections 0.81',
      'connection per request: Tandem, DR 1.00 of plain routing, asked 0.9; of routing that tracks connections 1.25',
    ]);
    expect(askedLines([{ ...result, per: 'request' }])).toEqual([]);
  });
});

it('leaves proxies out where packets are cut, as they would join them', () => {
  const cut = WORKS.filter(({ segments }) => segments);
  expect(cut).toHaveLength(1);
  for (const work of WORKS) expect(does(work, WAYS.haproxy)).toBe(!work.segments);
  for (const work of WORKS) expect(does(work, WAYS.nat)).toBe(true);
});

it('writes configurations that Tandem takes', async () => {
  const texts = [virtualServerText(3, 'NAT'), virtualServerText(3, 'DR'), proxyText(3, ['tune.tandem.poller epoll'])];
  for (const text of texts) {
    const verdict = await check([{ name: 'bench.cfg', text }]);
    expect(verdict).toMatchObject({ ok: true, findings: [] });
  }
});
