import { describe, expect, it } from 'vitest';
import { StreamQueue } from '../../src/proxy/queue.ts';
import type { Stream } from '../../src/proxy/stream.ts';
import { SeededRandom } from '../support/random.ts';

/** A queue touches nothing of a stream but its links. */
function stream(): Stream {
  return { queue: null, queueNext: null, queuePrevious: null, queueSequence: 0 } as unknown as Stream;
}

function order(queue: StreamQueue): Stream[] {
  const found: Stream[] = [];
  for (let one = queue.first; one !== null; one = one.queueNext) found.push(one);
  return found;
}

describe('a queue', () => {
  it.each([1, 2, 3])('is in the order in which streams came, whoever leaves (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const queue = new StreamQueue(0);
    const other = new StreamQueue(0);
    const model: Stream[] = [];
    let sequence = 0;
    for (let i = 0; i < 5000; i++) {
      if (random.below(2) === 0 || model.length === 0) {
        const one = stream();
        queue.push(one, ++sequence);
        model.push(one);
      } else {
        const [gone] = model.splice(random.below(4) === 0 ? random.below(model.length) : 0, 1);
        if (gone === undefined) throw new Error('nobody');
        other.remove(gone);
        queue.remove(gone);
        queue.remove(gone);
        expect([gone.queue, gone.queueNext, gone.queuePrevious]).toEqual([null, null, null]);
      }
      expect(queue.length).toBe(model.length);
      expect(queue.first).toBe(model[0] ?? null);
    }
    expect(order(queue)).toEqual(model);
    for (const one of model.reverse()) queue.remove(one);
    expect([queue.length, queue.first]).toEqual([0, null]);
  });

  it('does not take out what waits in another', () => {
    const [a, b] = [new StreamQueue(0), new StreamQueue(0)];
    const one = stream();
    a.push(one, 1);
    b.remove(one);
    expect([a.length, b.length, a.first]).toEqual([1, 0, one]);
  });
});
