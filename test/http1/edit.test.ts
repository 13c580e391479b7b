import { describe, expect, it } from 'vitest';
import { rewriteHead } from '../../src/http1/edit.ts';
import { HEAD_OK } from '../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { HEADROOM, Lcg, placed, rewritten, scanRequest } from './scanned.ts';

const LINES = ['A: 1', 'Bb: 22', 'Ccc: 333', 'Dddd: 4444'];
const head = (lines: readonly string[]) =>
  `GET / HTTP/1.1\r\nHost: s\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

describe('rewriteHead', () => {
  it('moves nothing when there is nothing to do', () => {
    const scanned = scanRequest(head(LINES));
    expect(rewriteHead(scanned.head, scanned.bytes, Buffer.alloc(0), 0)).toBe(HEADROOM);
    expect(scanned.bytes.equals(placed(head(LINES)))).toBe(true);
  });

  it('puts new lines after the last one', () => {
    expect(rewritten(scanRequest(head(LINES)), 'X: y\r\nZ: \r\n')).toBe(head([...LINES, 'X: y', 'Z: ']));
    expect(rewritten(scanRequest('GET / HTTP/1.0\r\n\r\n'), 'X: y\r\n')).toBe('GET / HTTP/1.0\r\nX: y\r\n\r\n');
  });

  it('takes only the given length of the insert', () => {
    const { head: scannedHead, bytes } = scanRequest(head([]));
    const start = rewriteHead(scannedHead, bytes, Buffer.from('X: y\r\nrest of a larger buffer'), 6);
    expect(bytes.toString('latin1', start, scannedHead.end)).toBe(head(['X: y']));
  });

  it('drops every combination of lines, with inserts from nothing to more than was there', () => {
    for (let drops = 0; drops < 1 << (LINES.length + 1); drops++) {
      for (const insertLength of [0, 4, 6, 7, 8, 9, 14, 20, 33, 80]) {
        const insert = insertLength === 0 ? '' : `${'I: '.padEnd(insertLength - 2, 'i')}\r\n`;
        const body = 'body bytes';
        const scanned = scanRequest(head(LINES) + body);
        for (let i = 0; i <= LINES.length; i++) if ((drops & (1 << i)) !== 0) scanned.head.drop(i);
        const all = ['Host: s', ...LINES];
        const kept = all.filter((_, i) => (drops & (1 << i)) === 0).map((line) => `${line}\r\n`);
        expect(rewritten(scanned, insert)).toBe(`GET / HTTP/1.1\r\n${kept.join('')}${insert}\r\n`);
        const after = scanned.bytes.toString('latin1', scanned.head.end, scanned.head.end + body.length);
        expect(after).toBe(body);
      }
    }
  });

  it('touches no byte outside its headroom and the head', () => {
    const random = new Lcg(7);
    for (let round = 0; round < 300; round++) {
      const scanned = scanRequest(head(LINES));
      const end = scanned.head.end;
      for (let i = 0; i <= LINES.length; i++) if (random.below(2) === 0) scanned.head.drop(i);
      const insert = 'x'.repeat(random.below(40));
      const before = Buffer.from(scanned.bytes);
      rewriteHead(scanned.head, scanned.bytes, Buffer.from(insert), insert.length);
      const low = HEADROOM - insert.length;
      expect(scanned.bytes.subarray(0, low).equals(before.subarray(0, low))).toBe(true);
      expect(scanned.bytes.subarray(end).equals(before.subarray(end))).toBe(true);
    }
  });

  it('counts a line that is dropped twice once', () => {
    const scanned = scanRequest(head(LINES));
    scanned.head.drop(2);
    scanned.head.drop(2);
    expect(scanned.head.droppedCount).toBe(1);
    expect(rewritten(scanned, 'X: y\r\n')).toBe(head(['A: 1', 'Ccc: 333', 'Dddd: 4444', 'X: y']));
  });

  it('forgets the drops of the request before', () => {
    const bytes = placed(head(LINES));
    const reused = new RequestHead();
    const end = HEADROOM + head(LINES).length;
    expect(scanRequestHead(reused, bytes, HEADROOM, end, 101)).toBe(HEAD_OK);
    for (let i = 0; i <= LINES.length; i++) reused.drop(i);
    expect(scanRequestHead(reused, bytes, HEADROOM, end, 101)).toBe(HEAD_OK);
    expect(reused.droppedCount).toBe(0);
    expect(bytes.toString('latin1', rewriteHead(reused, bytes, Buffer.alloc(0), 0), reused.end)).toBe(head(LINES));
  });

  it('never needs more than 16 bytes of headroom beyond the insert', () => {
    for (const text of ['GET http://s HTTP/1.0\r\n\r\n', 'GET http://s?x HTTP/1.5\r\nHost: s\r\n\r\n']) {
      const scanned = scanRequest(text);
      const start = rewriteHead(scanned.head, scanned.bytes, Buffer.from('X: y\r\n'), 6);
      expect(start).toBeGreaterThanOrEqual(HEADROOM - 16 - 6);
    }
  });
});
