/**
 * Configurations in test/config/golden and what they are read as: `<name>.cfg` gives `<name>.problems.txt`, and
 * `<name>.model.txt` (JSON) when it has no errors. `npx vitest run test/config/golden.test.ts --update` writes them anew; read the diff.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../src/config/haproxy/load.ts';
import { formatProblem } from '../../src/config/report.ts';

const folder = join(import.meta.dirname, 'golden');
const configurations = readdirSync(folder).filter((name) => name.endsWith('.cfg'));

const context = {
  env: { LISTEN_PORT: '20099', MODE: 'tcp' },
  // The words of an operating system's error would differ between systems.
  readFile: (path: string): Buffer => {
    if (!existsSync(join(folder, path))) throw new Error('no such file');
    return readFileSync(join(folder, path));
  },
};

describe('golden configurations', () => {
  it.each(configurations)('%s', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { model, problems } = loadHaproxyConfig([{ name, text }], context);
    const stem = join(folder, name.replace(/\.cfg$/, ''));
    const lines = problems.map((problem) => `${formatProblem(problem)} [${problem.code}]\n`).join('');
    await expect(lines).toMatchFileSnapshot(`${stem}.problems.txt`);
    expect(model === null).toBe(problems.some((problem) => problem.severity === 'error'));
    if (model !== null) await expect(`${JSON.stringify(model, null, 1)}\n`).toMatchFileSnapshot(`${stem}.model.txt`);
    else expect(existsSync(`${stem}.model.txt`)).toBe(false);
  });
});
