/** Lines out of a pipe, however its bytes come. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readPipe } from '../../src/cli/log-source.ts';

async function linesOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  await readPipe(Readable.from(chunks), async (line) => void lines.push(line));
  return lines;
}

it('lines are whole wherever they are cut, the last one without an end, too', async () => {
  const bytes = Buffer.from('one\r\nzwölf\n\nlast');
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(await linesOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(['one', 'zwölf', '', 'last']);
  }
});

it('a line without an end is shown in pieces, and not kept', async () => {
  const chunk = Buffer.alloc(65_536, 'x');
  const lines = await linesOf(Array.from({ length: 64 }, () => chunk));
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.join('').length).toBe(64 * chunk.length);
});
