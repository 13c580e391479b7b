/** What `-f` names: files, folders, and what is not there. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFiles } from '../../src/config/files.ts';

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-files-'));
  for (const name of ['b.cfg', 'a.cfg', 'B.cfg', 'é.cfg', '10.cfg', '9.cfg', '.hidden.cfg', 'notes.txt', 'x.cfg.bak']) {
    writeFileSync(at(name), `# ${name}\n`);
  }
  mkdirSync(at('folder.cfg'));
  symlinkSync(at('a.cfg'), at('link.cfg'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('configuration files', () => {
  it('are read as they are named, in that order', () => {
    const { files, problems } = readConfigFiles([at('b.cfg'), at('notes.txt')]);
    expect(files.map((file) => file.text)).toEqual(['# b.cfg\n', '# notes.txt\n']);
    expect(problems).toEqual([]);
  });

  it('of a folder are those that end in .cfg, in the order of their bytes', () => {
    const { files } = readConfigFiles([folder]);
    const names = ['10.cfg', '9.cfg', 'B.cfg', 'a.cfg', 'b.cfg', 'link.cfg', 'é.cfg'];
    expect(files.map((file) => file.name)).toEqual(names.map(at));
  });

  it('that cannot be read are problems, the others are read', () => {
    const { files, problems } = readConfigFiles([at('missing.cfg'), at('a.cfg')]);
    expect(files).toHaveLength(1);
    expect(problems).toMatchObject([{ severity: 'error', code: 'unreadable-file', file: at('missing.cfg') }]);
  });
});
