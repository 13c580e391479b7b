import { expect, it } from 'vitest';
import { subnetTest } from '../../src/core/subnet.ts';

it.each<[string, number, string, boolean]>([
  ['10.0.0.1', 24, '10.0.0.254', true],
  ['10.0.0.1', 24, '10.0.1.1', false],
  ['10.0.0.1', 23, '10.0.1.1', true],
  ['10.0.0.1', 32, '10.0.0.1', true],
  ['10.0.0.1', 0, '203.0.113.9', true],
  ['fd09::1', 64, 'fd09::ffff:1', true],
  ['fd09::1', 64, 'fd09:0:0:1::1', false],
  ['fe80::1', 64, 'fe80::2%eth0', true],
  ['10.0.0.1', 0, '::1', false],
  ['::', 0, '10.0.0.1', false],
])('%s/%i and %s: %s', (network, prefixLength, ip, expected) => {
  expect(subnetTest(network, prefixLength)(ip)).toBe(expected);
});

it.each<[string, number]>([
  ['10.0.0', 24],
  ['10.0.0.1', 33],
])('refuses %s/%i', (network, prefixLength) => {
  expect(() => subnetTest(network, prefixLength)).toThrow();
});
