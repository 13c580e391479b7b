/** `retry-on` as it arrives in the model and in the plan. */
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { compileRetryOn } from '../../../src/daemon/compile-retries.ts';
import { RETRY_CONNECT, RETRY_EMPTY, RETRY_JUNK, RETRY_TIMEOUT } from '../../../src/proxy/plan.ts';
import { retryBit } from '../../../src/proxy/retry-on.ts';

function load(lines: string, kind = 'backend') {
  const text = `defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n${kind} b\n ${lines}\n`;
  return loadHaproxyConfig([{ name: 'x.cfg', text }], {
    env: {},
    readFile: () => {
      throw new Error('no file');
    },
  });
}

describe('retry-on', () => {
  it.each([
    ['', RETRY_CONNECT],
    ['retry-on none', 0],
    ['retry-on conn-failure', RETRY_CONNECT],
    ['retry-on 0rtt-rejected', 0],
    ['retry-on 503 503 404', retryBit(503) | retryBit(404)],
    ['retry-on 503\n retry-on empty-response', RETRY_EMPTY],
    [
      'retry-on all-retryable-errors',
      RETRY_CONNECT |
        RETRY_EMPTY |
        RETRY_JUNK |
        RETRY_TIMEOUT |
        [500, 502, 503, 504].reduce((bits, one) => bits | retryBit(one), 0),
    ],
  ])('%j', (lines, bits) => {
    const { model } = load(lines);
    expect(compileRetryOn(model?.proxies[0]?.retryOn ?? [])).toBe(bits);
  });

  it('gives each status a bit of its own, and others none', () => {
    const bits = [401, 403, 404, 408, 425, 500, 501, 502, 503, 504].map(retryBit);
    expect(new Set(bits).size).toBe(10);
    expect(bits.every((bit) => bit > RETRY_TIMEOUT)).toBe(true);
    expect([200, 400, 402, 505, 999].map(retryBit)).toEqual([0, 0, 0, 0, 0]);
  });

  it.each([
    ['retry-on none 503', "'none' is possible only alone"],
    ['retry-on 503 none', "'none' is possible only alone"],
    ['retry-on 402', "'retry-on' does not know '402'"],
    ['retry-on conn-failures', "'retry-on' does not know 'conn-failures'"],
    ['retry-on', "'retry-on' lacks an argument"],
  ])('%j is an error', (lines, message) => {
    const { model, problems } = load(lines);
    expect(model).toBeNull();
    expect(problems.map((problem) => problem.message).join()).toContain(message);
  });

  it('is an error in a frontend', () => {
    expect(load('bind :80\n retry-on 503', 'frontend').model).toBeNull();
  });
});
