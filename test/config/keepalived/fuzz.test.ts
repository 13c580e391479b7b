/** Text that nobody meant: cut anywhere, mixed up by a seed. Nothing throws, every problem has its place, all of it in time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';

const folder = join(import.meta.dirname, '../golden/keepalived');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

function load(text: string): void {
  const { model, problems } = loadKeepalivedConfig([{ name: 'fuzz.conf', text }], {
    env: {},
    readFile: () => Buffer.from('interface eth0\n'),
    listFolder: () => ['a.conf'],
    hostname: 'golden',
  });
  expect(model === null).toBe(problems.some(({ severity }) => severity === 'error'));
  const lines = text.split('\n').length;
  for (const { file, line, column } of problems) {
    expect(column).toBeGreaterThan(0);
    expect(line).toBeGreaterThan(0);
    if (file === 'fuzz.conf') expect(line).toBeLessThanOrEqual(lines);
  }
}

/** Numerical Recipes' LCG: the same run each time. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it('a file cut at every byte', () => {
  const text = read('oracle-track-script.conf');
  for (let length = 0; length <= text.length; length++) load(text.slice(0, length));
});

it('the file with every keyword, cut here and there', () => {
  const text = read('every-keyword.conf');
  for (let length = 0; length <= text.length; length += 61) load(text.slice(0, length));
});

const SPARKS = [
  '{',
  '}',
  '"',
  "'",
  '$',
  `\${`,
  '\\',
  '#',
  '!',
  '@',
  '~SEQ(n, 3) ',
  '~LST(',
  '=',
  '\0',
  '\t',
  '\n',
  '/',
  ':',
  '-1',
  '999999999999',
  'é',
];

it.each([1, 2, 3, 4, 5, 6])('lines and characters mixed up, seed %d', (seed) => {
  const next = generator(seed);
  const files = readdirSync(folder).filter((name) => name.endsWith('.conf'));
  const lines = files.flatMap((name) => read(name).split('\n'));
  for (let round = 0; round < 40; round++) {
    const picked = Array.from({ length: 60 }, () => lines[next(lines.length)] ?? '');
    let text = picked.join('\n');
    for (let change = 0; change < 12; change++) {
      const at = next(text.length + 1);
      text = text.slice(0, at) + (SPARKS[next(SPARKS.length)] ?? '') + text.slice(at + next(3));
    }
    load(text);
  }
});

it('points behind what is written, not behind what a definition makes of it', () => {
  const text = '$COMMON=aaaaaaaaaaaaaaaa\nvrrp_instance $COMMON\n';
  const { problems } = loadKeepalivedConfig([{ name: 'fuzz.conf', text }], {
    env: {},
    readFile: () => Buffer.alloc(0),
    listFolder: () => [],
    hostname: 'golden',
  });
  const missing = problems.find(({ code }) => code === 'missing-brace');
  expect(missing).toMatchObject({ line: 2, column: 'vrrp_instance $'.length + 1 });
});
