import { describe, expect, it } from 'vitest';
import { ServerHeap } from '../../../src/proxy/balance/server-heap.ts';
import { Dice } from './backend.ts';

describe('server heap', () => {
  it('is empty at first', () => {
    expect(new ServerHeap(3).first()).toBe(-1);
  });

  it('gives equals in the order of arrival, and one that was restored in its old place', () => {
    const heap = new ServerHeap(3);
    for (const server of [2, 0, 1]) heap.insert(server, 7);
    heap.remove(2);
    expect(heap.first()).toBe(0);
    heap.restore(2);
    expect(heap.first()).toBe(2);
    heap.remove(2);
    heap.insert(2, 7);
    expect([take(heap), take(heap), take(heap)]).toEqual([0, 1, 2]);
  });

  it.each([1, 2, 3, 8, 33])('is a sorted list under any inserts and removes of %i servers', (servers) => {
    const dice = new Dice(servers);
    const heap = new ServerHeap(servers);
    let model: { server: number; key: number; arrival: number }[] = [];
    for (let step = 0; step < 3000; step++) {
      const server = dice.roll(servers);
      const isIn = model.some((entry) => entry.server === server);
      expect(heap.has(server)).toBe(isIn);
      if (isIn || dice.roll(4) === 0) {
        heap.remove(server);
        model = model.filter((entry) => entry.server !== server);
      } else {
        const key = dice.roll(5);
        heap.insert(server, key);
        model.push({ server, key, arrival: step });
        model.sort((a, b) => a.key - b.key || a.arrival - b.arrival);
      }
      expect(heap.first()).toBe(model[0]?.server ?? -1);
    }
  });
});

function take(heap: ServerHeap): number {
  const server = heap.first();
  heap.remove(server);
  return server;
}
