import { describe, expect, it } from 'vitest';
import { dropRestricted } from '../../src/http1/restricted-names.ts';
import { keptLines, scanRequest } from './scanned.ts';

const dropped = (line: string): boolean => {
  const scanned = scanRequest(`GET / HTTP/1.1\r\nHost: s\r\n${line}\r\nA-1z: b\r\n\r\n`);
  const found = dropRestricted(scanned.head, scanned.bytes);
  expect(keptLines(scanned).length).toBe(found ? 2 : 3);
  expect(scanned.head.droppedCount).toBe(found ? 1 : 0);
  return found;
};

describe('restricted names', () => {
  it('are those with another character than letters, digits and -', () => {
    for (const byte of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
      const isPlain = /[-0-9A-Za-z]/.test(byte);
      for (const name of [byte, `X${byte}`, `${byte}X`, `X${byte}Y`]) {
        expect([name, dropped(`${name}: b`)]).toEqual([name, !isPlain]);
      }
    }
  });

  it('do not count when they go anyway', () => {
    const scanned = scanRequest('GET / HTTP/1.1\r\nHost: s\r\nConnection: X_A\r\nX_A: b\r\n\r\n');
    expect(dropRestricted(scanned.head, scanned.bytes)).toBe(false);
  });
});
