/** Any line of bytes: an answer, never an exception, never a change without the level for it. */
import { afterEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/admin/command-table.ts';
import { AdminScene } from '../support/admin-scene.ts';
import { SeededRandom } from '../support/random.ts';

let scene: AdminScene;
afterEach(() => scene.close());

const WORDS = [
  ...new Set(COMMANDS.flatMap(({ words }) => words)),
  ...['app', 'app/s1', 'app/s2', '#3/#7', 'web', 'tcp/t1', '-1', '0', '1', '7', '99999999999999999999', '50%', '-0'],
  ...['json', 'typed', 'desc', 'up', 'no-maint', 'all', 'cli', 'state', 'health', 'weight', 'ready', 'drain', 'maint'],
  ...['up', 'down', 'stopping', 'request', 'response', '@1', '<<', '\\', '\\;', '"', "'", '%', '__proto__', 'toString'],
  ...['constructor', 'HOME', '/', '//', 'app/', '#', '#/#', '\x00', '\x1b[2J', 'é', 'a'.repeat(300)],
] as unknown as readonly [string, ...string[]];

function line(random: SeededRandom): string {
  const words = Array.from({ length: random.below(8) }, () => random.pick(WORDS));
  const start = random.below(3) === 0 ? [] : (random.pick(COMMANDS as never) as (typeof COMMANDS)[number]).words;
  return [...start, ...words].join(random.pick([' ', ' ', '  ', ';', '\t']));
}

describe.each(['user', 'admin'])('at level %s', (level) => {
  it.each([1, 2, 3, 4])('anything is answered (seed %i)', async (seed) => {
    scene = new AdminScene(`level ${level}`);
    const random = new SeededRandom(seed);
    for (let i = 0; i < 150; i++) {
      const text = line(random);
      const answer = await scene.ask(text);
      expect(answer, text).not.toContain('Internal error');
    }
    expect(scene.side.said.filter((said) => said.startsWith('stats socket'))).toEqual([]);
    if (level === 'user') expect(scene.side.wakes).toBe(0);
  });

  it.each([5, 6])('any bytes are answered (seed %i)', async (seed) => {
    scene = new AdminScene(`level ${level}`);
    const random = new SeededRandom(seed);
    for (let i = 0; i < 150; i++) {
      const bytes = Array.from({ length: random.size(200) }, () => String.fromCharCode(random.below(256)));
      expect(await scene.ask(bytes.join(''))).not.toContain('Internal error');
    }
  });
});
