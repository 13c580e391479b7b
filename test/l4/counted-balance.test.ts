/** Servers that get connections by how many they have. */
import { expect, it } from 'vitest';
import { CountedBalance } from '../../src/l4/counted-balance.ts';
import type { DestinationFigures } from '../../src/l4/kernel.ts';
import type { L4Service } from '../../src/l4/service.ts';
import { destination, service } from '../support/l4-services.ts';

const A = destination('10.0.0.1', 80, { key: 'a' });
const B = destination('10.0.0.2', 80, { key: 'b' });

function figures(counts: Readonly<Record<string, readonly [active: number, inactive: number]>>) {
  const traffic = { connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 };
  const one = ([active, inactive]: readonly [number, number]): DestinationFigures => {
    return { ...traffic, active, inactive, isFull: false };
  };
  return new Map(Object.entries(counts).map(([key, count]) => [`web/${key}`, one(count)]));
}

function shares(balance: CountedBalance, web: L4Service) {
  const [one] = balance.adjusted([web]);
  return one?.destinations.map(({ weight, share }) => share ?? weight);
}

it('leaves services alone that ask for no counts: the same objects', () => {
  const web = service('web', { scheduler: 'wrr', destinations: [A, B] });
  const balance = new CountedBalance();
  expect(balance.needs([web])).toBe(false);
  expect(balance.adjusted([web])[0]).toBe(web);
});

it('gives more to who has less, and changes nothing for little', () => {
  const web = service('web', { scheduler: 'wlc', destinations: [A, B] });
  const balance = new CountedBalance();
  expect(balance.needs([web])).toBe(true);
  expect(shares(balance, web)).toEqual([32, 32]);
  expect(balance.read([web], figures({ a: [20, 0], b: [0, 0] }))).toBe(true);
  expect(shares(balance, web)).toEqual([22, 42]);
  const [before] = balance.adjusted([web]);
  expect(balance.read([web], figures({ a: [17, 40], b: [0, 0] }))).toBe(false);
  expect(balance.adjusted([web])[0]).toBe(before);
});

it('knows what was counted when servers change', () => {
  const web = service('web', { scheduler: 'lc', destinations: [A, B] });
  const balance = new CountedBalance();
  balance.read([web], figures({ a: [100, 0], b: [0, 0] }));
  expect(shares(balance, { ...web, destinations: [A, B, { ...B, key: 'c', weight: 0 }] })).toEqual([0, 64, 0]);
});

it.each([
  ['with a lower threshold', 5],
  ['without one, below three quarters', 0],
])('keeps connections from who is full until it has fewer: %s', (_, lowerThreshold) => {
  const web = service('web', { destinations: [{ ...A, upperThreshold: 10, lowerThreshold }, B] });
  const balance = new CountedBalance();
  const steps: readonly (readonly [count: number, open: boolean])[] = [
    [9, true],
    [10, false],
    [lowerThreshold || 8, false],
    [(lowerThreshold || 8) - 1, true],
  ];
  for (const [count, open] of steps) {
    const read = figures({ a: [count - 1, 1], b: [50, 0] });
    balance.read([web], read);
    expect(shares(balance, web)).toEqual([open ? 1 : 0, 1]);
    expect(balance.seen(read).get('web/a')?.isFull).toBe(!open);
    expect(balance.seen(read).get('web/b')?.isFull).toBe(false);
  }
});
