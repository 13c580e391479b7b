/** The table covers keepalived's keywords, and the document shows the table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderPairSupportDocument } from '../../../src/config/keepalived/support-document.ts';
import { PAIR_SUPPORT_TABLE } from '../../../src/config/keepalived/support-table.ts';

const root = join(import.meta.dirname, '../../..');

/** Blocks of keepalived's and the titles of our tables. */
const BLOCKS: Readonly<Record<string, string>> = {
  top: 'Top level',
  global_defs: 'global_defs',
  vrrp_instance: 'vrrp_instance',
  authentication: 'authentication',
  vrrp_sync_group: 'vrrp_sync_group',
  vrrp_script: 'vrrp_script',
  vrrp_track_process: 'vrrp_track_process',
  track_file: 'track_file',
  virtual_server: 'virtual_server',
  real_server: 'real_server',
};

describe('the table of keywords', () => {
  const list = readFileSync(join(root, 'test/config/golden/keepalived/keepalived-2.2-keywords.txt'), 'utf8');
  const known = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const groups = PAIR_SUPPORT_TABLE;

  it.each(Object.keys(BLOCKS))('has every keyword of keepalived 2.2: %s', (block) => {
    const words = known.filter((line) => line.startsWith(`${block} `)).map((line) => line.slice(block.length + 1));
    const rows = groups.find(({ title }) => title === BLOCKS[block])?.rows.map(({ word }) => word) ?? [];
    expect(words.length).toBeGreaterThan(1);
    expect(words.filter((word) => !rows.includes(word))).toEqual([]);
  });

  it('gives every keyword that does not work a reason', () => {
    for (const { rows } of groups) {
      for (const { word, support, note } of rows) if (support !== 'supported') expect(note, word).not.toBe('');
    }
  });
});

it('docs/keepalived-support.md is current (npm run docs)', () => {
  const written = readFileSync(join(root, 'docs/keepalived-support.md'), 'utf8');
  expect(written).toBe(renderPairSupportDocument(PAIR_SUPPORT_TABLE));
});
