import { describe, expect, it } from 'vitest';
import { instructionsIn } from '../../bench/guard/callgrind.mjs';
import { parsePerf } from '../../bench/guard/perf.mjs';
import { nextPauseMs } from '../../bench/load/paced.mjs';
import { droppedAt } from '../../bench/load/sink.mjs';
import { parseWrk } from '../../bench/load/wrk.mjs';
import { faultOf } from '../../bench/peers/verify.mjs';

const LINE =
  '{"requests":10,"bytes":1000,"seconds":2.5,"p50":1500,"p90":2000,"p99":3000,"p999":4000,"connect":0,"read":2,"write":0,"status":1,"timeout":0}';

describe('what other programs print', () => {
  it('wrk: the line of its script, latencies in milliseconds, errors in words', () => {
    expect(parseWrk(`Running 4s test\n  Latency 1ms\n${LINE}\n`)).toEqual({
      requests: 10,
      bytes: 1000,
      seconds: 2.5,
      latencyMs: { p50: 1.5, p90: 2, p99: 3, p999: 4 },
      trouble: '2 read errors, 1 status errors',
    });
  });

  it('wrk: no latency without an answer, an error without a result', () => {
    const none = Number.NaN;
    expect(parseWrk(LINE.replace('"requests":10', '"requests":0')).latencyMs).toEqual({
      p50: none,
      p90: none,
      p99: none,
      p999: none,
    });
    expect(() => parseWrk('unable to connect')).toThrow('unable to connect');
  });

  it('perf: counts by event, and none of what was not counted', () => {
    const text = '# started on Sat\n\n1234,,instructions:u,100,100.00,,\n<not supported>,,cycles,0,100.00,,\n';
    expect([...parsePerf(text)]).toEqual([['instructions:u', 1234]]);
  });

  it('callgrind: the instructions of a dump', () => {
    expect(instructionsIn('events: Ir\nfn=(1)\n0 5\ntotals: 303935741\n')).toBe(303935741);
    expect(instructionsIn('events: Ir\n')).toBeNaN();
  });

  it('/proc/net/udp: the drops of one port', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 2709: 0100007F:5D67 00000000:0000 07 00000000:00003740 00:00000000 00000000     0        0 15148344 2 00000000d3ac6f57 42
 2710: 0100007F:5D68 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 15148345 2 00000000d3ac6f58 7`;
    expect(droppedAt(table, 0x5d67)).toBe(42);
    expect(droppedAt(table, 0x5d69)).toBeUndefined();
  });
});

describe('pacing', () => {
  it('leaves the pause that makes the rate, latency counted in', () => {
    // 256 connections, 2 ms of latency: a pause of 8 ms makes 25,600/s.
    expect(nextPauseMs(256, 8, 25_600, 25_600)).toBeCloseTo(8);
    expect(nextPauseMs(256, 8, 25_600, 51_200)).toBeCloseTo(3);
  });

  it('never asks for less than no pause', () => {
    expect(nextPauseMs(256, 1, 25_600, 1_000_000)).toBe(0.1);
  });
});

describe('a peer is fit to be measured', () => {
  const good = [10, 11].map((port) => ({ status: 200, cookies: ['SRV=a'], body: `from ${port} for 127.0.0.1\n` }));
  const change = (part: object) => good.map((answer, index) => (index === 1 ? { ...answer, ...part } : answer));

  it('when both servers answer, with cookie and X-Forwarded-For', () => {
    expect(faultOf(good, 'http', [10, 11])).toBeUndefined();
  });

  it.each([
    ['answers 503', { status: 503 }],
    ['only server 10', { body: 'from 10 for 127.0.0.1\n' }],
    ['no X-Forwarded-For', { body: 'from 11 for \n' }],
    ['no cookie', { cookies: [] }],
  ])('not when: %s', (words, part) => {
    expect(faultOf(change(part), 'http', [10, 11])).toContain(words);
  });

  it('in TCP mode without cookie and header', () => {
    expect(faultOf(change({ cookies: [], body: 'from 11 for \n' }), 'tcp', [10, 11])).toBeUndefined();
  });
});
