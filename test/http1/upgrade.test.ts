import { describe, expect, it } from 'vitest';
import { offeredProtocols, wasOffered } from '../../src/http1/upgrade.ts';
import { scanRequest, scanResponse } from './scanned.ts';

const lines = (upgrade: readonly string[]) => upgrade.map((value) => `Upgrade: ${value}\r\n`).join('');
const offerOf = (...upgrade: string[]) => {
  const { head, bytes } = scanRequest(`GET / HTTP/1.1\r\nHost: s\r\nConnection: upgrade\r\n${lines(upgrade)}\r\n`);
  return offeredProtocols(head, bytes);
};

describe('what a 101 switches to (RFC 9110 7.8)', () => {
  it('is one of what the request offers, h2c aside', () => {
    expect(offerOf('a/1', 'h2c, B ,, c')).toBe(',a/1,b,c,');
  });

  it.each([
    [['a'], ['a'], true],
    [['A'], ['a'], true],
    [['a, b'], ['b'], true],
    [['a, b'], ['b, a'], true],
    [['a', 'b'], ['b', 'a'], true],
    [['a'], ['b'], false],
    [['a'], ['a, b'], false],
    [['a'], ['a', 'b'], false],
    [['ab'], ['a'], false],
    [['a/1'], ['a'], false],
    [['a, b'], ['a b'], false],
  ])('offered %j, chosen %j: %s', (offered, chosen, expected) => {
    const { head, bytes } = scanResponse(`HTTP/1.1 101 S\r\nConnection: upgrade\r\n${lines(chosen)}\r\n`);
    expect(wasOffered(head, bytes, offerOf(...offered))).toBe(expected);
  });
});
