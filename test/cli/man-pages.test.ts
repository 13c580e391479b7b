import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAPROXY_USAGE } from '../../src/cli/haproxy-usage.ts';
import { KEEPALIVED_USAGE } from '../../src/cli/keepalived-usage.ts';
import { SETUP_USAGE } from '../../src/cli/setup-arguments.ts';
import { WATCH_USAGE } from '../../src/cli/watch-arguments.ts';
import { TANDEM_KEYWORDS } from '../../src/config/keepalived/tandem-block.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = readdirSync(join(root, 'man'));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const words = (page: string): Set<string> => new Set(read(`man/${page}`).split(/[\s,|]+/));

/** Of `--name` and `-n` at the start of a word; what is quoted is somebody else's. */
function optionsIn(usage: string): string[] {
  const own = usage.replace(/'[^'\n]* [^'\n]*'/g, '');
  return [...new Set([...own.matchAll(/(?<=^|[\s[/])-(-?[A-Za-z][\w-]*)/gm)].map(([, name = '']) => name))];
}

describe('man pages', () => {
  it('those of the package are those that are there', () => {
    const { man, files } = JSON.parse(read('package.json')) as Record<'man' | 'files', readonly string[]>;
    expect([...man].sort()).toEqual(pages.map((page) => `man/${page}`).sort());
    expect(files).toContain('man');
  });

  it('tandem: each command and each option', () => {
    const usage = /const USAGE = `([^`]*)`/.exec(read('src/cli/tandem.ts'))?.[1] ?? '';
    const known = new Set([...words('tandem.1'), ...words('tandem.8')]);
    const commands = [...usage.matchAll(/^ {2}([a-z][a-z, ]*?)(?: {2}| -| \[| make)/gm)].flatMap(([, names = '']) =>
      names.split(', ').map((name) => name.trim()),
    );
    expect(commands).toEqual(expect.arrayContaining(['run', 'check', 'install', 'uninstall', 'migrate']));
    expect(commands.filter((name) => !known.has(name))).toEqual([]);
    const options = [usage, WATCH_USAGE, ...Object.values(SETUP_USAGE)].flatMap(optionsIn);
    expect(options.length).toBeGreaterThan(10);
    expect(options.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([
    ['tandem-haproxy.8', HAPROXY_USAGE],
    ['tandem-keepalived.8', KEEPALIVED_USAGE],
  ])('%s: each option', (page, usage) => {
    const known = words(page);
    // Letters that are written together.
    const letters = [...read(`man/${page}`).matchAll(/Fl ([A-Za-z]+)$/gm)].flatMap(([, all = '']) => [...all]);
    const missing = optionsIn(usage).filter((name) => !known.has(name) && !letters.includes(name) && name !== 'vdVD');
    expect(missing).toEqual([]);
  });

  it('tandem.cfg: each word that haproxy and keepalived do not know', () => {
    const known = words('tandem.cfg.5');
    const tuned = [...read('docs/haproxy-support.md').matchAll(/`(tune\.tandem\.[\w-]+)`/g)].map(
      ([, name = '']) => name,
    );
    expect(tuned.length).toBeGreaterThan(3);
    const own = [...TANDEM_KEYWORDS.keywords.keys()];
    expect([...tuned, ...own].filter((name) => !known.has(name))).toEqual([]);
  });
});

describeWithPeer('mandoc', 'man pages', () => {
  it.each(pages)('%s is as mandoc wants it', (page) => {
    const lint = spawnSync(programPath('mandoc'), ['-Tlint', '-Wwarning', join(root, 'man', page)], {
      encoding: 'utf8',
    });
    expect([lint.status, lint.stdout, lint.stderr]).toEqual([0, '', '']);
  });
});
