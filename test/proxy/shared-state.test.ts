import { describe, expect, it } from 'vitest';
import { layoutOf, PROXY_BYTES_IN_LOW, PROXY_BYTES_OUT_HIGH, SharedState } from '../../src/proxy/shared-state.ts';
import { SeededRandom } from '../support/random.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { web } from '../support/web.ts';

const { plan } = new SimulatedProxy(web({ servers: 5 }) + web({ servers: 40 }).replace('listen web', 'listen two'));

function state(): SharedState {
  const layout = layoutOf({ ...plan, threads: 3 });
  return new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
}

describe('the rows', () => {
  it('are all inside the pages, apart from each other, each on a cache line of its own', () => {
    const layout = layoutOf({ ...plan, threads: 3 });
    const shared = state();
    const rows = [0];
    for (let i = 0; i < 3; i++) rows.push(shared.thread(i));
    for (let i = 0; i < 45; i++) rows.push(shared.server(i));
    for (let i = 0; i < plan.proxies.length; i++) rows.push(shared.proxy(i));
    for (let i = 0; i < plan.listeners.length; i++) rows.push(shared.listener(i));
    expect(new Set(rows).size).toBe(1 + 3 + 45 + 2 + 2);
    expect(rows.every((row) => (row * 4) % 64 === 0)).toBe(true);
    expect(layout.sizeBytes % 4096).toBe(0);
    const lines = [shared.processLine];
    for (let i = 0; i < 2; i++) lines.push(shared.frontendLine(i), shared.backendLine(i), shared.listenerLine(i));
    for (let i = 0; i < 45; i++) lines.push(shared.serverLine(i));
    expect(new Set(lines).size).toBe(1 + 6 + 45);
    expect(lines.every((line) => (line * 4) % 64 === 0 && line > Math.max(...rows))).toBe(true);
    expect((Math.max(...lines) + 3) * 4).toBeLessThanOrEqual(layout.sizeBytes);
    const sorted = [...rows, shared.processLine].toSorted((a, b) => a - b);
    for (const [i, row] of sorted.entries()) {
      expect((sorted[i + 1] ?? layout.sizeBytes / 4) - row).toBeGreaterThan(PROXY_BYTES_OUT_HIGH);
    }
  });
});

describe('a counter of bytes', () => {
  it('carries over 32 bits', () => {
    const shared = state();
    const word = shared.proxy(0) + PROXY_BYTES_IN_LOW;
    for (const [add, expected] of [
      [0xffff_fffe, 0xffff_fffe],
      [1, 0xffff_ffff],
      [1, 0x1_0000_0000],
      [0, 0x1_0000_0000],
      [0x7fff_ffff, 0x1_7fff_ffff],
      [0x8000_0001, 0x2_0000_0000],
      [5 * 0x1_0000_0000 + 7, 0x7_0000_0007],
    ] as const) {
      shared.addBytes(word, add);
      expect(shared.bytes(word)).toBe(expected);
    }
  });

  it.each([1, 2])('adds up, whatever it is given (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const shared = state();
    const word = shared.proxy(1) + PROXY_BYTES_IN_LOW;
    let sum = 0;
    for (let i = 0; i < 20_000; i++) {
      const add = random.below(2 ** random.below(40));
      sum += add;
      shared.addBytes(word, add);
    }
    expect(shared.bytes(word)).toBe(sum);
    expect(shared.bytes(word + 2)).toBe(0);
  });
});

describe('a gauge', () => {
  it('is what is added to it, and says what it was', () => {
    const shared = state();
    expect([shared.add(40, 3), shared.add(40, -1), shared.get(40)]).toEqual([0, 3, 2]);
  });
});
