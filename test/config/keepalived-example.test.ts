import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { detectSyntax } from '../../src/config/detect.ts';
import { loadKeepalivedConfig } from '../../src/config/keepalived/load.ts';

const path = join(import.meta.dirname, '../../examples/keepalived.conf');

it('examples/keepalived.conf is told apart, and has no error and no warning', () => {
  const file = { name: 'keepalived.conf', text: readFileSync(path, 'utf8') };
  const { model, problems } = loadKeepalivedConfig([file], {
    env: {},
    readFile: () => Buffer.alloc(0),
    listFolder: () => [],
    hostname: 'here',
    configId: 'here',
    strictIncludes: false,
    folder: '/',
    random: () => 0,
  });
  expect(detectSyntax('', file.text)).toBe('keepalived');
  expect(problems).toEqual([]);
  expect(model?.instances.map(({ name }) => name)).toEqual(['www']);
});
