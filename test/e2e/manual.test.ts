/** The manual is true: its files are written, its commands typed, and what it promises is seen (test/e2e/manual/page.ts says how). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { ManualBoxes } from './manual/boxes.ts';
import { matches, readPage, type Step } from './manual/page.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs');
const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, steps: readPage(readFileSync(join(folder, name), 'utf8')) }))
  .filter(({ steps }) => steps.length > 0);

/** systemd, an engine for containers, the registry and the package manager cannot be had in the namespaces of a test. */
const NOT_HERE =
  /^(sudo |[A-Z]+=\S+ )?(systemctl|journalctl|docker|npm|apt|git|cd|tandem (install|migrate|uninstall)|make|node)( |$)/;

describe('the manual', () => {
  it('shows no command untried, but for those that need what cannot be here', () => {
    const untried = pages.flatMap(({ name, steps }) =>
      steps.flatMap((step) => (step.kind === 'untried' ? [{ name, ...step }] : [])),
    );
    expect(untried.filter(({ command }) => !NOT_HERE.test(command))).toEqual([]);
  });

  it.each<[string, string, boolean]>([
    ['a\n', 'a', true],
    ['a\n', 'b', false],
    ['one two three\n', 'one … three', true],
    ['x\ny\nlast\n', '…\nlast', true],
    ['last\n', '…\nlast', true],
    ['last\nmore\n', 'last', false],
    ['a.c\n', 'abc', false],
  ])('%j is what %j promises: %s', (seen, promised, isTrue) => {
    expect(matches(promised.split('\n'), seen)).toBe(isTrue);
  });
});

describeWithPeer(['netns', 'curl'], 'a page, from its first line to its last', () => {
  describe.each(pages.filter(({ steps }) => steps.some(({ kind }) => kind === 'command')))('$name', ({ steps }) => {
    const boxes = new ManualBoxes();
    const inner = steps.some((step) => step.kind === 'command' && step.box === 'web3');
    beforeAll(() => boxes.start({ inner }));
    afterAll(() => boxes.remove());

    it('is true', { timeout: 180_000 }, async () => {
      for (const step of steps) await take(boxes, step);
    });
  });
});

async function take(boxes: ManualBoxes, step: Step): Promise<void> {
  if (step.kind === 'file') boxes.write(step);
  else if (step.kind === 'command') await boxes.run(step);
}
