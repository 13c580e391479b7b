/**
 * Configurations in test/config/golden/keepalived and what they are read as: `<name>.conf` gives `<name>.problems.txt`, and
 * `<name>.model.txt` (JSON) when it has no errors. `npx vitest run test/config/keepalived/golden.test.ts --update` writes them
 * anew; read the diff.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';
import type { LoadContext } from '../../../src/config/keepalived/source.ts';
import { formatProblem } from '../../../src/config/report.ts';

const folder = join(import.meta.dirname, '../golden/keepalived');
const configurations = readdirSync(folder).filter((name) => name.endsWith('.conf'));

const context: LoadContext = {
  env: {},
  // The words of an operating system's error would differ between systems.
  readFile: (path) => {
    if (!existsSync(join(folder, path))) throw new Error('no such file');
    return readFileSync(join(folder, path));
  },
  listFolder: (path) => readdirSync(join(folder, path)),
  hostname: 'golden',
};

describe('golden configurations', () => {
  it.each(configurations)('%s', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { model, problems } = loadKeepalivedConfig([{ name, text }], context);
    const stem = join(folder, name.replace(/\.conf$/, ''));
    const lines = problems.map((problem) => `${formatProblem(problem)} [${problem.code}]\n`).join('');
    await expect(lines).toMatchFileSnapshot(`${stem}.problems.txt`);
    expect(model === null).toBe(problems.some((problem) => problem.severity === 'error'));
    if (model !== null) await expect(`${JSON.stringify(model, null, 1)}\n`).toMatchFileSnapshot(`${stem}.model.txt`);
    else expect(existsSync(`${stem}.model.txt`)).toBe(false);
  });
});
