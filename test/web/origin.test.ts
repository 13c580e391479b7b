import { describe, expect, it } from 'vitest';
import { isMisdirected } from '../../src/web/origin.ts';

describe('a request under a name that somebody else has led here', () => {
  it.each<[string, string | undefined, string, boolean]>([
    ['GET', 'evil.example', '127.0.0.1', true],
    ['GET', 'evil.example', '::1', true],
    ['GET', 'lb.example.com', '192.0.2.11', false],
    ['POST', 'lb.example.com', '192.0.2.11', true],
    ['POST', '192.0.2.11:8405', '192.0.2.11', false],
    ['POST', '[2001:db8::1]:8405', '2001:db8::1', false],
    ['POST', 'LB1:8405', '192.0.2.11', false],
    ['POST', 'lb1.evil.example', '192.0.2.11', true],
    ['POST', undefined, '192.0.2.11', false],
  ])('%s %s at %s is misdirected: %j', (method, host, address, expected) => {
    expect(isMisdirected(method, host, address, 'lb1')).toBe(expected);
  });
});
