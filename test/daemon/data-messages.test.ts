import { describe, expect, it } from 'vitest';
import { readFromData } from '../../src/daemon/data-messages.ts';

describe('a message of the data process', () => {
  it.each([
    { type: 'ready', poller: 'io_uring', threads: 2 },
    { type: 'drained' },
    { type: 'log', level: 'warn', message: 'cpu-map: thread 1 …' },
    { type: 'failed', message: 'thread 0: no memory' },
  ])('is itself: $type', (message) => {
    expect(readFromData(message)).toEqual(message);
  });

  it.each([
    null,
    undefined,
    7,
    'ready',
    [],
    {},
    { type: 'plan' },
    { type: 'toString' },
    { type: ['ready'] },
    { type: 'ready', poller: {}, threads: 1 },
    { type: 'ready', poller: 'epoll', threads: 1e300 },
    { type: 'ready', poller: 'epoll' },
    { type: 'log', level: 'fatal', message: 'x' },
    { type: 'log', level: 'info', message: { toString: 'x' } },
    { type: 'failed', message: 7 },
  ])('that is none is dropped: %j', (received) => {
    expect(readFromData(received)).toBeNull();
  });

  it('has nothing else in it, no line of its own, and an end', () => {
    const received = { type: 'log', level: 'info', message: `a\n  at b\u001b[2J\r${'x'.repeat(10_000)}`, more: 1 };
    const message = readFromData(received);
    expect(message).toEqual({ type: 'log', level: 'info', message: expect.stringMatching(/^a \| at b\?\[2J\?x+$/) });
    expect(JSON.stringify(message).length).toBeLessThan(4200);
  });
});
