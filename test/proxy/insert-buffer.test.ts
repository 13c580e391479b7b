import { describe, expect, it } from 'vitest';
import { InsertBuffer } from '../../src/proxy/insert-buffer.ts';

const X = Buffer.from('x'.repeat(30));
const text = (insert: InsertBuffer) => Buffer.from(insert.bytes.subarray(0, insert.length)).toString('latin1');

describe('an insert buffer', () => {
  it('holds as much as it has room for, and refuses the byte after', () => {
    for (let room = 0; room <= 20; room++) {
      const insert = new InsertBuffer(20);
      insert.add(X, 0, 20 - room);
      expect(insert.overflow).toBe(false);
      insert.add(X, 0, room);
      expect([insert.overflow, insert.length]).toEqual([false, 20]);
      insert.add(X, 0, 1);
      expect([insert.overflow, insert.length]).toEqual([true, 20]);
    }
  });

  it.each([
    ['a line end', 2, (insert: InsertBuffer) => insert.endLine()],
    ['an address', 15, (insert: InsertBuffer) => insert.addIp4(0xffffffff)],
    ['all of something', 30, (insert: InsertBuffer) => insert.addAll(X)],
  ])('takes %s whole or not at all', (_, size, add) => {
    const fits = new InsertBuffer(size);
    add(fits);
    expect([fits.overflow, fits.length]).toEqual([false, size]);
    const small = new InsertBuffer(size - 1);
    add(small);
    expect([small.overflow, small.length]).toEqual([true, 0]);
  });

  it('is as new when it is cleared', () => {
    const insert = new InsertBuffer(4);
    insert.addAll(X);
    insert.clear();
    insert.add(X, 0, 2);
    insert.endLine();
    expect([insert.overflow, text(insert)]).toEqual([false, 'xx\r\n']);
  });

  it('writes every octet of an address', () => {
    for (let octet = 0; octet < 256; octet++) {
      const insert = new InsertBuffer(40);
      insert.addIp4(((octet << 24) | (octet << 8) | (255 - octet)) >>> 0);
      expect(text(insert)).toBe(`${octet}.0.${octet}.${255 - octet}`);
    }
  });
});
