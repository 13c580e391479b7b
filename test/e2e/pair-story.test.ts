/** The whole story, as `npm run demo:pair` tells it: the published files unchanged, with proxies, servers and a client. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeAsRoot } from '../support/peers.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'demo-pair.mjs');

/**
 * What a client may lose in ms. Version 2 at 1 s: 3 s and 156/256 s. Two seconds more, for machines that do something else as well: what
 * it costs where they do not, `npm run bench:pair` says.
 */
const SLOW_MACHINE_MS = 2000;
const LIMITS: readonly (readonly [string, number])[] = [
  ['kill -9 of the data process on box1', SLOW_MACHINE_MS],
  ['kill -9 of everything on box1', 3610 + SLOW_MACHINE_MS],
  ['box1 comes back', SLOW_MACHINE_MS],
  ['box1 is told to stop', SLOW_MACHINE_MS],
];

describeAsRoot('the story of a pair', () => {
  it('is told with less than the formula allows', async () => {
    const { stdout } = await run(process.execPath, [SCRIPT], { timeout: 60_000 });
    for (const [title, limitMs] of LIMITS) {
      const line = stdout.split('\n').find((text) => text.includes(title) && text.includes('without an answer'));
      const lostMs = Number(/for (\d+) ms/.exec(line ?? '')?.[1] ?? Number.NaN);
      expect([title, lostMs < limitMs, stdout]).toEqual([title, true, stdout]);
    }
    expect(stdout).toContain('one owner: box2');
    // Whoever leaves or comes on purpose costs nobody a request.
    for (const title of ['box1 comes back', 'box1 is told to stop']) {
      const line = stdout.split('\n').find((text) => text.includes(title) && text.includes('without an answer'));
      expect([title, line]).toEqual([title, expect.stringContaining('(0 of ')]);
    }
  }, 80_000);
}, ['netns', 'ip']);
