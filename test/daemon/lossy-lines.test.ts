import { expect, it } from 'vitest';
import { LossyLines } from '../../src/daemon/lossy-lines.ts';
import * as libc from '../../src/sys/libc.ts';

/** Takes lines, or does not. */
class Reader {
  readonly lines: string[] = [];
  takes = true;

  send(address: number, length: number): boolean {
    if (this.takes) this.lines.push(Buffer.from(libc.view(address, length)).toString());
    return this.takes;
  }

  close(): void {}
}

const missing = (lines: number): string => `(${lines} missing)\n`;

it('lines are written as they are', () => {
  const reader = new Reader();
  const lines = new LossyLines(reader, missing);
  lines.write('Grüße\n');
  lines.write('b\n');
  expect([reader.lines, lines.lost]).toEqual([['Grüße\n', 'b\n'], 0]);
});

it('lines that nobody takes are counted, and said before the next one that is taken', () => {
  const reader = new Reader();
  const lines = new LossyLines(reader, missing);
  reader.takes = false;
  for (const line of ['a', 'b', 'c']) lines.write(line);
  expect(lines.lost).toBe(3);
  reader.takes = true;
  for (const line of ['d', 'e']) lines.write(line);
  expect([reader.lines, lines.lost]).toEqual([['(3 missing)\n', 'd', 'e'], 0]);
});

it('a line that is too long for a pipe to take as a whole is cut, and still ends', () => {
  const reader = new Reader();
  new LossyLines(reader, missing).write(`${'ü'.repeat(5000)}\n`);
  const [line = ''] = reader.lines;
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
  expect(line).toMatch(/^ü+…\n$/);
});
