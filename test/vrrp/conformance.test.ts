/** docs/vrrp-conformance.md says which test checks what of the RFCs: that it is all there, and that they are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const ITEMS = 26;
const items = read('docs/vrrp-conformance.md')
  .split(/^(?=\d+\. )/m)
  .slice(1);

interface Check {
  readonly file: string;
  readonly titles: readonly string[];
}

/** `- FILE: “title”, “title”`, over several lines. */
function checksOf(item: string): Check[] {
  const [, ...lines] = item.split(/^ +- (?=`)/m);
  return lines.map((line) => ({
    file: /^`([^`]+)`:/.exec(line)?.[1] ?? '',
    titles: [...line.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  }));
}

/** A test by its title, a row of a table by its first word; in a file of expectations, any text. */
function isIn(file: string, title: string): boolean {
  const text = read(file);
  if (!file.endsWith('.ts')) return text.includes(title);
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => text.includes(quoted));
}

describe('the RFCs’ requirements', () => {
  it('are all there, in order, each with a section and a test', () => {
    const numbers = items.map((item) => Number.parseInt(item, 10));
    expect(numbers).toEqual(Array.from({ length: ITEMS }, (_, i) => i + 1));
    for (const item of items) {
      const checks = checksOf(item);
      expect(checks.length, item).toBeGreaterThan(0);
      for (const { titles } of checks) expect(titles.length, item).toBeGreaterThan(0);
      const quoted = checks.reduce((sum, { titles }) => sum + titles.length, 0);
      expect(quoted, item).toBe(item.split('“').length - 1);
    }
  });

  it.each(items.map((item) => [item.split('\n')[0]?.slice(0, 60) ?? '', item] as const))('%s…', (_, item) => {
    const missing = checksOf(item).flatMap(({ file, titles }) => {
      if (!existsSync(join(root, file))) return [file];
      return titles.filter((title) => !isIn(file, title)).map((title) => `${file}: ${title}`);
    });
    expect(missing).toEqual([]);
  });
});
