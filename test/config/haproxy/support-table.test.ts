/** The table covers HAProxy's keywords, and the document shows the table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIND_PARAMETERS } from '../../../src/config/haproxy/bind.ts';
import { GLOBAL_KEYWORDS } from '../../../src/config/haproxy/global-keywords.ts';
import { OPTIONS } from '../../../src/config/haproxy/options.ts';
import { PROXY_KEYWORDS } from '../../../src/config/haproxy/proxy-keywords.ts';
import { SERVER_PARAMETERS } from '../../../src/config/haproxy/server.ts';
import { renderSupportDocument } from '../../../src/config/haproxy/support-document.ts';
import { SUPPORT_TABLE } from '../../../src/config/haproxy/support-table.ts';

const root = join(import.meta.dirname, '../../..');

const FAMILIES: Readonly<Record<string, { readonly keywords: ReadonlyMap<string, unknown> }>> = {
  global: GLOBAL_KEYWORDS,
  proxy: PROXY_KEYWORDS,
  option: OPTIONS,
  bind: BIND_PARAMETERS,
  server: SERVER_PARAMETERS,
};

describe('the table of keywords', () => {
  const list = readFileSync(join(root, 'test/config/golden/haproxy-2.6-keywords.txt'), 'utf8');
  const known = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it.each(Object.keys(FAMILIES))('has every keyword of HAProxy 2.6: %s', (family) => {
    const words = known.filter((line) => line.startsWith(`${family} `)).map((line) => line.slice(family.length + 1));
    const missing = words.filter((word) => !FAMILIES[family]?.keywords.has(word));
    expect(words.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it('can do every supported keyword and gives every other one a reason', () => {
    for (const { rows } of SUPPORT_TABLE) {
      for (const row of rows) if (row.support !== 'supported') expect(row.note, row.word).not.toBe('');
    }
  });
});

describe('docs/haproxy-support.md', () => {
  it('is current (npm run docs writes it)', () => {
    expect(readFileSync(join(root, 'docs/haproxy-support.md'), 'utf8')).toBe(renderSupportDocument(SUPPORT_TABLE));
  });
});
