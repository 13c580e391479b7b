/** Networks as `except` takes them. */
import { describe, expect, it } from 'vitest';
import { parseNetwork } from '../../../src/config/haproxy/option-forwardfor.ts';

describe('a network', () => {
  it.each([
    ['127.0.0.1', 4, '127.0.0.1', 32],
    ['10.0.0.0/8', 4, '10.0.0.0', 8],
    ['10.0.0.0/255.255.0.0', 4, '10.0.0.0', 16],
    ['0.0.0.0/0', 4, '0.0.0.0', 0],
    ['::1', 6, '::1', 128],
    ['2001:db8::/32', 6, '2001:db8::', 32],
  ])('%s', (text, family, ip, prefixLength) => {
    expect(parseNetwork(text)).toEqual({ family, ip, prefixLength });
  });

  it.each([
    '',
    'x',
    '10.0.0.0/33',
    '10.0.0.0/255.0.255.0',
    '10.0.0.0/8/8',
    '::/129',
    '::/255.0.0.0',
    '10.0.0.0/',
    'fe80::1%lo',
  ])('is not %j', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});
